import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WINDOWS } from '../platform.ts';
import { type Importing, importing } from './import-server.ts';

let server: Importing;
beforeAll(async () => {
  server = await importing();
});
afterAll(() => server.close());

const imports = (path: string, more: Record<string, unknown> = {}) =>
  server.call('import_users', { path, organization: 'org_1', ...more });

/** The error about a file, of which nothing is imported. */
async function complaint(name: string, content: string | Uint8Array, more?: Record<string, unknown>): Promise<string> {
  server.write(name, content);
  const { error } = await imports(name, more);
  expect(error).toMatchObject({ kind: 'input', hint: 'Correct the file and call again. Nothing was sent.' });
  return error?.message ?? '';
}

const utf16 = (text: string) => Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]);
const row = (value: object) => `${JSON.stringify({ email: 'a@b.example', ...value })}\n`;

describe('import_users refuses a whole file, and names the line, because of', () => {
  it.each<[what: string, content: string | Uint8Array, message: string]>([
    ['no content', '', 'line 1: the file is empty'],
    ['only empty lines', '\n\r\n\n', 'line 1: the file is empty'],
    ['only a header', 'email,first_name\r\n', 'line 1: there are no rows after the header'],
    [
      'an unknown column',
      'email,firstname\na@b.example,A\n',
      'line 1: unknown column firstname; did you mean first_name?',
    ],
    ['a capitalized column', 'Email\na@b.example\n', 'line 1: unknown column Email; did you mean email?'],
    ['a duplicate column', 'email,email\na@b.example,a@b.example\n', 'line 1: email appears more than once'],
    ['a column without a name', 'email,\na@b.example,x\n', 'line 1: column 2 has no name'],
    [
      'semicolons instead of commas',
      'email;name\na@b.example;A\n',
      'line 1: the cells are separated by semicolons; save the file with commas',
    ],
    ['tabs', 'email\tname\na@b.example\tA\n', 'line 1: the cells are separated by tabs; save the file with commas'],
    ['no header', 'a@b.example,Ann\n', 'line 1: is not a header; it must name the columns: email, first_name'],
    ['no email column', 'first_name\nA\n', 'line 1: the column email is missing'],
    ['a missing email', 'email,first_name\n,A\n', 'line 2: email is missing'],
    ['an invalid email address', 'email\nnobody\n', 'line 2: email: not an email address'],
    ['an address with a space', 'email\n" a@b.example"\n', 'line 2: email: not an email address'],
    [
      'an address with an invisible character',
      'email\na\u200b@b.example\n',
      'line 2: email contains an invisible character',
    ],
    ['an invalid boolean', 'email,email_verified\na@b.example,yes\n', 'line 2: email_verified must be true or false'],
    ['too many cells', 'email\na@b.example,x\n', 'line 2: has 2 cells, but the header has 1'],
    ['too few cells', 'email,first_name\na@b.example\n', 'line 2: has 1 cells, but the header has 2'],
    ['a quote that is never closed', 'email,name\na@b.example,"x\nc@d.example,y\n', 'line 2: a quote is never closed'],
    ['text after a quoted cell', 'email,name\na@b.example,"x"y\n', 'line 2: text after a quoted cell'],
    ['UTF-16', utf16('email\na@b.example\n'), 'line 1: the file is UTF-16; save it as UTF-8'],
    [
      'Latin-1',
      Buffer.from('email,name\na@b.example,Jos\xe9\n', 'latin1'),
      'line 2: is not UTF-8; save the file as UTF-8',
    ],
    ['a NUL character', 'email\na@b.example\n\0\n', 'line 3: contains a NUL character'],
    ['an overlong external id', `email,external_id\na@b.example,${'x'.repeat(129)}\n`, 'line 2: external_id: '],
    [
      'an external id that is not ASCII',
      'email,external_id\na@b.example,\u00fc\n',
      'line 2: external_id: must be ASCII',
    ],
    ['metadata that is not ASCII', 'email,metadata.a\na@b.example,\u00fc\n', 'line 2: metadata.a must be ASCII'],
    ['an overlong metadata value', `email,metadata.a\na@b.example,${'x'.repeat(601)}\n`, 'line 2: metadata.a: '],
    [
      'a metadata column without a key',
      'email,metadata.\na@b.example,x\n',
      'line 1: column 2: a metadata key has 1 to 40 characters',
    ],
    [
      'a hash of another type',
      'email,password_hash,password_hash_type\na@b.example,5f4dcc3b,bcrypt\n',
      'line 2: password_hash is not a bcrypt hash',
    ],
    [
      'a hash without its type',
      'email,password_hash\na@b.example,x\n',
      'line 2: Give password_hash and password_hash_type together',
    ],
    [
      'an unknown hash type',
      'email,password_hash,password_hash_type\na@b.example,x,md5\n',
      'line 2: password_hash_type: ',
    ],
    [
      'both a password and a hash',
      'email,password,password_hash,password_hash_type\na@b.example,p,x,ssha\n',
      'line 2: Give only one of',
    ],
    [
      'both role columns',
      'email,role_slug,role_slugs\na@b.example,a,"b,c"\n',
      'line 2: has both role_slug and role_slugs',
    ],
    ['an unknown status', 'email,status\na@b.example,gone\n', 'line 2: status must be active, inactive or pending'],
    ['an invalid locale', 'email,locale\na@b.example,English (US)\n', 'line 2: locale: must be a locale such as en-US'],
    [
      'the same external id for two people',
      'email,external_id\na@b.example,1\nc@d.example,1\n',
      'line 3: has the same external_id as line 2, but another email',
    ],
    [
      'one person with two external ids',
      'email,external_id,organization_id\na@b.example,1,org_1\nA@b.example,2,org_2\n',
      'line 3: has the same email as line 2, but another external_id',
    ],
    ['an endless line', `email\n${'x'.repeat(200_000)}`, 'line 2: the line is longer than 128 KiB'],
  ])('%s', async (_, content, message) => {
    expect(await complaint('users.csv', content)).toContain(message);
  });

  it.each<[what: string, content: string, message: string]>([
    ['invalid JSON', `${row({})}{"email": \n`, 'line 2: is not a JSON object'],
    ['a JSON array', `[\n  ${row({})}]\n`, 'line 1: the file is a single JSON document; write one object per line'],
    ['an object over several lines', '{\n"email": "a@b.example"\n}\n', 'line 1: the file is a single JSON document'],
    ['a row that is not an object', '["a@b.example"]\n', 'line 1: is not a JSON object'],
    ['an unknown name', row({ firstname: 'A' }), 'line 1: unknown column firstname; did you mean first_name?'],
    ['a number instead of a string', row({ first_name: 1 }), 'line 1: first_name must be text'],
    ['metadata that is not an object', row({ metadata: [] }), 'line 1: metadata must be an object'],
    ['a metadata value that is not a string', row({ metadata: { a: 1 } }), 'line 1: metadata.a must be text'],
    [
      'more than 50 metadata keys',
      row({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, 'x'])) }),
      'line 1: has more than 50 metadata keys',
    ],
    [
      'half a surrogate pair',
      '{"email":"a@b.example","first_name":"\\ud800"}\n',
      'line 1: first_name contains a character that text cannot contain',
    ],
    [
      'a NUL character',
      '{"email":"a@b.example","first_name":"\\u0000"}\n',
      'line 1: first_name contains a character that text cannot contain',
    ],
    ['a __proto__ key', '{"email":"a@b.example","__proto__":{"a":"b"}}\n', 'line 1: unknown column a name'],
    ['roles that are not strings', row({ role_slugs: [1] }), 'line 1: role_slugs must be slugs'],
  ])('%s, in JSON Lines', async (_, content, message) => {
    expect(await complaint('users.jsonl', content)).toContain(message);
  });

  it('a role without an organization', async () => {
    const said = await complaint('users.csv', 'email,role_slug\na@b.example,admin\n', { organization: undefined });
    expect(said).toContain('line 2: has a role but no organization');
  });

  it('a column that invitations do not have', async () => {
    const said = await complaint('users.csv', 'email,first_name\na@b.example,A\n', { mode: 'invite' });
    expect(said).toContain(
      'line 1: an invitation cannot have first_name, only email, organization_id, role_slug, locale',
    );
  });

  it('many problems, of which it lists the first 20 and counts the rest', async () => {
    const lines = Array.from({ length: 9_000 }, (_, at) => (at % 100 === 99 ? 'nobody' : `a${at}@b.example`));
    const said = await complaint('users.csv', `email\n${lines.join('\n')}\n`);
    expect(said).toMatch(/^The file has 90 problems: line 101: /);
    expect(said).toContain('line 2001: ');
    expect(said).not.toContain('line 2101: ');
    expect(said).toMatch(/; and 70 more$/);
  });

  it('100,001 rows', async () => {
    const rows = Array.from({ length: 100_001 }, (_, at) => `a${at}@b.example\n`);
    expect(await complaint('users.csv', `email\n${rows.join('')}`)).toContain(
      'line 100002: there are more than 100000 rows; split the file',
    );
  });

  it('a line that it numbers as an editor does, after quoted newlines and empty lines', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = ['\ufeffemail,name', 'a@b.example,"x', 'y"', '', 'nobody,z'];
      expect(await complaint('users.csv', lines.join(end))).toContain('line 5: email: not an email address');
    }
  });

  it('a value that it never repeats, not even from the first line of another kind of file', async () => {
    const secret = 'hunter2-is-my-password';
    for (const content of [
      `email,password,password_hash\na@b.example,${secret},x\n`,
      `email,email_verified\na@b.example,${secret}\n`,
      `DATABASE_PASSWORD=${secret}\nOTHER=1\n`,
      `{"email": "a@b.example", "password": "${secret}"\n`,
    ]) {
      for (const name of ['users.csv', 'users.jsonl', 'dotenv']) {
        server.write(name, content);
        expect((await imports(name)).text).not.toContain(secret);
      }
    }
  });

  afterAll(() => expect(server.journals()).toEqual([]));
});

