import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../free-ports.ts';
import { type Running, teamServer } from './processes.ts';

const SUITE = ['-y', '-p', 'node@24', '-p', '@modelcontextprotocol/conformance@0.1.16', 'conformance'];

/** The suite's other scenarios call the tools and prompts of its own example server. */
const SCENARIOS = [
  'server-initialize',
  'ping',
  'tools-list',
  'prompts-list',
  'resources-list',
  'dns-rebinding-protection',
];

const run = (...args: string[]) => spawnSync('npx', [...SUITE, ...args], { encoding: 'utf8', timeout: 110_000 });
const available = run('list', '--server').status === 0;
if (!available) process.stderr.write("Skipped: npx cannot fetch Node 24 and the protocol's conformance suite.\n");

describe.skipIf(!available)('a team server in the MCP conformance suite', () => {
  let server: Running & { url: string };
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    server = await teamServer(port);
  });
  afterAll(() => server.stop());

  it.each(SCENARIOS)('passes %s', (scenario) => {
    const { status, stdout, stderr } = run('server', '--url', server.url, '--scenario', scenario);
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  });
});
