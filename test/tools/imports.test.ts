import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { ACME, type Importing, importing, membershipsOf, until, userOf } from './import-server.ts';

let server: Importing;
afterEach(() => server.close());

/** The hash of `correct horse battery staple`, made by libxcrypt. */
const HASH = '$2b$10$7RfJ1MTr4w0zYvF2mVZ9uOjRiOrknxccxfDmRY0Y.zaZUfwsMpRjW';

const EXISTING = 'amara.adeyemi@acme-robotics.example';

/** A file with this many new people. */
const people = (count: number, columns = ''): string =>
  `email,first_name${columns && ',x'}\n`.replace('x', columns) +
  Array.from({ length: count }, (_, at) => `new.${at}@imported.example,Person ${at}${columns && ',member'}\n`).join('');

describe('import_users', () => {
  it('creates users from the columns, and makes them members', async () => {
    server = await importing();
    server.write(
      'users.csv',
      [
        'email,first_name,last_name,email_verified,external_id,locale,metadata.plan,password_hash,password_hash_type,role_slug',
        `lin@imported.example,Lin,"O""Hara, ""the"" boss",TRUE,hr-1,en-US,pro,${HASH},bcrypt,admin`,
        'bo@imported.example,,,false,,,,,,',
      ].join('\r\n'),
    );
    const { value } = await server.call('import_users', { path: 'users.csv', organization: ACME });
    expect(value).toMatchObject({ rows: 2, created: 2, failed: 0, stopped: 'end' });
    expect(await userOf(server, 'lin@imported.example')).toMatchObject({
      first_name: 'Lin',
      last_name: 'O"Hara, "the" boss',
      email_verified: true,
      external_id: 'hr-1',
      locale: 'en-US',
      metadata: { plan: 'pro' },
    });
    expect(await userOf(server, 'bo@imported.example')).toMatchObject({ first_name: null, email_verified: false });
    const roles = await Promise.all(['lin', 'bo'].map((name) => membershipsOf(server, `${name}@imported.example`)));
    expect(roles.map(([one]) => one)).toMatchObject([
      { role: { slug: 'admin' }, status: 'active' },
      { role: { slug: 'member' }, status: 'active' },
    ]);
  });

  it('accepts JSON Lines with the same names, and metadata as an object', async () => {
    server = await importing();
    const rows = [
      { email: 'lin@imported.example', email_verified: true, metadata: { plan: 'pro' }, last_name: null },
      { email: 'bo@imported.example', 'metadata.plan': 'free' },
    ];
    server.write('users.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const { value } = await server.call('import_users', { path: 'users.jsonl' });
    expect(value).toMatchObject({ rows: 2, created: 2 });
    expect(await userOf(server, 'lin@imported.example')).toMatchObject({ metadata: { plan: 'pro' } });
    expect(await userOf(server, 'bo@imported.example')).toMatchObject({ metadata: { plan: 'free' } });
  });

  it('leaves existing users unchanged, but makes them members', async () => {
    server = await importing();
    const before = await userOf(server, EXISTING);
    server.write('users.csv', `email,first_name\n${EXISTING.toUpperCase()},Changed\n`);
    const { value } = await server.call('import_users', { path: 'users.csv', organization: 'Northwind Freight' });
    expect(value).toMatchObject({ added: 1, failed: 0 });
    expect(await userOf(server, EXISTING)).toEqual(before);
    expect((await membershipsOf(server, EXISTING)).map(({ organization_name: name }) => name)).toContain(
      'Northwind Freight',
    );
  });

  it('leaves an inactive membership inactive, and says so', async () => {
    server = await importing();
    const [membership] = await membershipsOf(server, EXISTING);
    await server.direct('PUT', `/user_management/organization_memberships/${membership?.['id']}/deactivate`);
    server.write('users.csv', `email\n${EXISTING}\n`);
    const { value } = await server.call('import_users', { path: 'users.csv', organization: ACME });
    expect(value).toMatchObject({
      skipped: 1,
      why_skipped: [{ why: 'the membership is inactive', rows: 1, lines: [2] }],
    });
    expect(await membershipsOf(server, EXISTING)).toMatchObject([{ status: 'inactive' }]);
  });

  it('counts in a dry run what the real run then does, and changes nothing', async () => {
    server = await importing();
    server.write(
      'users.csv',
      `email,organization_id\n${EXISTING},\nnew@imported.example,\nnew@imported.example,org_01KG56M5XTG1JB7F752N5GR4AP\n`,
    );
    const input = { path: 'users.csv', organization: ACME };
    const requests = await server.direct('GET', '/_sandbox');
    const dry = await server.call('import_users', { ...input, dry_run: true });
    expect(await server.direct('GET', '/_sandbox')).toEqual(requests);
    expect(server.journals()).toEqual([]);
    const { value } = await server.call('import_users', input);
    const expected = { rows: 3, created: 1, added: 1, unchanged: 1, failed: 0 };
    expect(dry.value).toMatchObject({ dry_run: true, ...expected });
    expect(value).toMatchObject(expected);
    expect(await membershipsOf(server, 'new@imported.example')).toHaveLength(2);
  });

  it('counts in a dry run what would fail, by cause', async () => {
    server = await importing();
    server.write('users.csv', `email,organization_id\n${EXISTING},org_nowhere\nnew@imported.example,\n`);
    const { value } = await server.call('import_users', { path: 'users.csv', dry_run: true });
    expect(value).toMatchObject({
      created: 1,
      failed: 1,
      failures: [{ rows: 1, lines: [2], kind: 'not_found', status: 404 }],
    });
  });

  it('counts rows with an unknown organization or role as failed, in a dry run too, and creates no user', async () => {
    server = await importing();
    server.write(
      'users.csv',
      'email,organization_id,role_slug\na@imported.example,Acme Robotics,\nb@imported.example,org_nowhere,admin\nc@imported.example,,owner\nd@imported.example,,admin\n',
    );
    const input = { path: 'users.csv', organization: ACME };
    const expected = {
      rows: 4,
      created: 1,
      failed: 3,
      failures: [
        { rows: 2, lines: [2, 3], tool: 'get_organization', message: 'no organization has the id in organization_id' },
        { rows: 1, lines: [4], tool: 'list_organization_roles' },
      ],
    };
    const dry = await server.call('import_users', { ...input, dry_run: true });
    expect(dry.value).toMatchObject({ ...expected, hint: expect.stringContaining('Correct the lines that fail') });
    const { value } = await server.call('import_users', input);
    expect(value).toMatchObject(expected);
    for (const name of ['a', 'b', 'c']) expect(await userOf(server, `${name}@imported.example`), name).toBeUndefined();
    const invited = await server.call('import_users', { ...input, mode: 'invite', dry_run: true });
    expect(invited.value).toMatchObject({ unchanged: 1, failed: 3 });
  });

  it('tries a role that it cannot check because it may not list roles', async () => {
    server = await importing({ flags: ['--exclude-tools', 'list_organization_roles'] });
    server.write('users.csv', 'email,role_slug\na@imported.example,admin\nb@imported.example,owner\n');
    const { value } = await server.call('import_users', { path: 'users.csv', organization: ACME });
    expect(value).toMatchObject({
      created: 1,
      failures: [{ lines: [3], tool: 'create_organization_membership', code: 'invalid_role' }],
    });
  });

  it('skips rows that repeat an earlier address in any spelling, and lists them', async () => {
    server = await importing();
    server.write('users.csv', 'email\nzo\u00eb@imported.example\nbo@imported.example\nZOE\u0308@Imported.example\n');
    const { value } = await server.call('import_users', { path: 'users.csv' });
    expect(value).toMatchObject({
      created: 2,
      skipped: 1,
      duplicates: { rows: 1, lines: ['4 repeats 2'] },
    });
  });

  it('reports failures by cause, with their lines, and retries them in the next call', async () => {
    server = await importing();
    server.write('users.csv', `${people(3, 'role_slug')}bo@imported.example,Bo,pilot\nal@imported.example,Al,pilot\n`);
    const input = { path: 'users.csv', organization: ACME };
    const first = await server.call('import_users', input);
    expect(first.value).toMatchObject({
      created: 3,
      failed: 2,
      failures: [
        {
          rows: 2,
          lines: expect.arrayContaining([5, 6]),
          tool: 'list_organization_roles',
          message: expect.stringMatching(/^the organization has no role "pilot"; it has "admin", "member"/),
        },
      ],
      hint: expect.stringContaining('Correct the lines'),
    });
    expect(await userOf(server, 'bo@imported.example')).toBeUndefined();
    const role = { slug: 'pilot', name: 'Pilot', resource_type_slug: 'organization' };
    await server.direct('POST', '/authorization/roles', role);
    const second = await server.call('import_users', input);
    expect(second.value).toMatchObject({ created: 5, failed: 0, resumed: true });
    expect(await membershipsOf(server, 'al@imported.example')).toMatchObject([{ role: { slug: 'pilot' } }]);
  });

  it('writes a journal entry before and after each step', async () => {
    server = await importing();
    const text = people(1);
    server.write('users.csv', text);
    const { value } = await server.call('import_users', { path: 'users.csv', organization: ACME });
    const [header, started, ...rest] = server.journal();
    expect(value['journal']).toMatch(/users\.csv\.[0-9a-f]{8}\.journal\.jsonl$/);
    expect(header).toMatchObject({
      file: 'users.csv',
      sha256: createHash('sha256').update(text).digest('hex'),
      rows: 1,
      mode: 'create',
      organization: ACME,
    });
    expect(started).toMatchObject({ run: 'started' });
    const user = await userOf(server, 'new.0@imported.example');
    expect(rest).toEqual([
      { row: 1, will: 'create' },
      { row: 1, did: 'create' },
      { row: 1, will: 'add' },
      { row: 1, did: 'add' },
      { row: 1, line: 2, end: 'created', user_id: user?.['id'] },
      expect.objectContaining({ run: 'ended', stopped: 'end', left: 0 }),
    ]);
  });

  it('does nothing when it is called again after all rows are done', async () => {
    server = await importing();
    server.write('users.csv', people(5));
    await server.call('import_users', { path: 'users.csv' });
    const before = await server.direct('GET', '/_sandbox');
    const { value } = await server.call('import_users', { path: 'users.csv' });
    expect(value).toMatchObject({ created: 5, resumed: true, hint: expect.stringContaining('All rows are done') });
    expect(await server.direct('GET', '/_sandbox')).toEqual(before);
  });

  it('treats a changed file or other options as a new import, and says so', async () => {
    server = await importing();
    server.write('users.csv', people(2));
    await server.call('import_users', { path: 'users.csv' });
    server.write('users.csv', people(3));
    const changed = await server.call('import_users', { path: 'users.csv' });
    expect(changed.value).toMatchObject({
      created: 1,
      unchanged: 2,
      note: expect.stringContaining('The file has changed since the one with the journal users.csv.'),
    });
    const other = await server.call('import_users', { path: 'users.csv', organization: ACME });
    expect(other.value).toMatchObject({ added: 3, note: expect.stringContaining('new import') });
    expect(server.journals()).toHaveLength(3);
  });

  it('resumes after it was cancelled', async () => {
    server = await importing();
    server.write('users.csv', people(120));
    const controller = new AbortController();
    const call = server.call('import_users', { path: 'users.csv', organization: ACME }, { signal: controller.signal });
    await until(async () => (server.journals().length === 1 ? server.journal().length > 150 : false));
    controller.abort();
    await expect(call).rejects.toThrow();
    await until(() => !server.exists(`${server.journals()[0]}.lock`));
    expect(server.journal().at(-1)).toMatchObject({ stopped: 'cancelled' });
    const { value } = await server.call('import_users', { path: 'users.csv', organization: ACME });
    expect(value).toMatchObject({ created: 120, failed: 0, resumed: true, stopped: 'end' });
    expect(await server.direct('GET', '/_sandbox')).toMatchObject({ users: 177 });
  });

  it('stops if WorkOS is unavailable, and leaves the rows for the next call', async () => {
    server = await importing({ flags: ['--max-retries', '0'] });
    server.write('users.csv', people(200));
    await server.direct('POST', '/_sandbox/faults', { status: 503, times: 100_000, path: '/user_management/users' });
    const { value } = await server.call('import_users', { path: 'users.csv' });
    expect(value).toMatchObject({ stopped: 'error', left: 200, failed: 0, error: { status: 503 } });
  });

  it('is refused while another call imports the same file', async () => {
    server = await importing();
    server.write('users.csv', people(60));
    const calls = await Promise.all([1, 2].map(() => server.call('import_users', { path: 'users.csv' })));
    expect(calls.filter(({ isError }) => !isError)).toHaveLength(1);
    expect(calls.find(({ isError }) => isError)?.error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('is in use by another call of this server'),
    });
  });

  it('prefers the organization and the role of a row to those of the call', async () => {
    server = await importing();
    server.write(
      'users.csv',
      'email,organization_id,role_slug\nlin@imported.example,org_01KG56M5XTG1JB7F752N5GR4AP,admin\nbo@imported.example,,\n',
    );
    await server.call('import_users', { path: 'users.csv', organization: ACME, role_slug: 'member' });
    expect(await membershipsOf(server, 'lin@imported.example')).toMatchObject([
      { organization_name: 'Northwind Freight', role: { slug: 'admin' } },
    ]);
    expect(await membershipsOf(server, 'bo@imported.example')).toMatchObject([
      { organization_name: ACME, role: { slug: 'member' } },
    ]);
  });

  it('refuses an unknown organization before it sends a row', async () => {
    server = await importing();
    server.write('users.csv', people(1));
    const { error } = await server.call('import_users', { path: 'users.csv', organization: 'Nobody Inc.' });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('There is no organization') });
    expect(await userOf(server, 'new.0@imported.example')).toBeUndefined();
  });

  it('reports progress with counts and the remaining time', async () => {
    let now = 0;
    server = await importing({ runtime: { now: () => (now += 400) } });
    server.write('users.csv', people(30));
    const messages: string[] = [];
    await server.call(
      'import_users',
      { path: 'users.csv' },
      { onprogress: ({ message }) => messages.push(message ?? '') },
    );
    expect(messages.join('\n')).toMatch(/^\d+ of 30 rows done, about \d+ (s|min) left$/m);
  });
});

