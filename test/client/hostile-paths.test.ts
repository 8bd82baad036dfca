import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeholders, planRequest, type Route } from '../../src/client/request-plan.ts';
import { InputError } from '../../src/errors/errors.ts';
import { tools } from '../../src/tools/catalog.ts';
import { type Connected, connect } from '../harness.ts';
import { definitions, routesOf } from '../operations.ts';

/** Path arguments that would leave their segment if they were not encoded. */
const HOSTILE = [
  '',
  '.',
  '..',
  '...',
  '../..',
  '..\\..',
  'a/../b',
  'a/b',
  '/',
  '//evil.example',
  'https://evil.example/x',
  '%2e%2e',
  '%2E%2E%2F',
  '..%2f',
  '.%2e',
  '%252e%252e',
  '%00',
  '\u0000',
  'a\r\nHost: evil.example',
  '\t..',
  '.. ',
  'x?y#z',
  '#',
  '?key=value',
  ';a=b',
  '@evil.example',
  'ü\u202e\u{1f600}',
  '․․/＼',
  '\ud800',
  'a'.repeat(2_000),
  '../'.repeat(700),
];

const routed = [...tools.values()]
  .map((tool) => ({ name: tool.name, routes: routesOf(tool).filter((route) => placeholders(route).length > 0) }))
  .filter(({ routes }) => routes.length > 0);

describe('a hostile path argument', () => {
  it('never leaves its segment in a request plan', () => {
    const escapes = routed
      .flatMap(({ routes }) => routes)
      .flatMap((route) =>
        placeholders(route).flatMap((attacked) =>
          HOSTILE.filter((value) => {
            const harmless = Object.fromEntries(placeholders(route).map((name) => [name, 'x']));
            const path = planned(route, { ...harmless, [attacked]: value });
            return path !== undefined && !stays(route, path, { ...harmless, [attacked]: value });
          }).map((value) => `${route} ${attacked} ${JSON.stringify(value)}`),
        ),
      );
    expect(escapes).toEqual([]);
  });

  it.each(['', '.', '..', '\u0000', 'a\r\nb', '\ud800'])(
    '%j is refused, because no encoding makes it safe',
    (value) => {
      expect(() => planRequest('GET /organizations/{organization_id}', { organization_id: value }, asQuery)).toThrow(
        InputError,
      );
    },
  );

  describe('sent through the whole server', () => {
    let server: Connected;
    beforeAll(async () => {
      server = await connect({ flags: ['--toolsets', 'all', '--confirm', 'never'] });
    });
    afterAll(() => server.close());

    /** The requests that a call with these path arguments sends. */
    async function sent(tool: string, path: Readonly<Record<string, string>>) {
      const { requests } = server.api;
      requests.length = 0;
      await server.call(tool, { ...plausibleInput(tool), ...path });
      return requests.map(({ method, url }) => `${method} ${url}`);
    }

    it('reaches every operation if it is harmless', async () => {
      const unreached: string[] = [];
      for (const { name, routes } of routed) {
        const [route] = routes;
        const harmless = route ? Object.fromEntries(placeholders(route).map((one) => [one, plausiblePath(one)])) : {};
        const requests = await sent(name, harmless);
        if (!requests.some((request) => allowed(name, request, harmless))) unreached.push(`${name}: ${requests}`);
      }
      expect(unreached).toEqual([]);
    });

    it('stays inside its own route in 600 calls', async () => {
      const call = fc.constantFrom(...routed).chain(({ name, routes }) =>
        fc.record({
          name: fc.constant(name),
          path: fc.record(Object.fromEntries(routes.flatMap(placeholders).map((one) => [one, hostileText]))),
        }),
      );
      let reached = 0;
      await fc.assert(
        fc.asyncProperty(call, async ({ name, path }) => {
          const requests = await sent(name, path);
          reached += requests.length;
          expect(requests.filter((request) => !allowed(name, request, path))).toEqual([]);
        }),
        { numRuns: 600 },
      );
      // Most hostile values are harmless once encoded. If they were all refused, this test would prove little.
      expect(reached).toBeGreaterThan(180);
    });
  });
});

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .array(
      fc.constantFrom(
        '.',
        '..',
        '/',
        '\\',
        '%2e',
        '%2F',
        '%5c',
        '%00',
        '%',
        '?',
        '#',
        '&',
        ';',
        ':',
        '@',
        ' ',
        'a',
        'ü',
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** get_role looks up an id in the list, because WorkOS only knows slugs. */
const EXTRA_ROUTES: Readonly<Record<string, readonly Route[]>> = { get_role: ['GET /authorization/roles'] };

/** Arguments that a tool's check requires, which its schema cannot express. */
const REQUIRED_BY_CHECK: Readonly<Record<string, Record<string, unknown>>> = {
  check_authorization: { resource_id: 'x' },
  assign_membership_role: { resource_id: 'x' },
  remove_membership_role: { resource_id: 'x' },
  list_fga_membership_resources: { parent_resource_id: 'x' },
  set_audit_log_retention: { retention_period: '1_YEAR' },
  create_agent_token: { type: 'refresh', refresh_token: 'x' },
};

const asQuery = { send: 'query', hasBody: false } as const;

function planned(route: Route, input: Readonly<Record<string, string>>): string | undefined {
  try {
    return planRequest(route, input, asQuery).path;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** True if a URL parser does not change the path, and each segment is the route's own or exactly the given value. */
function stays(route: Route, path: string, input: Readonly<Record<string, string>>): boolean {
  const parsed = new URL(path, 'https://api.workos.com');
  if (parsed.origin !== 'https://api.workos.com' || parsed.pathname !== path || parsed.search || parsed.hash)
    return false;
  const template = route.slice(route.indexOf(' ') + 1).split('/');
  const segments = path.split('/');
  return (
    segments.length === template.length &&
    template.every((part, index) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      const segment = segments[index] ?? '';
      return name === undefined ? segment === part : segment !== '' && decodeURIComponent(segment) === input[name];
    })
  );
}

function allowed(tool: string, request: string, input: Readonly<Record<string, string>>): boolean {
  const [method, url = ''] = request.split(' ');
  const path = url.split('?')[0] ?? '';
  const routes = [...routesOf(tools.get(tool)), ...(EXTRA_ROUTES[tool] ?? [])];
  return routes.some((route) => route.startsWith(`${method} `) && stays(route, path, input));
}

/** Arguments that the tool's schema accepts, except those in its path. */
function plausibleInput(tool: string): Record<string, unknown> {
  const schema = definitions.get(tool)?.inputSchema ?? {};
  return { ...required(schema), ...REQUIRED_BY_CHECK[tool] };
}

function plausiblePath(name: string): string {
  return name === 'type' ? 'domain' : name === 'action' ? 'block' : 'x';
}

function required(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const needed = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.fromEntries(
    Object.entries(properties(schema))
      .filter(([name]) => needed.includes(name))
      .map(([name, one]) => [name, plausible(name, one)]),
  );
}

function plausible(name: string, schema: Readonly<Record<string, unknown>>): unknown {
  const { type, enum: choices, const: only, items, anyOf } = schema;
  if (only !== undefined) return only;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return plausible(name, record(anyOf[0]));
  if (type === 'array') return [plausible(name, record(items))];
  if (type === 'object') return required(schema);
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return schema['minimum'] ?? 1;
  if (/_at$|^range_/.test(name)) return '2026-01-31T00:00:00Z';
  return name.includes('email') ? 'ada@example.com' : 'x';
}

function properties(schema: Readonly<Record<string, unknown>>): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record(schema['properties'])).map(([name, one]) => [name, record(one)]));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
