import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { SETTINGS, type Settings } from '../../src/config/settings.ts';
import type { ErrorKind as Kind } from '../../src/errors/errors.ts';
import type { ConnectOptions, ErrorKind } from '../../src/library/library.ts';
import { codeBlocks, root } from '../docs/pages.ts';
import { programFolder } from './package.ts';

const START =
  "import { CallError, ConfirmationNeeded, connect } from 'workos-mcp';\nconst workos = connect({ env: {} });\n";

const RIGHT = `${START}
const { data, list_metadata } = await workos.call('list_users', { email: 'ada@example.com', limit: 5 });
const email: unknown = data[0]?.['email'];
const cursor: string | null | undefined = list_metadata?.after;
const { result } = await workos.call('list_users', { query: 'length(data)' });
await workos.call('list_organizations');
await workos.call('get_jwt_template');
await workos.call('list_organizations', {}, { signal: AbortSignal.timeout(1000) });
await workos.call('update_user', { user_id: 'user_1', metadata: { team: 'blue' }, external_id: null });
await workos.call('call_write_tool', { tool: 'send_invitation', arguments: [{ email: 'a@example.com' }] });
for await (const page of workos.pages('list_events', { events: ['user.created'], max_items: 500 })) {
  const ids: unknown[] = page.map(({ id }) => id);
}
try {
  await workos.call('delete_user', { user_id: 'user_1' });
} catch (error) {
  if (error instanceof ConfirmationNeeded) {
    const target: string | undefined = error.preview[0]?.target;
    await workos.call('delete_user', { user_id: 'user_1', confirmation: error.code });
  } else if (error instanceof CallError && error.kind === 'not_found') {
    const id: string | undefined = error.requestId;
  }
}
await workos.close();
connect({ key: 'sk_test_1', readOnly: true, excludeTools: ['delete_user'], confirm: 'always', log: (line) => void line });
`;

/** A line that must not compile, with a part of the compiler's error. */
const WRONG: readonly [what: string, line: string, message: string][] = [
  ['a misspelled tool', "await workos.call('list_user', { limit: 5 });", '"list_user"'],
  ['a misspelled tool without arguments', "await workos.call('list_user');", 'error'],
  ['a misspelled argument', "await workos.call('list_users', { emial: 'a' });", 'emial'],
  ['a misspelled argument beside query', "await workos.call('list_users', { emial: 'a', query: 'data' });", 'emial'],
  ['an argument of the wrong type', "await workos.call('list_users', { limit: '5' });", 'number'],
  ['an unknown choice', "await workos.call('list_users', { order: 'up' });", '"asc" | "desc"'],
  ['a missing argument', "await workos.call('get_user', {});", 'user_id'],
  ['no arguments when one is required', "await workos.call('get_user');", 'arguments'],
  ['query for a tool that does not take it', "await workos.call('get_user', { user_id: 'u', query: 'id' });", 'query'],
  ['arguments of a tool without any', "await workos.call('get_jwt_template', { id: 1 });", 'id'],
  ['pages of a tool without pages', "workos.pages('get_user', { user_id: 'u' });", 'get_user'],
  ['query with pages', "workos.pages('list_users', { query: 'data' });", 'query'],
  [
    'a result used as more than JSON',
    "const name: string = (await workos.call('list_roles')).data[0]?.['name'];",
    'string',
  ],
  ['an unknown option', 'connect({ apiKey: "sk_test_1" });', 'apiKey'],
  ['a key that may be missing', 'connect({ key: undefined });', 'undefined'],
  ['an unknown tool in an option', "connect({ excludeTools: ['delete_usr'] });", 'delete_usr'],
  ['an unknown kind', "if (new Error() instanceof CallError && (new Error() as CallError).kind === 'gone') {}", 'gone'],
];

const { folder, remove } = programFolder();
afterAll(remove);

/** What the compiler says, by file. */
const errors = new Map<string, string>();

beforeAll(() => {
  writeFileSync(join(folder, 'right.mts'), RIGHT);
  for (const [at, [, line]] of WRONG.entries()) writeFileSync(join(folder, `wrong-${at}.mts`), `${START}${line}\n`);
  const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  const options = { ...compilerOptions, module: 'nodenext', target: 'es2022', noEmit: true, types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.mts'] }));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  let file = '';
  for (const line of stdout.split('\n')) {
    file = /^([\w./-]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? file;
    if (line) errors.set(file, `${errors.get(file) ?? ''}${line}\n`);
  }
});

describe('the types of the package', () => {
  it('accept a correct program, and are correct themselves', () => {
    expect([...errors].filter(([file]) => !file.startsWith('wrong-'))).toEqual([]);
  });

  it.each(WRONG.map(([what, line, message], at) => ({ what, line, message, at })))(
    'refuse $what',
    ({ message, at }) => {
      expect(errors.get(`wrong-${at}.mts`)).toContain(message);
    },
  );

  it('have an option for every setting', () => {
    const [, options = ''] = /interface ConnectOptions \{([\s\S]*?)\n\}/.exec(declarations()) ?? [];
    const named = [...options.matchAll(/^ {4}(\w+)\?:/gm)].map(([, name = '']) => name);
    expect(named.sort()).toEqual([...Object.keys(SETTINGS), 'key', 'clientId', 'env', 'log', 'environment'].sort());
  });

  it('have the same choices as the settings and the errors', () => {
    type Choices = Pick<Settings, 'confirm' | 'ask' | 'secrets' | 'logLevel'>;
    expectTypeOf<{ [Name in keyof Choices]: NonNullable<ConnectOptions[Name]> }>().toEqualTypeOf<{
      [Name in keyof Choices]: Choices[Name];
    }>();
    expectTypeOf<ErrorKind>().toEqualTypeOf<Kind>();
  });

  it('are one small file', () => {
    expect(declarations()).not.toMatch(/\bimport\b|\bfrom '/);
    expect(declarations().length).toBeLessThan(60_000);
  });
});

describe('docs/scripting.md', () => {
  it('imports only what the package exports', () => {
    const names = codeBlocks('docs/scripting.md', 'js').flatMap((block) =>
      [...block.matchAll(/import \{ ([^}]*) \} from 'workos-mcp'/g)].flatMap(([, list = '']) => list.split(', ')),
    );
    expect(new Set(names)).toEqual(new Set(['connect', 'ConfirmationNeeded']));
  });
});

function declarations(): string {
  return readFileSync(`${root}dist/library.d.ts`, 'utf8');
}
