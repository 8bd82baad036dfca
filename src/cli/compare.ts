import type { Invocation } from '../config/argv.ts';
import { callOnce } from './call-once.ts';
import { textOf, writeFailure, writeResult } from './output.ts';
import type { Setup } from './setup.ts';

/**
 * Prints the differences between two environments. Returns the exit code: 0 if there are none, 1 if unknown, 3 if there are any.
 */
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
  // Parts that could not be read may differ.
  return unread === undefined ? 0 : 1;
}
