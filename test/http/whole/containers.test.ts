import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../docs/pages.ts';
import { type Issuer, startIssuer } from '../issuer.ts';
import { ALL } from '../team.ts';
import { crowd, differences, mostInASecond, type NotingApi, notingApi } from './crowd.ts';

/** `npm run test:containers` runs this. It builds images and uses ports 80 and 443. */
const WANTED = process.env['TEST_CONTAINERS'] === '1';

describe.runIf(WANTED)('compose.redis.yaml', () => {
  let folder: string;
  let issuer: Issuer;
  let api: NotingApi;
  let outside: Server;
  /** Runs `docker compose`, and resolves to its output. */
  const compose = async (...words: string[]): Promise<string> => {
    const files = ['compose.yaml', 'compose.redis.yaml', join(folder, 'test.yaml')].flatMap((file) => ['--file', file]);
    const { port } = outside.address() as AddressInfo;
    const env = {
      ...process.env,
      MCP_HOST: 'localhost',
      AUTHKIT_DOMAIN: `https://authkit.test:${port}`,
      MCP_ORGANIZATION: 'org_team',
    };
    const all = ['compose', '--project-name', 'workos-mcp-test', ...files, ...words];
    return (await promisify(execFile)('docker', all, { cwd: root, env, maxBuffer: 1e8 })).stdout;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-containers-'));
    [issuer, api] = await Promise.all([startIssuer('https://localhost/mcp'), notingApi()]);
    outside = await withTls(folder, { 'authkit.test': issuer.url, 'api.test': api.url });
    const secrets = {
      workos_token: 'sk_live_0123456789abcdefWXYZ',
      state_key: Buffer.alloc(32, 7).toString('base64'),
    };
    for (const [name, secret] of Object.entries(secrets)) writeFileSync(join(folder, name), secret);
    writeFileSync(join(folder, 'test.yaml'), JSON.stringify(overrides(folder, outside, Object.keys(secrets))));
    chmodSync(folder, 0o755);
    await compose('up', '--build', '--detach', '--wait');
  }, 600_000);
  afterAll(async () => {
    await compose('down', '--volumes', '--timeout', '5');
    outside.close();
    await Promise.all([api.close(), issuer.close()]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('serves everyone while an instance is killed and Redis is restarted', { timeout: 300_000 }, async () => {
    const ca = await compose('exec', 'proxy', 'cat', '/data/caddy/pki/authorities/local/root.crt');
    const { port } = outside.address() as AddressInfo;
    const iss = `https://authkit.test:${port}`;
    const tokens = new Map<string, Promise<string>>();
    const token = (sub: string) => {
      const exp = Math.floor(Date.now() / 1000) + 3_600;
      const signed = tokens.get(sub) ?? issuer.token({ iss, sub, permissions: ALL, exp });
      tokens.set(sub, signed);
      return signed;
    };
    const happens = new Map([
      [1_000, ['kill', 'workos-mcp']],
      [1_500, ['start', 'workos-mcp']],
      [2_000, ['restart', '--timeout', '0', 'redis']],
    ]);
    let events: Promise<unknown> = Promise.resolve();
    const progress = (calls: number) => {
      const words = happens.get(calls);
      if (words) events = events.then(() => compose(...words));
    };
    const seen = await crowd({ url: 'https://localhost/mcp', ca, people: 40, calls: 4_000, token, progress });
    await events;
    expect([...seen.wrong, ...differences(seen, api)]).toEqual([]);
    expect(mostInASecond(api)).toBeLessThanOrEqual(4);
    expect([...seen.creations.values()].filter((outcome) => outcome === 'done').length).toBeGreaterThan(100);
    expect([...seen.deletions.values()].filter((outcome) => outcome === 'done').length).toBeGreaterThan(20);
  });

  it('runs as an unprivileged user on a read-only file system', async () => {
    for (const service of ['workos-mcp', 'workos-mcp-2']) {
      expect((await compose('exec', service, 'id', '--user')).trim()).toBe('1000');
      await expect(compose('exec', service, 'touch', '/app/file')).rejects.toThrow('Read-only file system');
    }
  });

  it('keeps Redis in a network that only the instances share and that leads nowhere else', async () => {
    const lines = (await compose('ps', '--format', '{{.Service}} {{.Networks}}')).trim().split('\n').sort();
    const [own, shared] = ['workos-mcp-test_state', 'workos-mcp-test_default'];
    expect(lines).toEqual([
      `proxy ${shared}`,
      `redis ${own}`,
      expect.stringMatching(new RegExp(`^workos-mcp (${own},${shared}|${shared},${own})$`)),
      expect.stringMatching(new RegExp(`^workos-mcp-2 (${own},${shared}|${shared},${own})$`)),
    ]);
    const address = (await compose('exec', 'proxy', 'hostname', '-i')).trim().split(' ')[0];
    const reach = (service: string) =>
      compose('exec', service, 'timeout', '3', 'bash', '-c', `: < /dev/tcp/${address}/80`);
    await reach('workos-mcp');
    await expect(reach('redis')).rejects.toThrow();
  });
});

/** Serves these host names over TLS, each in front of a server on loopback. Containers reach it through the host. */
async function withTls(folder: string, hosts: Record<string, string>): Promise<Server> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = Object.keys(hosts).map((host) => `DNS:${host}`);
  const subject = ['-subj', '/CN=workos-mcp test', '-addext', `subjectAltName=${names.join(',')}`];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...algorithm, ...subject, '-days', '2', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, response) => {
    const target = hosts[incoming.headers.host?.split(':')[0] ?? ''];
    const { method, headers } = incoming;
    const forwarded = request(new URL(incoming.url ?? '', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return server;
}

/** What differs from a real deployment: the addresses and certificates of AuthKit and WorkOS, and the secret files. */
function overrides(folder: string, outside: Server, secrets: readonly string[]) {
  const { port } = outside.address() as AddressInfo;
  const instance = {
    environment: { WORKOS_BASE_URL: `https://api.test:${port}`, NODE_EXTRA_CA_CERTS: '/authority.pem' },
    volumes: [`${join(folder, 'cert.pem')}:/authority.pem:ro`],
    extra_hosts: ['authkit.test:host-gateway', 'api.test:host-gateway'],
  };
  return {
    services: { 'workos-mcp': instance, 'workos-mcp-2': instance },
    secrets: Object.fromEntries(secrets.map((name) => [name, { file: join(folder, name) }])),
  };
}
