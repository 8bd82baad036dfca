import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { rawServer } from '../harness.ts';
import { startPingMeter } from '../ping-meter.ts';
import { type Message, type Session, startServer } from '../process.ts';
import {
  csvText,
  type HostileResponse,
  hostileResponse,
  LINE_ID,
  type LongText,
  listBody,
  longText,
  rpcLine,
} from './generators.ts';
import { jmespath } from './jmespath-generator.ts';

/** How many cases of each kind. `npm run fuzz` sets it. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);
/** Printed on failure; the same seed generates the same cases. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A file to append the figures to, one JSON line for each kind. */
const FIGURES = process.env['FUZZ_FIGURES'];

/** How many cases one server process gets. */
const ROUND = 300;
const MAX_PING_MS = 250;
/** The maximum result of these servers, with room for its envelope. */
const MAX_RESULT = 5_000;
const MAX_TEXT = MAX_RESULT + 1_000;
const ANSWERED_WITHIN_MS = 60_000;
const TIMEOUT_MS = 60_000 + RUNS * 120;

/** How the API answers a request, by the name in its path or query. */
const replies = new Map<string, (response: ServerResponse) => void>();
let api: Awaited<ReturnType<typeof rawServer>>;
let outputDir: string;

beforeAll(async () => {
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-fuzz-'));
  api = await rawServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://host');
    response.on('error', () => {});
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const name = searchParams.get('search') ?? /"(case_\d+)"/.exec(body)?.[1] ?? pathname.split('/').at(-1) ?? '';
      const reply = replies.get(pathname.startsWith('/files/') ? `file ${name}` : name);
      if (reply) reply(response);
      else json(response, '{"object":"list","data":[],"list_metadata":{"after":null}}');
    });
  });
});
afterAll(async () => {
  await api.close();
  rmSync(outputDir, { recursive: true, force: true });
});

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

/** Runs cases on a server. Resolves to what went wrong, with each case. */
type Run<Case> = (session: Session, cases: readonly Case[]) => Promise<string[]>;

/** Runs random cases in rounds while pinging the server. @throws with the seed and the failed cases. */
async function fuzz<Case>(kind: string, cases: fc.Arbitrary<Case>, run: Run<Case>): Promise<void> {
  const figures = { kind, runs: 0, pings: 0, slowestPing: 0, exits: 0, wrong: 0 };
  const wrong: string[] = [];
  for (let round = 0; figures.runs < RUNS && wrong.length === 0; round++) {
    const numRuns = Math.min(ROUND, RUNS - figures.runs);
    const args = [
      '--base-url',
      api.url,
      '--max-retries',
      '0',
      '--max-result-chars',
      `${MAX_RESULT}`,
      '--confirm',
      'never',
    ];
    const session = await startServer([...args, '--output-dir', outputDir, '--log-level', 'silent'], {
      WORKOS_TOKEN: 'sk_test_fuzz',
    });
    const meter = startPingMeter(session);
    wrong.push(
      ...(await run(session, fc.sample(cases, { numRuns, seed: SEED + round })).catch((error) => [String(error)])),
    );
    const pings = await meter.stop().catch(() => undefined);
    session.child.stdin.end();
    const { code, err } = await session.ended;
    // Each server creates it again; removing the files of all rounds at the end would be slow.
    rmSync(outputDir, { recursive: true, force: true });
    if (code !== 0 || !pings) figures.exits++;
    if (code !== 0) wrong.push(`the server ended with ${code}: ${err.slice(-500)}`);
    if (pings && pings.slowest >= MAX_PING_MS) wrong.push(`a ping took ${pings.slowest} ms in round ${round}`);
    figures.runs += numRuns;
    figures.pings += pings?.count ?? 0;
    figures.slowestPing = Math.max(figures.slowestPing, pings?.slowest ?? 0);
  }
  figures.wrong = wrong.length;
  if (FIGURES) appendFileSync(FIGURES, `${JSON.stringify(figures)}\n`);
  const again = `FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS} npx vitest run test/trust/fuzz.test.ts -t '${kind}'`;
  if (wrong.length)
    throw new Error([`${wrong.length} cases went wrong. Again: ${again}`, ...wrong.slice(0, 5)].join('\n'));
}

