import { isPreview } from '../call/confirmation/prompt.ts';
import { SET_UP_TEAM, setUpTeam } from '../http/setup.ts';
import { callOnce } from './call-once.ts';
import { exitCodeOf, textOf, writeFailure, writeResult } from './output.ts';
import type { Setup } from './setup.ts';

/** Creates a team's permissions and roles in WorkOS, with consent. Returns the exit code, as `call` does. */
export async function setUpPermissions(code: string | undefined, setup: Setup): Promise<number> {
  // Permissions are too important to change without asking, even with a test key.
  const confirm = setup.config.confirm === 'never' ? 'never' : 'always';
  const asked = { ...setup, config: { ...setup.config, confirm } as const };
  const result = await callOnce(SET_UP_TEAM, code === undefined ? {} : { confirmation: code }, asked, {
    more: [setUpTeam],
  });
  if (result.isError) {
    writeFailure(textOf(result), false, setup.streams);
    return 1;
  }
  const value = result.structuredContent ?? {};
  const shown = isPreview(value) ? { ...value, hint: hintFor(String(value['confirmation'])) } : value;
  writeResult(
    { content: [{ type: 'text', text: JSON.stringify(shown) }], structuredContent: shown },
    false,
    setup.streams,
  );
  return exitCodeOf(result);
}

function hintFor(code: string): string {
  return `Nothing was changed. To agree, run workos-mcp http --setup ${code} with the same settings. The code works once, for ten minutes.`;
}
