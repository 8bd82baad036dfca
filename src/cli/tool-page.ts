import type { Config } from '../config/config.ts';
import { forbiddenEntry } from '../mcp/exposure.ts';
import { type CatalogEntry, tools } from '../tools/catalog.ts';
import { signature } from '../tools/signature.ts';
import { exampleCall } from './example-call.ts';
import type { Terminal } from './setup.ts';
import { paintFor, wrapped } from './terminal.ts';

/** Everything about one tool: what it does, its arguments, how to run it, and an example call. */
export function toolPage(
  entry: CatalogEntry,
  config: Config,
  exposed: readonly CatalogEntry[],
  terminal: Terminal | undefined,
): string[] {
  const { toolset, effect, dispatcher, definition } = entry;
  const { name, title, description, inputSchema } = definition;
  const tool = tools.get(name);
  const paint = paintFor(terminal);
  const width = terminal?.columns ?? Number.POSITIVE_INFINITY;
  const names = new Set(exposed.map((one) => one.definition.name));
  const forbidden = forbiddenEntry(config, entry);
  const listed = names.has(name) ? 'listed, so they call it by name' : `not listed; ${dispatcher} runs it`;
  const fields = argumentsOf(inputSchema);
  const column = fields.reduce((most, one) => Math.max(most, one.written.length), 0) + 4;
  const explained = fields.flatMap(({ written, words }) =>
    wrapped(words, Math.max(20, width - column)).map((line, at) =>
      at === 0
        ? `  ${paint.cyan(written)}${' '.repeat(column - written.length - 2)}${line}`.trimEnd()
        : ' '.repeat(column) + line,
    ),
  );
  return [
    `${paint.bold(title)} (${toolset}, ${effect})`,
    '',
    ...wrapped(signature(name, inputSchema), width),
    '',
    ...wrapped(description, width),
    '',
    ...(explained.length ? [paint.bold('Arguments'), ...explained, ''] : []),
    paint.bold('Run it'),
    ...(tool ? [`  ${exampleCall(tool)}`] : []),
    ...(forbidden ? [`  ${paint.yellow(`Forbidden: ${forbidden}.`)}`] : [`  In MCP clients: ${listed}.`]),
  ];
}

/** The arguments of a schema, required ones first. */
function argumentsOf({ properties, required }: Schema): { written: string; words: string }[] {
  const needed = Array.isArray(required) ? required : [];
  const fields = Object.entries(record(properties)).map(([name, field]) => {
    const [, type = ''] = /: (.*)\)$/s.exec(signature('', { properties: { [name]: field }, required: needed })) ?? [];
    const words = [type, record(field)['description']].filter(Boolean).join(' – ');
    return { needed: needed.includes(name), written: needed.includes(name) ? name : `${name}?`, words };
  });
  return fields.sort((a, b) => Number(b.needed) - Number(a.needed));
}

type Schema = Readonly<Record<string, unknown>>;

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
