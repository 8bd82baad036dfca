import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreOptions, TeamStore } from '../../src/http/store.ts';

/** What every store of a team server has to do, wherever it keeps its data. */
export function describeStore(name: string, open: (options: StoreOptions) => TeamStore | Promise<TeamStore>): void {
  describe(name, () => {
    let outputDir: string;
    let store: TeamStore;
    let clock: number;
    const reopen = async (files: StoreOptions['files'] = {}) => {
      await store?.close();
      store = await open({ outputDir, now: () => clock, files });
    };
    beforeEach(async () => {
      outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-store-'));
      clock = Date.now();
      store = await open({ outputDir, now: () => clock });
    });
    afterEach(async () => {
      await store.close();
      rmSync(outputDir, { recursive: true });
    });

    describe('keeps codes', () => {
      const issued = () => ({ binding: 'delete_user user_1', expires: clock + 600_000 });

      it('until they are removed', async () => {
        await store.codes.set('code', issued(), clock);
        expect(await store.codes.get('code')).toEqual(issued());
        expect(await store.codes.get('Code')).toBeUndefined();
        await store.codes.delete('code');
        expect(await store.codes.get('code')).toBeUndefined();
      });

      it('that only one of many concurrent callers can remove', async () => {
        await store.codes.set('code', issued(), clock);
        const tries = await Promise.all(Array.from({ length: 20 }, () => store.codes.delete('code')));
        expect(tries.filter(Boolean)).toHaveLength(1);
        expect(await store.codes.delete('code')).toBe(false);
      });

      it('without dropping unexpired codes for new ones', async () => {
        for (let at = 0; at < 50; at++) await store.codes.set(`code-${at}`, issued(), clock);
        expect(await store.codes.get('code-0')).toEqual(issued());
      });
    });

    describe('keeps files', () => {
      const write = (file: string, text: string) => {
        const path = join(store.files.folder, file);
        writeFileSync(path, text);
        return path;
      };
      const uris = async (owner: string) => (await store.files.list(owner)).map(({ uri }) => uri);
      const A = 'workos://files/a.csv';

      it('each for its owner only', async () => {
        expect(await store.files.keep('ada', write('a.csv', 'one'))).toMatchObject({ uri: A, name: 'a.csv', bytes: 3 });
        expect(await uris('ada')).toEqual([A]);
        expect(await uris('bob')).toEqual([]);
        expect(await store.files.find('ada', A)).toMatchObject({ mimeType: 'text/csv', expires: clock + 3_600_000 });
        expect(await store.files.find('bob', A)).toBeUndefined();
        expect(String(await store.files.read('ada', A, 1, 3))).toBe('ne');
        await expect(store.files.read('bob', A, 1, 3)).rejects.toThrow('The file does not exist');
      });

      it('and never gives a kept file to another owner', async () => {
        const path = write('a.csv', 'one');
        await store.files.keep('ada', path);
        expect(await store.files.keep('bob', path)).toBeUndefined();
        expect([await uris('ada'), await uris('bob')]).toEqual([[A], []]);
      });

      it('for an hour', async () => {
        await store.files.keep('ada', write('a.csv', 'one'));
        clock += 3_599_000;
        expect(await uris('ada')).toEqual([A]);
        clock += 1_000;
        expect(await store.files.find('ada', A)).toBeUndefined();
        await expect(store.files.read('ada', A, 0, 3)).rejects.toThrow('The file does not exist');
        expect(await uris('ada')).toEqual([]);
        await store.files.sweep();
      });

      it('unless they exceed the size limit', async () => {
        await reopen({ maxFileBytes: 3 });
        expect(store.files.maxFileBytes).toBe(3);
        expect(await store.files.keep('ada', write('a.csv', 'four'))).toBeUndefined();
        expect(await store.files.keep('ada', write('b.csv', 'two'))).toMatchObject({ bytes: 3 });
      });

      it('and drops the oldest when all together are too large', async () => {
        await reopen({ maxAllBytes: 10 });
        for (const [at, owner] of ['ada', 'bob', 'ada'].entries()) {
          await store.files.keep(owner, write(`${at}.csv`, 'four'));
        }
        expect(await uris('ada')).toEqual(['workos://files/2.csv']);
        expect(await uris('bob')).toEqual(['workos://files/1.csv']);
      });

      it('and drops the oldest when there are too many', async () => {
        await reopen({ maxFiles: 2 });
        for (const at of [0, 1, 2]) await store.files.keep('ada', write(`${at}.csv`, ''));
        expect(await uris('ada')).toEqual(['workos://files/1.csv', 'workos://files/2.csv']);
      });

      it('but ignores a missing one', async () => {
        expect(await store.files.keep('ada', join(store.files.folder, 'gone.csv'))).toBeUndefined();
        expect(await uris('ada')).toEqual([]);
      });
    });

    describe('keeps texts', () => {
      it('separately for each owner and name', async () => {
        expect(await store.texts.replace('ada', 'daily', undefined, 'one')).toBe(true);
        expect(await store.texts.read('ada', 'daily')).toBe('one');
        expect(await store.texts.read('bob', 'daily')).toBeUndefined();
        expect(await store.texts.read('ada', 'weekly')).toBeUndefined();
        expect(await store.texts.replace('bob', 'daily', undefined, 'two')).toBe(true);
        expect(await store.texts.read('ada', 'daily')).toBe('one');
      });

      it('and replaces a text only if it is still the one that was read', async () => {
        await store.texts.replace('ada', 'daily', undefined, 'one');
        expect(await store.texts.replace('ada', 'daily', undefined, 'two')).toBe(false);
        expect(await store.texts.replace('ada', 'daily', 'two', 'three')).toBe(false);
        expect(await store.texts.read('ada', 'daily')).toBe('one');
        expect(await store.texts.replace('ada', 'daily', 'one', 'two')).toBe(true);
        expect(await store.texts.read('ada', 'daily')).toBe('two');
      });

      it('that only one of many concurrent callers can replace', async () => {
        for (const before of [undefined, 'first']) {
          if (before !== undefined) await store.texts.replace('bob', 'daily', undefined, before);
          const tries = Array.from({ length: 20 }, (_, at) =>
            store.texts.replace(before === undefined ? 'ada' : 'bob', 'daily', before, `text ${at}`),
          );
          expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
        }
      });

      it('up to a hundred for each owner, the latest ones', async () => {
        for (let at = 0; at <= 100; at++) await store.texts.replace('ada', String(at), undefined, 'text');
        expect(await store.texts.read('ada', '0')).toBeUndefined();
        expect(await store.texts.read('ada', '1')).toBe('text');
      });
    });

    it('lets four requests a second list the users of a directory', async () => {
      const waits: number[] = [];
      const request = { method: 'GET' as const, path: '/directory_users', query: 'directory=directory_1' };
      const { signal } = new AbortController();
      const waiting = { now: () => clock, sleep: async () => {}, signal, onWait: (ms: number) => void waits.push(ms) };
      // The clock stands still, so that only the first four start.
      for (let at = 0; at < 4; at++) {
        const answered = await store.limits.waitForSlot(request, waiting);
        answered?.(clock);
      }
      expect(waits).toEqual([]);
      const sleep = async (ms: number) => {
        clock += ms;
      };
      await store.limits.waitForSlot(request, { ...waiting, sleep });
      // A shared store uses its own clock.
      expect(waits).toEqual([expect.closeTo(1_000, -2.6)]);
      await store.limits.waitForSlot({ ...request, query: 'directory=directory_2' }, waiting);
      expect(waits).toHaveLength(1);
    });
  });
}
