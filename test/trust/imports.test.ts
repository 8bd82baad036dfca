import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../harness.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';
import { ACME, type Importing, importing, until, userOf } from '../tools/import-server.ts';

let server: Importing;
afterEach(() => server.close());

const EXISTING = ['amara.adeyemi', 'bjorn.haddad', 'liam.petrov'].map((name) => `${name}@acme-robotics.example`);
const people = (count: number) => Array.from({ length: count }, (_, at) => `new.${at}@imported.example`);
const csv = (header: string, rows: readonly string[]) => `${header}\n${rows.join('\n')}\n`;
const messages = async () => (await server.direct('GET', '/_sandbox/messages'))['length'] as unknown as number;

describe('an import that needs consent', () => {
  const asking = async (answer: 'accept' | 'decline', questions: string[], meanwhile?: () => void) => {
    server = await importing({
      flags: ['--confirm', 'always'],
      elicit: async (question) => {
        questions.push(question);
        meanwhile?.();
        return answer;
      },
    });
  };

  it('asks once for all invitations, with the counts of a dry run and the roles granted', async () => {
    const questions: string[] = [];
    await asking('accept', questions);
    const rows = [...people(7).map((email, at) => `${email},${at < 2 ? 'admin' : ''}`), `${EXISTING[0]},`];
    server.write('people.csv', csv('email,role_slug', rows));
    const { value } = await server.call('import_users', { path: 'people.csv', mode: 'invite', organization: ACME });
    expect(value).toMatchObject({ invited: 7, unchanged: 1 });
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatch(/Import 8 rows: 7 to invite; 1 unchanged/);
    expect(questions[0]).toMatch(/admin 2/);
  });

  it('invites nobody if the user declines', async () => {
    const questions: string[] = [];
    await asking('decline', questions);
    server.write('people.csv', csv('email', people(3)));
    const before = await messages();
    const { error } = await server.call('import_users', { path: 'people.csv', mode: 'invite' });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('declined') });
    expect(questions).toHaveLength(1);
    expect(await messages()).toBe(before);
    expect(server.journals()).toEqual([]);
  });

  it('invites nobody if the file changed while the user was asked', async () => {
    await asking('accept', [], () => server.write('people.csv', csv('email', people(4))));
    server.write('people.csv', csv('email', people(3)));
    const before = await messages();
    const { error } = await server.call('import_users', { path: 'people.csv', mode: 'invite' });
    expect(error).toMatchObject({ kind: 'refused' });
    expect(await messages()).toBe(before);
  });

  it.each([
    ['email_verified', 'email', 'email,email_verified', (email: string) => `${email},false`],
    ['password', 'email', 'email,password', (email: string) => `${email},correct horse`],
    [
      'email',
      'external_id',
      'external_id,email',
      (email: string, at: number) => `${['emp-4000', 'emp-4024'][at] ?? 'none'},x${email}`,
    ],
  ] as const)('asks for updates of %s', async (_, match, header, row) => {
    const questions: string[] = [];
    await asking('decline', questions);
    server.write('changes.csv', csv(header, EXISTING.slice(0, 2).map(row)));
    const { isError } = await server.call('import_users', { path: 'changes.csv', mode: 'update', match });
    expect(isError).toBe(true);
    expect(questions[0]).toMatch(/Import 2 rows: 2 to update; 0 unchanged/);
    expect(questions[0]).not.toContain('correct horse');
    expect(await userOf(server, EXISTING[0] ?? '')).toMatchObject({ email_verified: true });
  });

  it.each([
    [
      'new users with password hashes',
      'create',
      'email,password_hash,password_hash_type',
      [`new@imported.example,${'{SSHA}'}aGFzaGhhc2hoYXNoaGFzaGhhc2hzYWx0,ssha`],
    ],
    ['updates of other columns', 'update', 'email,last_name', [`${EXISTING[0]},New`]],
    ['updates that are found by email', 'update', 'email,external_id', [`${EXISTING[0]},hr-1`]],
  ] as const)('does not ask for %s', async (_, mode, header, rows) => {
    const questions: string[] = [];
    await asking('decline', questions);
    server.write('people.csv', csv(header, rows));
    const { value } = await server.call('import_users', { path: 'people.csv', mode });
    expect(value).toMatchObject({ [mode === 'create' ? 'created' : 'updated']: 1, failed: 0 });
    expect(questions).toEqual([]);
  });

  it('does not ask if there is nothing to do', async () => {
    const questions: string[] = [];
    await asking('decline', questions);
    server.write('people.csv', csv('email', EXISTING.slice(0, 1)));
    const { value } = await server.call('import_users', { path: 'people.csv', mode: 'invite', organization: ACME });
    expect(value).toMatchObject({ unchanged: 1 });
    expect(questions).toEqual([]);
  });

  it('returns a preview if nobody can be asked, with a code for this file only', async () => {
    server = await importing({ flags: ['--confirm', 'always'] });
    server.write('people.csv', csv('email', people(2)));
    const input = { path: 'people.csv', mode: 'invite' };
    const { value } = await server.call('import_users', input);
    expect(value).toMatchObject({
      changed: false,
      preview: [{ plan: { summary: 'Import 2 rows: 2 to invite; 0 unchanged' } }],
    });
    const others = people(2).map((email) => `other.${email}`);
    server.write('people.csv', csv('email', others));
    const before = await messages();
    const changed = await server.call('import_users', { ...input, confirmation: value['confirmation'] });
    expect(changed.error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('has changed since the preview'),
    });
    expect(await messages()).toBe(before);
    const next = await server.call('import_users', input);
    const done = await server.call('import_users', { ...input, confirmation: next.value['confirmation'] });
    expect(done.value).toMatchObject({ invited: 2 });
  });

  it('also asks when run through a dispatcher', async () => {
    server = await importing({ flags: ['--confirm', 'always'] });
    server.write('people.csv', csv('email', people(2)));
    const { value } = await server.call('call_write_tool', {
      tool: 'import_users',
      arguments: { path: 'people.csv', mode: 'invite' },
    });
    expect(value).toMatchObject({ changed: false, preview: [{ tool: 'import_users' }] });
  });
});

