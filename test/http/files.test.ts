import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskFiles, filesOf, withFiles } from '../../src/http/files.ts';
import { ALL, callOf, KEY, request, type TeamOptions, type TestTeam, testTeam } from './team.ts';

const MIB = 1024 * 1024;

describe('the files of an instance on disk', () => {
  let folder: string;
  let files: DiskFiles;
  let clock: number;
  const open = (limits = {}) => {
    files = new DiskFiles(folder, () => clock, limits);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-files-'));
    clock = Date.now();
    open();
  });
  afterEach(async () => {
    await files.close();
    rmSync(folder, { recursive: true });
  });

  function write(name: string, text: string): string {
    const path = join(files.folder, name);
    writeFileSync(path, text);
    return path;
  }

  it('are removed when they expire, are too large or have to make room', async () => {
    open({ maxFileBytes: 4, maxFiles: 1 });
    await files.keep('ada', write('large.csv', 'large'));
    for (const name of ['0.csv', '1.csv']) await files.keep('ada', write(name, 'four'));
    expect(readdirSync(files.folder)).toEqual(['1.csv']);
    clock += 3_600_000;
    await files.sweep();
    expect(readdirSync(files.folder)).toEqual([]);
  });

  it('are removed if they are old and were never kept', async () => {
    const [old, young] = [write('old.csv', ''), write('young.csv', '')];
    utimesSync(old, new Date(clock), new Date(clock - 3_600_001));
    await files.sweep();
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  it('are never symlinks, even if one replaces a file', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'not for you');
    const link = join(files.folder, 'link.csv');
    symlinkSync(secret, link);
    expect(await files.keep('ada', link)).toBeUndefined();
    const path = write('a.csv', 'one');
    await files.keep('ada', path);
    rmSync(path);
    symlinkSync(secret, path);
    await expect(files.read('ada', 'workos://files/a.csv', 0, 3)).rejects.toThrow(
      'The file does not exist or has expired',
    );
  });

  it("are not readable at a part that contains the server's key", async () => {
    await files.keep('ada', write('a.csv', `a,${KEY}`));
    const slice = filesOf(files, 'ada').read('workos://files/a.csv', 0, 100, [KEY]);
    await expect(slice).rejects.toThrow(/^This part of the file contains this server's key$/);
  });

  it('are gone when the server ends', async () => {
    write('a.csv', 'one');
    await files.close();
    expect(existsSync(files.folder)).toBe(false);
  });

  describe('in a result', () => {
    const shared = (value: Record<string, unknown>, written: string[] = []) => {
      const result = { content: [{ type: 'text' as const, text: JSON.stringify(value) }], structuredContent: value };
      return withFiles(result, written, files, 'ada');
    };

    it('are named by URI, wherever the result names them', async () => {
      const path = write('a-0123.json', '{}');
      const { structuredContent, content } = await shared({
        secret_file: { path, fields: ['value'] },
        hint: `Look into ${path}, and remove it.`,
        path: 'of/something/else',
      });
      expect(structuredContent).toEqual({
        secret_file: { uri: 'workos://files/a-0123.json', fields: ['value'] },
        hint: 'Look into workos://files/a-0123.json, and remove it.',
        path: 'of/something/else',
      });
      expect(content).toEqual([
        { type: 'text', text: JSON.stringify(structuredContent) },
        {
          type: 'resource_link',
          uri: 'workos://files/a-0123.json',
          name: 'a-0123.json',
          mimeType: 'application/json',
          size: 2,
        },
      ]);
    });

    it('are linked even if the result does not name them', async () => {
      const path = write('a.csv', 'one');
      expect((await shared({ items: 3 }, [path])).content).toHaveLength(2);
    });

    it('are reported as not kept if they are missing, without showing the folder', async () => {
      mkdirSync(join(files.folder, 'sub'));
      const { structuredContent } = await shared({
        path: join(files.folder, 'gone.csv'),
        error: `no room in ${files.folder}`,
      });
      expect(JSON.stringify(structuredContent)).not.toContain(files.folder);
      expect(structuredContent).toMatchObject({
        path: expect.stringContaining('not kept'),
        error: "no room in this server's folder",
      });
    });

    it('leave the result unchanged if it names none of them', async () => {
      const value = { a: '/tmp/other', b: 1 };
      expect((await shared(value)).structuredContent).toBe(value);
    });
  });
});

