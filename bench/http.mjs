// Compares the built team server, which checks a token for each call, with the SDK's example server, which checks none. Stores
// the result in bench/http.json and updates docs/performance.md; with --quick, only prints it.
//   node bench/http.mjs [--quick]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Agent } from 'undici';
import { httpBenchSection, httpBenchTable, writePerformance } from '../scripts/performance.mjs';
import { median, startApi } from './measures.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' } } });
const { rounds, times } = options.quick ? { rounds: 3, times: 300 } : { rounds: 15, times: 1_000 };
const widths = [1, 10, 50];
const resolveHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const print = (line) => process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-bench-'));
const api = await startApi(1_000);
const issuer = await startIssuer();
const env = { WORKOS_TOKEN: 'sk_test_bench', WORKOS_BASE_URL: api.url, WORKOS_MCP_OUTPUT_DIR: folder };
const ours = await start([resolveHere('../dist/index.js'), 'http', '--port', '0', '--authkit-domain', issuer.url], env);
const example = await start([resolveHere('http-example-server.mjs')], env);
const candidates = [
  { name: 'ours', url: ours.url, token: await issuer.token(ours.url) },
  { name: 'example', url: example.url },
];
try {
  print(`Node ${process.version}, ${availableParallelism()} cores. ${rounds} rounds of ${times} calls …`);
  const agent = new Agent({ connections: Math.max(...widths) });
  for (const one of candidates) await load(agent, one, 500, 10);
  const samples = new Map(candidates.map(({ name }) => [name, new Map(widths.map((width) => [width, []]))]));
  for (const width of widths) {
    for (let round = 0; round < rounds; round++) {
      // In alternating order, so that each is first in half of the rounds.
      const order = round % 2 ? [...candidates].reverse() : candidates;
      for (const one of order)
        samples
          .get(one.name)
          .get(width)
          .push(await load(agent, one, times, width));
    }
  }
  const rows = widths.flatMap((width) => rowsFor(width, samples));
  print(`\n${httpBenchTable(rows)}`);
  if (!options.quick) {
    const results = { node: process.version, cores: availableParallelism(), rounds, times, rows };
    writeFileSync(resolveHere('http.json'), `${JSON.stringify(results, null, 1)}\n`);
    writePerformance('http-bench', httpBenchSection(results));
  }
  await agent.close();
} finally {
  for (const one of [ours, example]) one.stop();
  api.close();
  issuer.close();
  rmSync(folder, { recursive: true, force: true });
}

function rowsFor(width, samples) {
  const of = (name, measure) =>
    median(
      samples
        .get(name)
        .get(width)
        .map((one) => one[measure]),
    );
  return [
    { measure: 'perSecond', width, ours: of('ours', 'perSecond'), example: of('example', 'perSecond') },
    { measure: 'p99', width, ours: of('ours', 'p99'), example: of('example', 'p99') },
  ];
}

/** Makes `total` calls, `width` at a time. Resolves to the calls per second and the 99th percentile in milliseconds. */
async function load(agent, { url, token }, total, width) {
  const { origin, pathname } = new URL(url);
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'list_organizations', arguments: { limit: 10 } },
  });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const latencies = [];
  let left = total;
  const worker = async () => {
    while (left-- > 0) {
      const begun = performance.now();
      const response = await agent.request({ origin, path: pathname, method: 'POST', headers, body });
      const text = await response.body.text();
      if (response.statusCode !== 200 || !text.includes('Organization 9'))
        throw new Error(`${response.statusCode}: ${text}`);
      latencies.push(performance.now() - begun);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: width }, worker));
  const seconds = (performance.now() - begun) / 1_000;
  latencies.sort((a, b) => a - b);
  return { perSecond: total / seconds, p99: latencies[Math.floor(latencies.length * 0.99)] };
}

/** Starts a server in a child process, and resolves when it has printed where it listens. */
async function start(args, more) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...more },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { url: /http:\/\/\S+?(?=,|$)/.exec(line)[0], stop: () => child.kill('SIGKILL') };
}

/** Starts an issuer that publishes a key and signs tokens with it. */
async function startIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    token: (audience) =>
      new SignJWT({ permissions: ['workos-mcp:read'], org_id: 'org_bench' })
        .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
        .setIssuer(url)
        .setAudience(audience)
        .setSubject('user_bench')
        .setExpirationTime('2h')
        .sign(privateKey),
    close: () => server.close(),
  };
}
