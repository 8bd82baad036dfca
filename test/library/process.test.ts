import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { codeBlocks } from '../docs/pages.ts';
import { cleanEnvironment } from '../process.ts';
import { NODE, programFolder } from './package.ts';

const { folder, remove } = programFolder();
afterAll(remove);

/** Runs a program that can import the built package, until it ends. */
async function run(program: string, env: Record<string, string> = {}) {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const child = spawn(NODE, [file], { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

/** A program that reports the value of `body` and the listeners that were added to its process. */
const reporting = (body: string) => `
  const before = {};
  const added = () => process.eventNames().filter((name) => process.listenerCount(name) > (before[name] ?? 0));
  let value;
  process.on('beforeExit', (code) => process.stdout.write(JSON.stringify({ value, code, added: added() })));
  for (const name of process.eventNames()) before[name] = process.listenerCount(name);
  const { connect } = await import('workos-mcp');
  value = await (async () => { ${body} })();
`;

describe('a program that imports the package', () => {
  it.each<[string, string, unknown]>([
    ['only imports it', 'return typeof connect;', 'function'],
    ['connects and never calls', 'connect({ env: {}, sandbox: true }); return 1;', 1],
    [
      'uses several sandboxes and closes them',
      `const all = [1, 2, 3].map(() => connect({ env: {}, sandbox: true, logLevel: 'trace' }));
       const lists = await Promise.all(all.map((one) => one.call('list_organizations')));
       await Promise.all(all.map((one) => one.close()));
       return lists.map(({ data }) => data.length);`,
      [8, 8, 8],
    ],
    [
      'leaves a loop over pages early',
      `const workos = connect({ env: {}, sandbox: true });
       let items = 0;
       for await (const page of workos.pages('list_users', { limit: 5 })) { items += page.length; break; }
       await workos.close();
       return items;`,
      5,
    ],
    [
      'catches errors',
      `const workos = connect({ key: 'sk_test_1', env: {}, baseUrl: 'http://127.0.0.1:9', maxRetries: 0 });
       const kinds = [];
       for (const [tool, input] of [['list_users', {}], ['list_usrs', {}], ['get_user', { user_id: 5n }]]) {
         await workos.call(tool, input).catch(({ kind }) => kinds.push(kind));
       }
       await workos.close();
       return kinds;`,
      ['network', 'input', 'input'],
    ],
  ])('%s: it writes nothing, adds no listener and ends', async (_, body, value) => {
    const { out, err, code } = await run(reporting(body));
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(JSON.parse(out)).toEqual({ value, code: 0, added: [] });
  });

  it('runs the first example of docs/scripting.md', async () => {
    const [example = ''] = codeBlocks('docs/scripting.md', 'js');
    const { out, err, code } = await run(example, { WORKOS_MCP_SANDBOX: 'true' });
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out.split('\n')).toContain('elif.mbeki@acme-robotics.example');
  });

  it('shows the reason for an uncaught error in readable lines', async () => {
    const { code, err } = await run("import { connect } from 'workos-mcp';\nconnect({ sandbx: true });");
    expect(code).toBe(1);
    expect(err).toContain('OptionsError: Unknown option sandbx; did you mean sandbox?');
    expect(Math.max(...err.split('\n').map((line) => line.length))).toBeLessThan(400);
  });

  it('can import the library and the manifest, and nothing else', async () => {
    const { out } = await run(`
      const reached = async (name) => import(name, { with: name.endsWith('json') ? { type: 'json' } : {} }).then(
        (module) => Object.keys(module), ({ code }) => code);
      const names = ['workos-mcp', 'workos-mcp/package.json', 'workos-mcp/dist/index.js'];
      process.stdout.write(JSON.stringify(await Promise.all(names.map(reached))));
    `);
    expect(JSON.parse(out)).toEqual([
      ['CallError', 'ConfirmationNeeded', 'OptionsError', 'connect'],
      ['default'],
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    ]);
  });
});
