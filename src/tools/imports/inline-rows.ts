import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { InputFile } from '../files.ts';

/** How many rows one call takes by itself, without a file. */
export const MAX_INLINE_ROWS = 1_000;

/**
 * The rows of a call as a file that is nowhere on the disk, because there may be passwords in it. Its name tells the rows, so that
 * the same call finds its journal.
 * @param folder Where the journal goes.
 */
export function inlineRows(rows: readonly object[], folder: string): InputFile {
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return {
    path: join(folder, `rows-${digest}.jsonl`),
    bytes: bytes.length,
    inline: true,
    read: async (position, length) => bytes.subarray(position, position + length),
    close: async () => {},
  };
}