describe('import_users with mode update', () => {
  const ANA = {
    email: 'ana@imported.example',
    first_name: 'Ana',
    external_id: 'hr-9',
    metadata: { plan: 'free', team: 'x' },
  };

  it('changes only what differs, and creates no user', async () => {
    server = await importing();
    await server.direct('POST', '/user_management/users', ANA);
    server.write(
      'changes.csv',
      'external_id,email,first_name,last_name,metadata.plan\nhr-9,ana.new@imported.example,Ana,Lima,pro\nhr-10,bo@imported.example,Bo,,\n',
    );
    const { value } = await server.call('import_users', { path: 'changes.csv', mode: 'update', match: 'external_id' });
    expect(value).toMatchObject({ updated: 1, missing: 1, failed: 0 });
    expect(await userOf(server, 'ana.new@imported.example')).toMatchObject({
      first_name: 'Ana',
      last_name: 'Lima',
      metadata: { plan: 'pro', team: 'x' },
    });
    expect(await userOf(server, 'bo@imported.example')).toBeUndefined();
  });

  it('counts a row that changes a user and adds a membership once, in a dry run too', async () => {
    server = await importing();
    server.write('users.csv', `email,last_name,role_slug\n${EXISTING},New,admin\n`);
    const input = { path: 'users.csv', mode: 'update', organization: 'Northwind Freight' };
    const dry = await server.call('import_users', { ...input, dry_run: true });
    expect(dry.value).toMatchObject({ updated: 1, failed: 0 });
    expect((await server.call('import_users', input)).value).toMatchObject({ updated: 1, failed: 0 });
  });

  it('changes roles, and counts rows that need no change', async () => {
    server = await importing();
    server.write('roles.csv', `email,role_slug\n${EXISTING},member\n`);
    const input = { path: 'roles.csv', mode: 'update', organization: ACME };
    expect((await server.call('import_users', input)).value).toMatchObject({ updated: 1 });
    expect(await membershipsOf(server, EXISTING)).toMatchObject([{ role: { slug: 'member' } }]);
    server.write('roles.csv', `email,role_slug\n${EXISTING},member\n\n`);
    expect((await server.call('import_users', input)).value).toMatchObject({ unchanged: 1 });
  });
});

