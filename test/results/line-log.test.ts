import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFile } from '../../src/results/file-lock.ts';
import { LineLog, type LogFile, readLines } from '../../src/results/line-log.ts';
import { expectMode, WINDOWS } from '../platform.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-log-'));
  path = join(folder, 'a.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** A file that records its calls in order and syncs only when told to. */
class SlowFile implements LogFile {
  readonly calls: string[] = [];
  text = '';
  failure: Error | undefined;
  #waiting: (() => void)[] = [];

  async write(data: Uint8Array, offset: number, length: number, position: number) {
    const text = Buffer.from(data).toString('utf8', offset, offset + length);
    this.calls.push(`write ${text.trimEnd().split('\n').length}`);
    if (this.failure) {
      this.text = `${this.text.slice(0, position)}${text.slice(0, 3)}`;
      throw this.failure;
    }
    this.text = this.text.slice(0, position) + text;
    return { bytesWritten: length };
  }
  async datasync() {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.calls.push('sync');
  }
  async sync() {}
  async truncate(length?: number) {
    this.text = this.text.slice(0, length);
    this.calls.push(`truncate ${length}`);
  }
  async close() {
    this.calls.push('close');
  }
  read: LogFile['read'] = () => Promise.reject(new Error('not read'));

  async synced() {
    await setImmediate();
    const [first] = this.#waiting.splice(0, 1);
    first?.();
    await setImmediate();
  }
}

describe('a line added to a log', () => {
  it('is on the disk once it is reported as done, and lines added meanwhile share the next write', async () => {
    const file = new SlowFile();
    const log = new LineLog(path, file, 0, () => {});
    const done: string[] = [];
    const add = (name: string) => log.append([{ name }]).then(() => done.push(name));
    const all = [add('a')];
    await setImmediate();
    for (const name of ['b', 'c', 'd']) all.push(add(name));
    await setImmediate();
    expect(done).toEqual([]);
    await file.synced();
    expect(done).toEqual(['a']);
    await file.synced();
    await Promise.all(all);
    expect(done).toEqual(['a', 'b', 'c', 'd']);
    expect(file.calls).toEqual(['write 1', 'sync', 'write 3', 'sync']);
  });

  it('is written even right after another one is done', async () => {
    const log = await LineLog.open(path);
    for (let at = 0; at < 50; at++) await log.append([{ at }]);
    await log.close();
    expect(await linesOf(readLines(path))).toHaveLength(50);
  });

  it('is written completely or not at all, and nothing is added after a failure', async () => {
    const file = new SlowFile();
    const log = new LineLog(path, file, 0, () => {});
    const first = log.append([{ a: 1 }]);
    await file.synced();
    await first;
    file.failure = new Error('ENOSPC: no space left on device');
    await expect(log.append([{ b: 1 }, { c: 1 }])).rejects.toThrow(`${path} cannot be written: ENOSPC`);
    expect(file.text).toBe('{"a":1}\n');
    file.failure = undefined;
    for (const name of ['d', 'e']) await expect(log.append([{ [name]: 1 }])).rejects.toThrow('ENOSPC');
    expect(file.text).toBe('{"a":1}\n');
  });

  it('is there, in order, when the log is opened again', async () => {
    const log = await LineLog.open(path);
    expect(log.existed).toBe(false);
    await Promise.all(Array.from({ length: 500 }, (_, at) => log.append([{ at }, { 'at too': at }])));
    await log.close();
    expectMode(path, 0o600);
    const again = await LineLog.open(path);
    const lines = await linesOf(again.lines());
    expect(again.existed).toBe(true);
    expect(lines).toHaveLength(1_000);
    expect(lines[998]).toBe('{"at":499}');
    await again.close();
  });
});

describe('a log that was not closed', () => {
  it.each([
    ['an incomplete line', '{"a":1}\n{"b":', ['{"a":1}']],
    ['its only line if that is incomplete', '{"a"', []],
    ['a long incomplete line', `{"a":1}\n${'x'.repeat(200_000)}`, ['{"a":1}']],
  ])('loses %s', async (_, text, kept) => {
    writeFileSync(path, text);
    expect(await linesOf(readLines(path))).toEqual(kept);
    const log = await LineLog.open(path);
    expect(await linesOf(log.lines())).toEqual(kept);
    await log.append([{ c: 1 }]);
    await log.close();
    expect(readFileSync(path, 'utf8')).toBe([...kept, '{"c":1}', ''].join('\n'));
  });

  it('can be read while another process adds to it', async () => {
    const log = await LineLog.open(path);
    await log.append([{ a: 1 }]);
    appendFileSync(path, '{"b"');
    expect(await linesOf(readLines(path))).toEqual(['{"a":1}']);
    await log.close();
    expect(await linesOf(readLines(join(folder, 'none')))).toEqual([]);
  });
});

describe('a lock', () => {
  const lock = () => `${path}.lock`;

  it('keeps others out until it is released', () => {
    const { release } = lockFile(path);
    expect(() => lockFile(path)).toThrow(`${path} is in use by another call of this server`);
    release();
    lockFile(path).release();
    expect(existsSync(lock())).toBe(false);
  });

  it('of a process that has ended is taken over', () => {
    writeFileSync(lock(), '4194399 \n');
    lockFile(path).release();
    // In a container, the next process has the same id.
    writeFileSync(lock(), `${process.pid} before\n`);
    lockFile(path).release();
  });

  it.skipIf(process.platform !== 'linux')(
    'of an ended process whose id was reused is taken over, as after a reboot',
    () => {
      writeFileSync(lock(), `${process.ppid} other-boot 12345\n`);
      lockFile(path).release();
    },
  );

  it('of a running process is not taken over', () => {
    const { release } = lockFile(join(folder, 'other'));
    // What the parent process would have written itself, from what the system says about it.
    const [, started = ''] = /^\d+ (.*)\n/.exec(readFileSync(join(folder, 'other.lock'), 'utf8')) ?? [];
    const boot = started.split(' ')[0];
    const start = started && readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
    writeFileSync(lock(), `${process.ppid} ${started && `${boot} ${start}`}\n`);
    expect(() => lockFile(path)).toThrow(`is in use by process ${process.ppid}`);
    expect(existsSync(lock())).toBe(true);
    release();
  });

  it('that is being written is not taken over either', () => {
    writeFileSync(lock(), '');
    expect(() => lockFile(path)).toThrow('is in use by another process');
  });

  it.skipIf(WINDOWS)('that cannot be written fails with the reason', () => {
    expect(() => lockFile(join(folder, 'nowhere', 'a'))).toThrow(/cannot be written: ENOENT/);
  });
});
