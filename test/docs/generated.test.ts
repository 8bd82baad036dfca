import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { cleanEnvironment } from '../process.ts';
import { root } from './pages.ts';

it('npm run docs has nothing to write', () => {
  const options = { cwd: root, encoding: 'utf8', env: cleanEnvironment() } as const;
  const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