describe('import_users with mode invite', () => {
  it('invites only people who are neither members nor invited', async () => {
    server = await importing();
    await server.direct('POST', '/user_management/invitations', {
      email: 'bo@imported.example',
      organization_id: 'org_01KERQQPZG8ZH2W6ZP21YTE99Q',
    });
    server.write('people.csv', `email,role_slug\nlin@imported.example,admin\nbo@imported.example,\n${EXISTING},\n`);
    const { value } = await server.call('import_users', { path: 'people.csv', mode: 'invite', organization: ACME });
    expect(value).toMatchObject({ invited: 1, unchanged: 2, failed: 0 });
    const { data } = await server.direct('GET', '/user_management/invitations?email=lin%40imported.example');
    expect(data).toMatchObject([{ role_slug: 'admin', state: 'pending' }]);
  });
});

describe('export_users', () => {
  it.each(['csv', 'jsonl'])('writes %s that import_users turns into the same users and memberships', async (format) => {
    server = await importing();
    const odd = [
      { email: 'odd@imported.example', first_name: '=HYPERLINK("x")', last_name: "'+1", locale: 'de-DE' },
      { email: 'lines@imported.example', first_name: ' a "b", c\r\nd ', metadata: { note: '-1\n2', 'a b': "''@x" } },
      { email: 'bare@imported.example', external_id: '=1' },
    ];
    server.write('odd.jsonl', odd.map((row) => JSON.stringify(row)).join('\n'));
    expect((await server.call('import_users', { path: 'odd.jsonl' })).value).toMatchObject({ created: 3 });
    const exported = async (from: Importing, name: string) => {
      const parts = ['users', 'memberships'].map(async (kind) => {
        const { value } = await from.call('export_users', { kind, format, path: `${name}-${kind}.${format}` });
        expect(value).toMatchObject({ stopped: 'end' });
        // A row of several lines ends where the next address begins.
        return from
          .read(`${name}-${kind}.${format}`)
          .trimEnd()
          .split(/\r?\n(?=[^\r\n]+@|\{)/)
          .sort();
      });
      return Promise.all(parts);
    };
    const [users = [], memberships = []] = await exported(server, 'first');
    const other = await importing();
    try {
      const { data } = await other.direct('GET', '/user_management/users?limit=100');
      for (const { id } of data as { id: string }[]) await other.direct('DELETE', `/user_management/users/${id}`);
      for (const kind of ['users', 'memberships']) {
        other.write(`${kind}.${format}`, server.read(`first-${kind}.${format}`));
        const { value } = await other.call('import_users', { path: `${kind}.${format}` });
        expect(value).toMatchObject({ failed: 0, stopped: 'end' });
      }
      const [otherUsers, otherMemberships] = await exported(other, 'second');
      expect(otherUsers).toEqual(users);
      // Inactive and pending memberships are not imported.
      expect(otherMemberships).toEqual(memberships.filter((line) => !/inactive|pending/.test(line)));
    } finally {
      await other.close();
    }
  });

  it("keeps spreadsheets from running people's names as formulas", async () => {
    server = await importing();
    await server.direct('POST', '/user_management/users', { email: 'x@imported.example', first_name: '=1+1' });
    await server.call('export_users', { kind: 'users', path: 'users.csv' });
    expect(server.read('users.csv')).toContain("x@imported.example,'=1+1,");
  });

  it('resumes after it was interrupted, without repeating a row', async () => {
    server = await importing();
    server.write('many.csv', people(250));
    await server.call('import_users', { path: 'many.csv' });
    let pages = 0;
    const controller = new AbortController();
    const input = { kind: 'users', path: 'users.csv' };
    await expect(
      server.call('export_users', input, {
        signal: controller.signal,
        onprogress: () => {
          pages += 1;
          if (pages === 2) controller.abort();
        },
      }),
    ).rejects.toThrow();
    await until(async () => !server.exists('users.csv.partial.jsonl.lock'));
    expect(server.exists('users.csv.partial.jsonl')).toBe(true);
    const { value } = await server.call('export_users', input);
    expect(value).toMatchObject({ rows: 307, resumed_from: expect.any(String) });
    const emails = server
      .read('users.csv')
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(new Set(emails).size).toBe(307);
    expect(emails).toHaveLength(307);
    expect(server.exists('users.csv.partial.jsonl')).toBe(false);
  });

  it('does not overwrite an existing file', async () => {
    server = await importing();
    server.write('users.csv', 'mine');
    const { error } = await server.call('export_users', { kind: 'users', path: 'users.csv' });
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('already exists') });
    expect(server.read('users.csv')).toBe('mine');
  });

  it('writes to a new file in the output folder if no path is given', async () => {
    server = await importing();
    const first = await server.call('export_users', { kind: 'organizations', format: 'jsonl' });
    const second = await server.call('export_users', { kind: 'organizations', format: 'jsonl' });
    expect(first.value['path']).not.toBe(second.value['path']);
    expect(String(first.value['path']).startsWith(server.outputDir)).toBe(true);
    expect(first.value).toMatchObject({ rows: 8, stopped: 'end' });
  });
});