describe('import_users opens only files in the working directory and the output folder', () => {
  const refused = async (path: string) => {
    const { error } = await imports(path);
    expect(error?.kind).toBe('input');
    return error?.message ?? '';
  };

  it.each(['../users.csv', '/etc/hostname', '/etc/nothing-there', '/proc/self/environ'])(
    'and refuses %s without revealing whether it exists',
    async (path) => {
      expect(await refused(path)).toContain('is not in the working directory or the output folder');
    },
  );

  it('and says if a file there does not exist', async () => {
    for (const path of ['nothing.csv', join(server.folder, 'nothing.csv')]) {
      expect(await refused(path)).toContain('does not exist');
    }
  });

  it.skipIf(WINDOWS)('and follows no link out of them', async () => {
    symlinkSync('/etc/hostname', join(server.folder, 'link.csv'));
    mkdirSync(join(server.folder, 'inner'));
    symlinkSync('/etc', join(server.folder, 'inner', 'folder'));
    for (const path of ['link.csv', 'inner/folder/hostname', 'inner/../link.csv']) {
      expect(await refused(path)).toContain('is not in the working directory or the output folder');
    }
  });

  it.skipIf(WINDOWS)('and refuses pipes, devices and folders', async () => {
    execFileSync('mkfifo', [join(server.folder, 'pipe.csv')]);
    symlinkSync('/dev/zero', join(server.folder, 'zero.csv'));
    expect(await refused('pipe.csv')).toContain('is not a regular file');
    expect(await refused('zero.csv')).toContain('is not in the working directory');
    expect(await refused('inner')).toContain('is not a regular file');
  });

  it.skipIf(WINDOWS)(
    'and only those in the output folder if the server was started in the root of the disk',
    async () => {
      const other = await importing({ folder: '/', runtime: {} });
      const { error } = await other.call('import_users', { path: 'etc/hostname' });
      expect(error?.message).toContain('is not in the working directory or the output folder');
      writeFileSync(join(other.outputDir, 'users.csv'), 'email\nroot@imported.example\n');
      expect((await other.call('import_users', { path: join(other.outputDir, 'users.csv') })).value).toMatchObject({
        created: 1,
      });
      await other.client.close();
      await other.sandbox.close();
    },
  );

  it('and reads only the start of a file of 900 MiB without line ends', async () => {
    server.write('huge.csv', 'email\n');
    truncateSync(join(server.folder, 'huge.csv'), 900 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    expect(await refused('huge.csv')).toContain('line 2: ');
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('and export_users writes nowhere else either', async () => {
    for (const path of ['../users.csv', '/etc/users.csv', ...(WINDOWS ? [] : ['inner/folder/users.csv'])]) {
      const { error } = await server.call('export_users', { kind: 'users', path });
      expect(error?.message).toContain('is not in the working directory or the output folder');
    }
    const { error } = await server.call('export_users', { kind: 'users', path: 'nowhere/users.csv' });
    expect(error?.message).toContain('does not exist');
  });
});
