/** The arguments that all lists share; docs/tools.md explains them once. */
const PAGE_ARGUMENTS = ['limit', 'before', 'after', 'order'];

/**
 * The generated section of docs/tools.md: an index of the toolsets, then each toolset with its tools.
 * @param toolsets The toolsets as src/tools/catalog.ts declares them.
 * @param entries What catalogEntries() of the same module returns.
 */
export function toolReference(toolsets, entries) {
  const definitions = new Map(entries.map(({ definition }) => [definition.name, definition]));
  const pageSchemas = definitions.get('list_organizations').inputSchema.properties;
  const isShared = (tool, name, schema) =>
    !tool.fields.includes(name) ||
    (PAGE_ARGUMENTS.includes(name) && JSON.stringify(schema) === JSON.stringify(pageSchemas[name]));
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
      ...tools.flatMap((tool) => toolEntry(tool, definitions.get(tool.name), isShared)),
    ]),
  ].join('\n');
}

function toolEntry(tool, { title, description, inputSchema }, isShared) {
  const { properties = {}, required = [] } = inputSchema;
  const facts = [tool.effect, tool.core && 'core', ...routesOf(tool).map((route) => `\`${route}\``)].filter(Boolean);
  const own = Object.entries(properties).filter(([name, schema]) => !isShared(tool, name, schema));
  const shared = Object.keys(properties).filter((name) => isShared(tool, name, properties[name]));
  const lines = own.map(([name, schema]) => {
    const facts = [typeOf(schema), required.includes(name) && 'required'].filter(Boolean).join(', ');
    return `- \`${name}\` (${facts})${schema.description ? `: ${plain(schema.description)}` : ''}`;
  });
  if (shared.length) {
    const names = shared.map((name) => `\`${name}\``).join(', ');
    lines.push(`- ${names}: see [shared arguments](#shared-arguments)`);
  }
  const list = lines.length ? ['', ...lines] : [];
  return ['', `### ${tool.name}`, '', `**${title}** · ${facts.join(' · ')}`, '', plain(description), ...list];
}

function routesOf(tool) {
  return tool.kind === 'endpoint' ? [tool.route] : tool.kind === 'workflow' ? tool.routes : [];
}

/** A JSON Schema in a few words: `string or null`, `array of string`, `asc | desc`. */
function typeOf(schema) {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' | ');
  if ('const' in schema) return `\`${schema.const}\``;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ');
  const types = [schema.type ?? []].flat().map((type) => nameOf(type, schema));
  return types.join(' or ') || 'any value';
}

function nameOf(type, schema) {
  if (type === 'array') return schema.items ? `array of ${typeOf(schema.items)}` : 'array';
  if (type === 'integer' || type === 'number') return `${type}${rangeOf(schema)}`;
  if (type !== 'object' || !schema.properties) return type;
  const { required = [] } = schema;
  const fields = Object.keys(schema.properties).map((name) => (required.includes(name) ? name : `${name}?`));
  return `object {${fields.join(', ')}}`;
}

function rangeOf({ minimum, maximum }) {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  return maximum === undefined ? '' : ` up to ${maximum}`;
}

/** Text that Markdown shows as it is. */
function plain(text) {
  return text.replace(/[<>*|[\]]/g, '\\$&');
}