describe('settings apply to imports', () => {
  it.each([
    ['send_invitation', { mode: 'invite' }, 'email', 'new@imported.example'],
    ['create_user', {}],
    ['update_user', { mode: 'update' }],
    ['list_users', {}],
    ['get_user_by_external_id', { match: 'external_id' }],
    ['create_organization_membership', { organization: ACME }],
    ['create_organization_membership', {}, 'email,organization_id', 'new@imported.example,org_1'],
    ['list_organization_memberships', {}, 'email,organization_id', 'new@imported.example,org_1'],
    ['list_invitations', { mode: 'invite' }, 'email', 'new@imported.example'],
    ['update_user', {}, 'email,locale', 'new@imported.example,en'],
    [
      'update_organization_membership',
      { mode: 'update', organization: ACME },
      'email,role_slug',
      'new@imported.example,admin',
    ],
  ])(
    'an import that needs the excluded %s sends nothing',
    async (tool, more, header = 'email,external_id', row = 'a@b.example,1') => {
      server = await importing({ flags: ['--exclude-tools', tool] });
      server.write('people.csv', csv(header, [row]));
      const before = await server.direct('GET', '/_sandbox');
      const { error } = await server.call('import_users', { path: 'people.csv', ...more });
      expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(`${tool} is excluded`) });
      expect(await server.direct('GET', '/_sandbox')).toEqual(before);
    },
  );

  it('a read-only server runs exports, but no import', async () => {
    server = await importing({ flags: ['--read-only'] });
    const names = (await server.list()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['export_users', 'follow_events']));
    expect(names).not.toContain('import_users');
    server.write('people.csv', csv('email', people(1)));
    expect((await server.call('import_users', { path: 'people.csv', dry_run: true })).error).toMatchObject({
      kind: 'refused',
    });
    expect((await server.call('export_users', { kind: 'users' })).value).toMatchObject({ stopped: 'end' });
  });
});

describe('the passwords in a file', () => {
  it('are in no answer, journal or log, even if WorkOS repeats them', async () => {
    const secrets = ['Tr0ub4dor&3-xyzzy', '{SSHA}c29tZXRoaW5nLXNlY3JldC1oZXJlLXNhbHQ='];
    const logged: string[] = [];
    server = await importing();
    const api = await connect({
      flags: ['--toolsets', 'all', '--log-level', 'trace'],
      replies: ({ method, body }) => {
        if (method === 'GET') return undefined;
        const { password, password_hash } = body as Record<string, string>;
        const message = `The password ${password ?? password_hash} is not strong enough`;
        return { status: 422, body: { message, code: 'password_strength_error', errors: [{ code: 'x', message }] } };
      },
      runtime: {
        folder: server.folder,
        log: { writableLength: 0, write: (line: unknown) => logged.push(String(line)) > 0 },
      },
    });
    server.write('a.csv', csv('email,password', [`a@imported.example,${secrets[0]}`]));
    server.write('b.csv', csv('email,password_hash,password_hash_type', [`b@imported.example,${secrets[1]},ssha`]));
    const texts = [];
    for (const path of ['a.csv', 'b.csv']) texts.push((await api.call('import_users', { path })).text);
    await api.close();
    expect(texts.join()).toContain('password_strength_error');
    const journals = server.journals().map((name) => server.read(name));
    expect(journals).toHaveLength(2);
    for (const secret of secrets) {
      for (const text of [...texts, ...journals, ...logged]) expect(text).not.toContain(secret);
    }
  });
});

