import { asObject, type CallResult, failed, success } from '../results/result.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import type { Diagnosis } from '../tools/diagnosis.ts';
import type { Finding } from '../tools/finding.ts';
import { MAX_INSTRUCTIONS } from './instructions.ts';
import type { CallTool } from './server.ts';

const CHECK = 'check_connector';

/** The default limit, because the setting itself may be wrong. */
const MAX_RESULT_CHARS = 40_000;

const FIX = "Correct it in this server's arguments or environment in the MCP client's configuration, then restart it.";

/**
 * What a server with wrong settings serves. Clients hide why a server did not start, so it starts anyway, but only names the
 * problems: it has no runtime and sends nothing.
 */
export function lockedServer(
  entries: readonly CatalogEntry[],
  problems: readonly string[],
): { exposed: CatalogEntry[]; instructions: string; load: () => Promise<CallTool> } {
  const summary = `${problems.length} wrong ${problems.length === 1 ? 'setting' : 'settings'}`;
  return {
    exposed: entries.filter(({ definition }) => definition.name === CHECK),
    instructions: lockedInstructions(summary, problems),
    load: async () => async (name) =>
      name === CHECK ? diagnosis(summary, problems) : refusal(name, summary, problems),
  };
}

function lockedInstructions(summary: string, problems: readonly string[]): string {
  const intro = `This WorkOS server is locked: ${summary}. No tool runs and nothing is sent until the operator corrects the configuration and restarts the server. ${CHECK} lists the problems:`;
  const lines = [intro];
  for (const [at, problem] of problems.entries()) {
    const more = `- and ${problems.length - at} more`;
    if ([...lines, `- ${problem}`, more].join('\n').length > MAX_INSTRUCTIONS) return [...lines, more].join('\n');
    lines.push(`- ${problem}`);
  }
  return lines.join('\n');
}

function diagnosis(summary: string, problems: readonly string[]): CallResult {
  const findings = problems.map((detail): Finding => ({ check: 'settings', status: 'problem', detail, fix: FIX }));
  const value: Diagnosis = { healthy: false, summary: `${summary}; first: ${problems[0]}`, findings };
  return success(asObject(value), MAX_RESULT_CHARS, undefined);
}

function refusal(tool: string, summary: string, problems: readonly string[]): CallResult {
  const shown = problems.slice(0, 10).join('; ');
  return failed({
    kind: 'config',
    message: `Nothing was sent: this server is locked because of ${summary}: ${shown}${problems.length > 10 ? '; …' : ''}`,
    hint: `Tell the operator to correct the configuration and restart the server. ${CHECK} lists every problem.`,
    tool,
  });
}
