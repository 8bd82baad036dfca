import type { Invocation } from '../config/argv.ts';
import { exposedTools } from '../mcp/exposure.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { withEnvironments } from '../tools/environment-schema.ts';
import { signature } from '../tools/signature.ts';
import { markdownTable } from './markdown-table.ts';
import type { Setup } from './setup.ts';
import { fitted, paintFor } from './terminal.ts';

/** Lists the tools that the settings expose, or explains any one tool. Returns the exit code. */
export async function tools(
  { words: [name], options }: Invocation,
  { config, entries, streams }: Setup,
): Promise<number> {
  const exposed = exposedTools(entries, config);
  const environments = config.environments.map((one) => one.name);
  const listed =
    name === undefined
      ? exposed
      : entries
          .filter(({ definition }) => definition.name === name)
          .map((entry) => withEnvironments(entry, environments));
  if (name !== undefined && listed.length === 0) {
    const names = entries.map(({ definition }) => definition.name);
    streams.err(`workos-mcp: There is no tool ${name}${didYouMean(name, names)}`);
    return 2;
  }
  const rows = listed.map(({ toolset, effect, definition: { name, title, description, inputSchema } }) => ({
    name,
    toolset,
    effect,
    title,
    signature: signature(name, inputSchema),
    description,
    input_schema: inputSchema,
  }));
  const [only] = listed;
  if (options['json']) {
    const short = rows.map(({ input_schema: _, ...row }) => row);
    streams.out(JSON.stringify(name === undefined ? short : rows[0], null, 1));
  } else if (options['markdown']) {
    const cells = rows.map((row) => [`\`${row.signature}\``, row.toolset, row.effect, row.description]);
    streams.out(markdownTable(['tool', 'toolset', 'effect', 'what it does'], cells));
  } else if (name !== undefined && only) {
    const { toolPage } = await import('./tool-page.ts');
    for (const line of toolPage(only, config, exposed, streams.outTerminal)) streams.out(line);
  } else {
    const terminal = streams.outTerminal;
    const paint = paintFor(terminal);
    const width = rows.reduce((longest, { toolset }) => Math.max(longest, toolset.length), 0);
    for (const row of rows) {
      const line = `${row.toolset.padEnd(width)}  ${row.effect.padEnd(9)}  ${row.signature}`;
      streams.out(terminal ? fitted(line, terminal.columns).trimEnd() : line);
    }
    streams.out(`\n${paint.dim(`${rows.length} of ${entries.length} tools`)}`);
  }
  return 0;
}
