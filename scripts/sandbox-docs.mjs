/**
 * The generated section of docs/tools.md: the tools whose operations the sandbox does not simulate.
 * @param documented the operations of the OpenAPI document, such as `GET /organizations/{id}`
 */
export function notSimulatedSection(toolsets, documented, simulatedOperations) {
  const simulated = new Set(simulatedOperations);
  const missing = new Set(documented.filter((operation) => !simulated.has(operation)).map(withoutNames));
  const count = `The sandbox simulates ${documented.length - missing.size} of the ${documented.length} operations of the API.`;
  if (missing.size === 0) return count;
  const tools = toolsets.flatMap((toolset) => toolset.tools);
  const rows = tools.flatMap(({ name, kind, route, routes }) => {
    const left = [kind === 'endpoint' ? route : (routes ?? [])].flat().filter((one) => missing.has(withoutNames(one)));
    return left.map((one) => `| [\`${name}\`](#${name}) | \`${one}\` |`);
  });
  return [`${count} These are left out:`, '', '| tool | request |', '|---|---|', ...rows].join('\n');
}

/** The generated section of docs/sandbox.md on the sections of a landscape. */
export function seedSection(sections) {
  const rows = sections.map(({ name, create, references = {}, afterwards = {}, fields }) => {
    const names = Object.entries(references).map(
      ([field, { table, by }]) => `\`${field}\`: ${by.join(' or ')} in ${table}`,
    );
    const source = create ? `\`${create}\`` : `${Object.keys(fields).filter(isOwn).map(code).join(', ')}`;
    const extra = Object.keys(afterwards).map(code);
    return `| \`${name}\` | ${[source, ...extra].join(', ')} | ${names.join('; ')} |`;
  });
  return ['| section | the fields of | names instead of ids |', '|---|---|---|', ...rows].join('\n');
}

/** The generated section of docs/sandbox.md on WorkOS's emulator. */
export function differencesSection(differences) {
  const rows = differences.map(({ requests, difference, reason }) => {
    return `| ${requests.map(code).join('<br>')} | ${difference} | ${reason} |`;
  });
  return ['| requests | difference | reason |', '|---|---|---|', ...rows].join('\n');
}

/** Whether a field is not already listed as a reference. */
function isOwn(field) {
  return !field.startsWith('_') && !field.endsWith('_id');
}

function code(text) {
  return `\`${text}\``;
}

/** An operation without the names of its placeholders, which differ between the tools and the document. */
function withoutNames(operation) {
  return operation.replaceAll(/\{[^}]+\}/g, '{}');
}
