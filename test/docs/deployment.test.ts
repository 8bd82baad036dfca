import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HTTP_SETTINGS, type HttpSettings, httpProblems } from '../../src/config/http-settings.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { STATE_KEY_VARIABLES } from '../../src/config/state-settings.ts';
import { rawServer } from '../harness.ts';
import { read } from './pages.ts';

const KNOWN = [
  ...[...Object.values(SETTINGS), ...Object.values(HTTP_SETTINGS)].map(({ variable }) => variable),
  ...STATE_KEY_VARIABLES,
  'WORKOS_TOKEN_FILE',
];
const dockerfile = read('Dockerfile');
/** The last stage, which is what runs. */
const stage = dockerfile.slice(dockerfile.lastIndexOf('FROM '));

interface Compose {
  services: Record<string, { environment?: Record<string, string>; [setting: string]: unknown }>;
  secrets: Record<string, unknown>;
}
const compose: Compose = parse(read('compose.yaml'));
const service = compose.services['workos-mcp'] ?? {};

/** Each ${NAME:?…} with a value. */
const filledIn = (text: string) =>
  text.replace(/\$\{(\w+)[^}]*\}/g, (_, name: string) => {
    const values: Readonly<Record<string, string>> = {
      MCP_HOST: 'mcp.example.com',
      AUTHKIT_DOMAIN: 'https://team.authkit.app',
      MCP_ORGANIZATION: 'org_1',
    };
    return values[name] ?? '';
  });

describe('Dockerfile', () => {
  it('runs as a user without rights, from an image without a compiler', () => {
    expect(stage).toMatch(/^FROM node:\d+-slim$/m);
    expect(stage).toMatch(/^USER node$/m);
    expect(stage).not.toMatch(/^RUN /m);
  });

  it('copies what npm run build makes, and what that reads', () => {
    expect(stage).toContain('/build/dist ./dist');
    // The manifest says that the files are modules.
    expect(stage).toContain('/build/package.json');
  });

  it('has a health check that passes only if the server is ready', async () => {
    const [, code = ''] = /CMD \["node", "-e", "(.*)"\]/.exec(stage) ?? [];
    for (const [status, exit] of [
      [200, 0],
      [503, 1],
    ] as const) {
      const server = await rawServer(({ url }, response) => {
        response.writeHead(url === '/readyz' ? status : 404).end();
      });
      const { port } = new URL(server.url);
      const child = spawn(process.execPath, ['-e', code], { env: { WORKOS_MCP_HTTP_PORT: port } });
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(exit);
      await server.close();
    }
    const { status } = spawnSync(process.execPath, ['-e', code], { env: { WORKOS_MCP_HTTP_PORT: '9' } });
    expect(status).toBe(1);
  });
});

describe('compose.yaml', () => {
  it('keeps the key out of the environment, and lets the container write only to /tmp', () => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], secrets: ['workos_token'] });
    expect(Object.keys(compose.secrets)).toEqual(['workos_token']);
    expect(JSON.stringify(service['tmpfs'])).toContain('/tmp:');
    expect(read('.dockerignore')).toContain('workos_token');
    expect(read('.gitignore')).toContain('workos_token');
  });

  it('names only variables that exist, as does the Dockerfile', () => {
    const named = [...(dockerfile + read('compose.yaml')).matchAll(/\bWORKOS_\w+/g)].map(([name]) => name);
    expect([...new Set(named)].filter((name) => !KNOWN.includes(name))).toEqual([]);
  });

  it('has settings that start a server', () => {
    const image = Object.fromEntries(
      [...stage.matchAll(/(WORKOS_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    );
    const given = { ...image, ...service.environment };
    const settings = Object.fromEntries(
      Object.entries(HTTP_SETTINGS).map(([name, { variable, parse: parseText, default: initial }]) => {
        const text = given[variable];
        return [name, typeof text === 'string' ? parseText(filledIn(text)) : initial];
      }),
    ) as unknown as HttpSettings;
    expect(httpProblems(settings)).toEqual([]);
    expect(settings).toMatchObject({
      host: '0.0.0.0',
      publicUrl: 'https://mcp.example.com/mcp',
      requireOrganization: 'org_1',
    });
  });

  it('gives running writes time to end', () => {
    expect(service['stop_grace_period']).toBe('3m');
  });
});

describe('compose.redis.yaml', () => {
  const shared: Compose & { networks: Record<string, unknown> } = parse(read('compose.redis.yaml'));
  const { redis = {}, proxy, ...instances } = shared.services;

  it('has two identical instances that share a Redis', () => {
    const [one, other] = Object.values(instances);
    expect(Object.keys(instances)).toEqual(['workos-mcp', 'workos-mcp-2']);
    expect(other).toEqual({ extends: { file: 'compose.yaml', service: 'workos-mcp' }, ...one });
    const { WORKOS_MCP_STATE = '', ...others } = one?.environment ?? {};
    expect(HTTP_SETTINGS.state.parse(WORKOS_MCP_STATE)).toBe('redis://redis:6379');
    expect(others).toEqual({ WORKOS_MCP_STATE_KEY_FILE: '/run/secrets/state_key' });
    expect(STATE_KEY_VARIABLES).toContain('WORKOS_MCP_STATE_KEY_FILE');
    const { configs } = shared as unknown as { configs: { caddyfile: { content: string } } };
    for (const name of Object.keys(instances)) expect(configs.caddyfile.content).toContain(` ${name}:8787`);
    expect(proxy).toBeDefined();
  });

  it('lets nothing else reach Redis, which writes nothing to disk', () => {
    expect(shared.networks['state']).toEqual({ internal: true });
    expect(redis).toMatchObject({ networks: ['state'], read_only: true });
    expect(redis).not.toHaveProperty('ports');
    expect(JSON.stringify(redis['command'])).toContain('"--save","","--appendonly","no"');
  });

  it('keeps the key of the files out of the environment, the image and the repository', () => {
    for (const { secrets } of Object.values(instances)) expect(secrets).toEqual(['workos_token', 'state_key']);
    expect(read('.dockerignore')).toContain('state_key');
    expect(read('.gitignore')).toContain('state_key');
  });
});