describe('the journal', () => {
  it('is checked first: if it cannot be written, nothing is sent', async () => {
    server = await importing();
    server.write('people.csv', csv('email', people(2)));
    await server.call('import_users', { path: 'people.csv' });
    const [name = ''] = server.journals();
    mkdirSync(join(server.folder, 'other', name), { recursive: true });
    writeFileSync(join(server.folder, 'other', 'people.csv'), csv('email', people(2)));
    const before = await server.direct('GET', '/_sandbox');
    const { error } = await server.call('import_users', { path: 'other/people.csv' });
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/people\.csv\.\w+\.journal\.jsonl cannot be written/),
    });
    expect(await server.direct('GET', '/_sandbox')).toEqual(before);
  });

  it.skipIf(WINDOWS)('is refused if it is a symlink to another file', async () => {
    server = await importing();
    server.write('people.csv', csv('email', people(1)));
    await server.call('import_users', { path: 'people.csv' });
    const [name = ''] = server.journals();
    mkdirSync(join(server.folder, 'other'));
    // An incomplete last line would be cut off.
    const mine = server.write('mine.txt', 'mine');
    symlinkSync(mine, join(server.folder, 'other', name));
    writeFileSync(join(server.folder, 'other', 'people.csv'), csv('email', people(1)));
    expect((await server.call('import_users', { path: 'other/people.csv' })).error).toMatchObject({ kind: 'refused' });
    expect(readFileSync(mine, 'utf8')).toBe('mine');
  });

  it('of something else is refused and unchanged', async () => {
    server = await importing();
    server.write('people.csv', csv('email', people(1)));
    await server.call('import_users', { path: 'people.csv' });
    const [name = ''] = server.journals();
    server.write(name, '{"journal":"mine"}\n');
    const { error } = await server.call('import_users', { path: 'people.csv' });
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('is not the journal of this import'),
    });
    expect(server.read(name)).toBe('{"journal":"mine"}\n');
  });

  it('that is cut off or has lost a line is still used to resume, without creating anyone twice', async () => {
    server = await importing();
    server.write('people.csv', csv('email', people(20)));
    const input = { path: 'people.csv', organization: ACME };
    await server.call('import_users', input);
    const [name = ''] = server.journals();
    const lines = server.read(name).split('\n');
    const before = await server.direct('GET', '/_sandbox');
    for (const kept of [2, 10, 35, lines.length - 4]) {
      const damaged = lines.slice(0, kept).filter((_, at) => at !== 7);
      server.write(name, `${damaged.join('\n')}\n{"row":9,"wil`);
      const { value } = await server.call('import_users', input);
      expect(value).toMatchObject({ failed: 0, stopped: 'end', resumed: true });
      expect(await server.direct('GET', '/_sandbox')).toEqual(before);
    }
  });

  it.skipIf(WINDOWS)('stops the import if the disk is full, and the next call resumes', async () => {
    server = await importing();
    server.write('people.csv', csv('email', people(60)));
    const args = ['import', 'people.csv', '--base-url', server.sandbox.url, '--json'];
    const env = cleanEnvironment({ WORKOS_TOKEN: server.sandbox.key, WORKOS_MCP_OUTPUT_DIR: server.outputDir });
    const run = async (kib: number) => {
      const child = spawn('bash', ['-c', `ulimit -f ${kib}; exec "$@"`, 'bash', process.execPath, COMMAND, ...args], {
        env,
        cwd: server.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      child.stdout.on('data', (text) => (out += text));
      const code = await new Promise((resolve) => child.on('close', resolve));
      return { code, value: JSON.parse(out) };
    };
    const full = await run(2);
    expect(full).toMatchObject({
      code: 1,
      value: { stopped: 'error', error: { message: expect.stringContaining('cannot be written: EFBIG') } },
    });
    expect(full.value.error.hint).toBe('Use a writable folder on a disk with free space.');
    expect(full.value.left).toBeGreaterThan(0);
    expect(await run(1_000)).toMatchObject({ code: 0, value: { created: 60, failed: 0, resumed: true } });
    expect(await server.direct('GET', '/_sandbox')).toMatchObject({ users: 117 });
  });

  it('is private, and the only file that an import leaves in the folder', async () => {
    server = await importing();
    server.write('people.csv', csv('email', people(1)));
    await server.call('import_users', { path: 'people.csv' });
    const [journal = ''] = server.journals();
    expect(readdirSync(server.folder).sort()).toEqual(['people.csv', journal]);
    if (!WINDOWS) expect(statSync(join(server.folder, journal)).mode & 0o777).toBe(0o600);
  });
});

describe('a file that is changed while it is imported', () => {
  it('is not used beyond the change', async () => {
    server = await importing();
    const row = (at: number, name: string) => `new.${at}@imported.example,${name.padEnd(3_000, 'x')}`;
    const rows = Array.from({ length: 400 }, (_, at) => row(at, 'good'));
    server.write('people.csv', csv('email,first_name', rows));
    const call = server.call('import_users', { path: 'people.csv' });
    await until(() => server.journals().length === 1);
    server.write(
      'people.csv',
      csv('email,first_name', [...rows.slice(0, 300), ...rows.slice(300).map((_, at) => row(at + 300, 'evil'))]),
    );
    const { value } = await call;
    expect(value).toMatchObject({
      stopped: 'error',
      error: { message: expect.stringContaining('The file was changed during the import') },
      hint: expect.stringContaining('is a new import'),
    });
    expect(await userOf(server, 'new.399@imported.example')).toBeUndefined();
  });
});