describe('a member of a team', () => {
  let team: TestTeam;
  let ada: string;
  let bob: string;
  const start = async (options: TeamOptions = {}) => {
    team = await testTeam(options);
    [ada, bob] = await Promise.all([
      team.issuer.token({ permissions: ALL }),
      team.issuer.token({ sub: 'user_bob', permissions: ALL }),
    ]);
  };
  afterEach(() => team.close());

  const read = async (uri: string, token: string) =>
    (await team.post(request('resources/read', { uri }), token)).message;
  const users = Array.from({ length: 100 }, (_, at) => ({ id: `user_${at}`, name: 'x'.repeat(600) }));

  it('gets a secret that WorkOS shows once as a resource that only they can read', async () => {
    await start({
      replies: () => ({ body: { id: 'key_1', value: 'sk_once_0123456789abcdef' } }),
      flags: ['--confirm', 'never'],
    });
    const { message, text } = await team.post(
      callOf('call_write_tool', {
        tool: 'create_organization_api_key',
        arguments: { organization_id: 'org_1', name: 'CI' },
      }),
      ada,
    );
    expect(text).not.toMatch(/sk_once_0123456789|workos-mcp-http/);
    const link = message.result?.content?.find(({ type }) => type === 'resource_link');
    expect(link).toMatchObject({
      uri: expect.stringMatching(/^workos:\/\/files\/create_organization_api_key-[0-9a-f]+\.json$/),
    });
    const uri = link?.uri ?? '';
    expect((await read(uri, ada)).result?.contents?.[0]?.text).toContain('sk_once_0123456789abcdef');
    expect((await read(uri, bob)).error).toMatchObject({ code: -32002 });
    const listed = await team.post(request('resources/list'), bob);
    expect(listed.text).not.toContain(uri);
  });

  it('reads a long list in slices', async () => {
    await start({ replies: () => ({ body: { object: 'list', data: users, list_metadata: {} } }) });
    const { uri, items } = await team.call(ada, 'list_users', { all_pages: true });
    expect([items, uri]).toEqual([100, expect.stringMatching(/^workos:\/\/files\/list_users-[0-9a-f]+\.jsonl$/)]);
    let whole = '';
    for (let next = `${String(uri)}?length=20000`; next; ) {
      const contents = (await read(next, ada)).result?.contents ?? [];
      whole += contents[0]?.text ?? '';
      next = contents[1] ? `${contents[1].uri}&length=20000` : '';
    }
    expect(
      whole
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(users);
  });

  it('gets as much of a list as fits within the file size limit', async () => {
    let page = 0;
    await start({
      files: { maxFileBytes: 2 * MIB },
      replies: () => ({ body: { object: 'list', data: users, list_metadata: { after: `user_${++page}` } } }),
    });
    const { stopped, error, items } = await team.call(ada, 'list_users', { all_pages: true, max_items: 10_000 });
    expect([stopped, items]).toEqual(['error', 3_300]);
    expect(error).toMatchObject({ message: expect.stringContaining('larger than 2 MiB') });
  });

  it('never sees a path of the server, even if writing a file fails', async () => {
    await start({ replies: () => ({ body: { object: 'list', data: users, list_metadata: {} } }) });
    rmSync(team.outputDir, { recursive: true });
    writeFileSync(team.outputDir, 'in the way');
    const { text } = await team.post(callOf('list_users', { all_pages: true }), ada);
    expect(text).toContain('error');
    expect(text).not.toContain(team.outputDir);
  });

  it('leaves no file behind when the server ends', async () => {
    await start({ replies: () => ({ body: { object: 'list', data: users, list_metadata: {} } }) });
    await team.call(ada, 'list_users', { all_pages: true });
    await team.team.end();
    expect(readdirSync(team.outputDir)).toEqual([]);
  });
});

it('the file limits are those in the documentation', async () => {
  const { MAX_ALL_BYTES, MAX_FILE_BYTES, FILE_LIFETIME_MS } = await import('../../src/http/files.ts');
  expect([MAX_FILE_BYTES, MAX_ALL_BYTES, FILE_LIFETIME_MS]).toEqual([64 * MIB, 512 * MIB, 3_600_000]);
});