/** The tool call of a case, and a check of its result. */
interface Call {
  name: string;
  input: Record<string, unknown>;
  /** What is wrong with a result, if anything. */
  check?(result: Record<string, unknown>): string | undefined;
}

/** Runs one call for each case, a few at a time. */
function calls<Case>(atATime: number, prepare: (one: Case, name: string) => Call): Run<Case> {
  return async (session, cases) => {
    const wrong: string[] = [];
    const left = cases.entries();
    const work = async () => {
      for (const [at, one] of left) {
        const id = `case_${at}`;
        const { name, input, check } = prepare(one, id);
        session.call(id, name, input);
        const message = await answered(session, id);
        const problem = message ? (problemOf(message) ?? check?.(resultOf(message))) : 'no answer';
        if (problem) wrong.push(`${problem}: ${JSON.stringify(one).slice(0, 2_000)}`);
        replies.delete(id);
        replies.delete(`file ${id}`);
      }
    };
    await Promise.all(Array.from({ length: atATime }, work));
    for (const [id, times] of timesAnswered(session)) if (times !== 1) wrong.push(`${id} was answered ${times} times`);
    return wrong;
  };
}

async function answered(session: Session, id: string): Promise<Message | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([session.response(id), delay(ANSWERED_WITHIN_MS, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

function resultOf({ result }: Message): Record<string, unknown> {
  return JSON.parse(result?.content?.[0]?.text ?? '');
}

const KINDS = /^(input|config|auth|permission|not_found|conflict|rate_limited|api|network|timeout|refused)$/;

/** What is wrong with any result, if anything. */
function problemOf(message: Message): string | undefined {
  if (message.error) return `the protocol error ${JSON.stringify(message.error).slice(0, 300)}`;
  const text = message.result?.content?.[0]?.text;
  if (text === undefined) return 'a result without text';
  if (text.length > MAX_TEXT) return `a result of ${text.length} characters`;
  const { error } = resultOf(message);
  if (!message.result?.isError) return undefined;
  // An error is an object; each field is checked below.
  const { kind, message: said, hint } = { ...(error as Record<string, unknown>) };
  if (!KINDS.test(String(kind)) || !said || !hint) return `the error ${text.slice(0, 300)}`;
  return /failed inside this server/.test(String(said)) ? `the bug ${said}` : undefined;
}

/** How often each request was answered, except pings. */
function timesAnswered(session: Session): Map<string, number> {
  const times = new Map<string, number>();
  for (const { id, method } of session.messages()) {
    if (id === undefined || method !== undefined || /^(ping \d+|handshake)$/.test(String(id))) continue;
    times.set(JSON.stringify(id), (times.get(JSON.stringify(id)) ?? 0) + 1);
  }
  return times;
}

it('any JMESPath expression ends with a result or an error', { timeout: TIMEOUT_MS }, async () => {
  const cases = fc.record({ query: jmespath, body: listBody, how: fc.constantFrom('list', 'all pages', 'dispatcher') });
  const run = calls<{ query: string; body: string; how: string }>(4, ({ query, body, how }, id) => {
    replies.set(id, (response) => json(response, body));
    const check = (result: Record<string, unknown>) =>
      'result' in result || 'error' in result ? undefined : `no result in ${JSON.stringify(result).slice(0, 300)}`;
    if (how === 'dispatcher') {
      const input = { tool: 'get_organization', arguments: { organization_id: id }, query };
      return { name: 'call_read_tool', input, check };
    }
    return {
      name: 'list_organizations',
      input: { search: id, query, ...(how === 'all pages' && { all_pages: true }) },
      check,
    };
  });
  await fuzz('any JMESPath expression', cases, run);
});

it('any text is a complete file with a summary, or an error', { timeout: TIMEOUT_MS }, async () => {
  const queries = fc.option(fc.constantFrom('length(rows)', 'rows[*].action', 'rows[0]'), { nil: undefined });
  const run = calls<{ csv: LongText; query: string | undefined }>(8, ({ csv, query }, id) => {
    const text = longText(csv);
    replies.set(id, (response) =>
      json(response, JSON.stringify({ id, state: 'ready', url: `${api.url}/files/${id}` })),
    );
    replies.set(`file ${id}`, (response) => response.end(text));
    return {
      name: 'download_audit_export',
      input: { audit_log_export_id: id, ...(query && { query }) },
      check: (result) => {
        const { path, error } = result;
        if (typeof path !== 'string' && !error) return `no path in ${JSON.stringify(result).slice(0, 1_000)}`;
        if (error) return query ? undefined : `the error ${JSON.stringify(error).slice(0, 300)}`;
        if (!readFileSync(String(path)).equals(Buffer.from(text))) return 'the file is not what was sent';
        rmSync(String(path));
        return undefined;
      },
    };
  });
  await fuzz('any text is a complete file', fc.record({ csv: csvText, query: queries }), run);
});

it('any failed response is an error', { timeout: TIMEOUT_MS }, async () => {
  const cases = fc.record({ response: hostileResponse, write: fc.boolean() });
  const run = calls<{ response: HostileResponse; write: boolean }>(
    8,
    ({ response: { status, contentType, body, headers }, write }, id) => {
      const bytes = Array.isArray(body) ? Buffer.from(body) : Buffer.from(longText(body));
      replies.set(id, (response) => response.writeHead(status, { ...headers, 'content-type': contentType }).end(bytes));
      return {
        ...(write
          ? { name: 'create_organization', input: { name: id } }
          : { name: 'get_organization', input: { organization_id: id } }),
        check: ({ error }) => (status >= 300 && !error ? 'a success' : undefined),
      };
    },
  );
  await fuzz('any failed response', cases, run);
});

it('any line is answered as often as JSON-RPC requires', { timeout: TIMEOUT_MS }, async () => {
  await fuzz('any line', rpcLine, async (session, cases) => {
    const expected = new Map<string, { times: number; line: string }>();
    for (const [at, one] of cases.entries()) {
      const bytes = Array.isArray(one)
        ? Buffer.from(one)
        : Buffer.from(longText(one).replaceAll(LINE_ID, `line ${at}`));
      for (const line of bytes.toString('utf8').split('\n')) {
        const id = answeredId(line);
        if (id === undefined) continue;
        const key = JSON.stringify(id);
        expected.set(key, { times: (expected.get(key)?.times ?? 0) + 1, line: line.slice(0, 1_000) });
      }
      session.write(bytes);
      // Otherwise all lines would be queued before the next ping.
      const written = new Promise<void>((resolve) => session.child.stdin.write('\n', () => resolve()));
      await Promise.race([written, session.ended]);
      if (session.child.exitCode !== null) return [`the server exited after ${JSON.stringify(one).slice(0, 2_000)}`];
    }
    const missing = () => [...expected].filter(([id, { times }]) => (timesAnswered(session).get(id) ?? 0) < times);
    for (let waited = 0; waited < 100 && missing().length > 0; waited++) await delay(100);
    session.send({ id: 'handshake', method: 'ping' });
    await session.response('handshake');
    const times = timesAnswered(session);
    const wrong = [...new Set([...expected.keys(), ...times.keys()])].filter(
      (id) => expected.get(id)?.times !== times.get(id),
    );
    return wrong.map((id) => {
      const { times: wanted = 0, line = '' } = expected.get(id) ?? {};
      return `${id} was answered ${times.get(id) ?? 0} times, not ${wanted}: ${line}`;
    });
  });
});

/** The id that a line is answered with, or undefined if it gets no answer. */
function answeredId(line: string): unknown {
  if (line.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line.trim());
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  // Any property of a parsed object can be read; each is checked below.
  const fields = value as Record<string, unknown>;
  const id = typeof fields['id'] === 'string' || typeof fields['id'] === 'number' ? fields['id'] : null;
  if (!('method' in fields)) return 'result' in fields || 'error' in fields ? undefined : id;
  const wellFormed = fields['jsonrpc'] === '2.0' && typeof fields['method'] === 'string';
  return wellFormed && !('id' in fields) ? undefined : id;
}
