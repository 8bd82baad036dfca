import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawServer } from '../harness.ts';
import { type Session, startServer } from '../process.ts';

const MIB = 1024 * 1024;
const header = (columns: number) => Array.from({ length: columns }, (_, at) => `column_${at}`).join(',');

/** Exports that once blocked the server or filled its memory: a beginning and a part that repeats up to this size. */
const HOSTILE: Readonly<Record<string, { begins: string; repeats: string; bytes: number }>> = {
  '300,000 columns': { begins: `${header(300_000)}\n`, repeats: `${','.repeat(299_999)}\n`, bytes: 12 * MIB },
  'a header without end': { begins: '', repeats: 'c,', bytes: 12 * MIB },
  'the most columns there may be': { begins: `${header(1_000)}\n`, repeats: `${','.repeat(999)}\n`, bytes: 4 * MIB },
  'a cell without end': { begins: 'id\n"', repeats: 'x\n', bytes: 12 * MIB },
  'cells that are all quotes': { begins: 'id\n', repeats: `"${'""'.repeat(500_000)}"\n`, bytes: 12 * MIB },
  'empty lines': { begins: 'id\n', repeats: '\n', bytes: 12 * MIB },
  'short rows of wrong lengths': { begins: 'id,action\n', repeats: 'a\nb,c,d\n', bytes: 4 * MIB },
  'rows with long names': {
    begins: 'action,actor_id\n',
    repeats: `${'a'.repeat(30_000)},${'b'.repeat(30_000)}\n`,
    bytes: 12 * MIB,
  },
};

let outputDir: string;
let api: Awaited<ReturnType<typeof rawServer>>;
let server: Session;
/** An idle server, whose ping times show how slow this machine is. */
let idle: Session;
let memoryAtRest: number;

beforeAll(async () => {
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-hostile-'));
  api = await rawServer((request, response) => {
    const name =
      decodeURIComponent(request.url ?? '')
        .split('/')
        .at(-1) ?? '';
    if (request.url?.startsWith('/files/')) return send(name, response);
    response.setHeader('content-type', 'application/json');
    const url = `${api.url}/files/${encodeURIComponent(name)}`;
    response.end(JSON.stringify({ id: name, state: 'ready', url, data: [] }));
  });
  const start = () =>
    startServer(['--base-url', api.url, '--output-dir', outputDir], { WORKOS_TOKEN: 'sk_test_hostile' });
  [server, idle] = await Promise.all([start(), start()]);
  // The first call loads the modules that all calls need.
  server.call('first', 'list_organizations');
  await server.response('first');
  memoryAtRest = peakMemory();
});
afterAll(async () => {
  for (const session of [server, idle]) session.kill();
  await Promise.all([server.ended, idle.ended]);
  await api.close();
  rmSync(outputDir, { recursive: true, force: true });
});

function send(name: string, response: ServerResponse): void {
  const { begins = '', repeats = '', bytes = 0 } = HOSTILE[name] ?? {};
  const part = repeats.repeat(Math.ceil(MIB / repeats.length));
  let left = bytes;
  response.write(begins);
  const pour = () => {
    while (left > 0 && !response.destroyed) {
      left -= part.length;
      if (!response.write(part)) return;
    }
    response.removeListener('drain', pour);
    response.end();
  };
  response.on('drain', pour);
  pour();
}

let ids = 0;

/** Pings the server during a call. Resolves to the longest ping, less the longest of the idle server. */
async function longestDelayDuring(input: Record<string, unknown>): Promise<number> {
  const id = `call ${++ids}`;
  let answered = false;
  const longestPing = async (session: Session) => {
    let longest = 0;
    while (!answered) {
      const started = performance.now();
      const ping = `ping ${++ids}`;
      session.send({ id: ping, method: 'ping' });
      await session.response(ping);
      longest = Math.max(longest, performance.now() - started);
    }
    return longest;
  };
  server.call(id, 'download_audit_export', input);
  const answer = server.response(id).finally(() => {
    answered = true;
  });
  const [longest, longestIdle] = await Promise.all([longestPing(server), longestPing(idle), answer]);
  return longest - longestIdle;
}

/** The peak memory of the server in MiB, or 0 if the system does not report it. */
function peakMemory(): number {
  if (process.platform !== 'linux') return 0;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

const QUERIED = ['300,000 columns', 'the most columns there may be', 'short rows of wrong lengths'];
const CALLS = [
  ...Object.keys(HOSTILE).map((name) => [name, {}] as const),
  ...QUERIED.map((name) => [name, { query: 'length(rows)' }] as const),
];

// A busy machine can delay a single ping, but not in every run.
describe('pings are answered within 250 ms while an export is read', { retry: 3, timeout: 60_000 }, () => {
  it.each(CALLS)('of %s, %j', async (name, input) => {
    expect(await longestDelayDuring({ audit_log_export_id: name, ...input })).toBeLessThan(250);
  });
});

it('no export takes more than 512 MiB of memory', () => {
  expect(peakMemory() - memoryAtRest).toBeLessThan(512);
});

it('the server still responds after all of them', async () => {
  server.send({ id: 'last', method: 'ping' });
  expect(await server.response('last')).toMatchObject({ result: {} });
  expect(server.err()).toBe('');
});
