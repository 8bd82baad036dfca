import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { InputFile } from '../files.ts';

/** The most rows that one call accepts as an argument, without a file. */
export const MAX_INLINE_ROWS = 1_000;

/**
 * Presents the rows of a call as a file that is never on disk, because it may contain passwords. The name derives from the rows,
 * so that the same call finds its journal.
 * @param folder The folder for the journal.
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
