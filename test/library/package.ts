import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../docs/pages.ts';
import '../process.ts';

/** The Node that programs run on. `npm run test:node24` sets another one. */
export const NODE = process.env['TEST_NODE'] || process.execPath;

/** A folder of a program that has installed the built package, and how to remove it. */
export function programFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-program-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/workos-mcp'), 'dir');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
