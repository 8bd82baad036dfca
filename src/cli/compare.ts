import type { Invocation } from '../config/argv.ts';
import { callOnce } from './call-once.ts';
import { textOf, writeFailure, writeResult } from './output.ts';
import type { Setup } from './setup.ts';

/** Says what differs between two environments. Returns the exit code: 0 nothing, 1 it could not be found out, 3 something. */
export async function compare({ words: [from, to], options }: Invocation, setup: Setup): Promise<number> {
  const json = options['json'] !== undefined;
  const only = options['only']?.split(',').map((kind) => kind.trim());
  const result = await callOnce('compare_environments', { from, to, ...(only && { only }) }, setup);
  if (result.isError) {
    writeFailure(textOf(result), json, setup.streams);
    return 1;
  }
  writeResult(result, json, setup.streams);
  const { differences, not_compared: unread } = result.structuredContent ?? {};
  if (differences !== undefined) return 3;
  // What could not be read may differ.
  return unread === undefined ? 0 : 1;
}
