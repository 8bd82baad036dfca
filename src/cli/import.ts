import type { Invocation } from '../config/argv.ts';
import { callOnce } from './call-once.ts';
import { exitCodeOf, textOf, writeFailure, writeResult } from './output.ts';
import { progressBar } from './progress-bar.ts';
import type { Setup } from './setup.ts';

/** Imports users from a file. Returns the exit code. */
export async function importFile({ words: [path], options }: Invocation, setup: Setup): Promise<number> {
  const { organization, mode, match, confirmation, role, 'dry-run': dryRun } = options;
  const given = { path, organization, role_slug: role, mode, match, confirmation, dry_run: dryRun && true };
  return transfer('import_users', given, options['json'] !== undefined, setup);
}

/** Makes a long-running call and shows its progress. Returns the exit code. */
export async function transfer(
  tool: string,
  given: Record<string, unknown>,
  json: boolean,
  setup: Setup,
): Promise<number> {
  const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const bar = progressBar(setup.streams);
  const result = await callOnce(tool, input, setup, { report: bar.report });
  bar.end();
  if (result.isError) {
    writeFailure(textOf(result), json, setup.streams);
    return 1;
  }
  writeResult(inCommand(result), json, setup.streams);
  return exitCodeOf(result);
}

/** Rewrites the arguments in a result's hint as flags of the command. */
function inCommand<
  R extends { content: { type: 'text'; text: string }[]; structuredContent?: Record<string, unknown> },
>(result: R): R {
  const flags = (text: string) =>
    text
      .replace(/ confirmation=/g, ' --confirmation ')
      .replace(/\bdry_run\b/g, '--dry-run')
      .replace(/\bCall again\b/g, 'Run it again');
  const { structuredContent: value } = result;
  const hint = value?.['hint'];
  if (typeof hint !== 'string') return result;
  const shown = { ...value, hint: flags(hint) };
  return { ...result, structuredContent: shown, content: [{ type: 'text', text: JSON.stringify(shown) }] };
}
