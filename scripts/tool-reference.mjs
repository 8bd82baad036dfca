/**
 * The generated section of docs/tools.md: an index of the toolsets, then each toolset with its tools.
 * @param toolsets the toolsets declared in src/tools/catalog.ts
 * @param entries the result of catalogEntries() in the same module
 * @param signature the function in src/tools/signature.ts
 */
export function toolReference(toolsets, entries, signature) {
  const definitions = new Map(entries.map(({ definition }) => [definition.name, definition]));
  return [
    '| toolset | tools | in `core` | subject |',
    '|---|---:|---:|---|',
    ...toolsets.map(({ name, description, tools }) => {
      const core = tools.filter((tool) => tool.core).length;
      return `| [\`${name}\`](#${name}) | ${tools.length} | ${core || ''} | ${plain(description)} |`;
    }),
    ...toolsets.flatMap(({ name, description, tools }) => [
      '',
      `## ${name}`,
      '',
      `${plain(description)}.`,
      ...tools.flatMap((tool) => toolEntry(tool, definitions.get(tool.name), signature)),
    ]),
  ].join('\n');
}

function toolEntry(tool, { title, description, inputSchema }, signature) {
  const facts = [tool.effect, tool.core && 'core', ...routesOf(tool).map((route) => `\`${route}\``)].filter(Boolean);
  const lines = tool.fields.flatMap((name) => {
    const words = inputSchema.properties[name].description;
    return words ? [`- \`${name}\`: ${plain(words)}`] : [];
  });
  const list = lines.length ? ['', ...lines] : [];
  return [
    '',
    `### ${tool.name}`,
    '',
    `**${title}** · ${facts.join(' · ')}`,
    '',
    plain(description),
    '',
    '```',
    signature(tool.name, inputSchema),
    '```',
    ...list,
  ];
}

function routesOf(tool) {
  return tool.kind === 'endpoint' ? [tool.route] : tool.kind === 'workflow' ? tool.routes : [];
}

/** Escapes text for Markdown. */
function plain(text) {
  return text.replace(/[<>*|[\]]/g, '\\$&');
}
