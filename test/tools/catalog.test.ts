import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { catalogEntries, tools, toolsets } from '../../src/tools/catalog.ts';
import { type Connected, connect } from '../harness.ts';
import { routesOf } from '../operations.ts';

const shown = catalogEntries().map(({ definition }) => definition);
const names = shown.map(({ name }) => name);

describe('every tool', () => {
  it('has a unique name that every client accepts', () => {
    expect(names.filter((name) => !/^[a-z0-9_]{1,37}$/.test(name))).toEqual([]);
    const declared = toolsets.flatMap((toolset) => toolset.tools.map(({ name }) => name));
    expect(declared.filter((name, index) => declared.indexOf(name) !== index)).toEqual([]);
  });

  it('has a title, and a description of 20 to 1,024 characters that ends like a sentence', () => {
    const poor = shown.filter(
      ({ title, description }) =>
        title.trim() === '' || description.length < 20 || description.length > 1024 || !/[.!?]$/.test(description),
    );
    expect(poor.map(({ name }) => name)).toEqual([]);
  });

  it('has the same title in both places', () => {
    expect(shown.filter(({ title, annotations }) => annotations.title !== title)).toEqual([]);
  });

  it('takes one plain object and refuses undeclared arguments', () => {
    const odd = shown.filter(({ inputSchema: schema }) => {
      const root = ['oneOf', 'anyOf', 'allOf', 'not'].some((keyword) => keyword in schema);
      return schema.type !== 'object' || schema['additionalProperties'] !== false || root;
    });
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('has a schema without references, dialect or patterns', () => {
    const odd = shown.filter(({ inputSchema }) => /"\$(ref|schema|defs)"|"pattern"/.test(JSON.stringify(inputSchema)));
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('describes every argument whose name is not self-explanatory', () => {
    const silent = shown.flatMap(({ name, inputSchema }) =>
      Object.entries(properties(inputSchema))
        .filter(([argument]) => !/_id$|^(limit|before|after|order|name|email)$/.test(argument))
        .filter(([, schema]) => typeof schema['description'] !== 'string' || schema['description'].trim() === '')
        .map(([argument]) => `${name}.${argument}`),
    );
    expect(silent).toEqual([]);
  });

  it('takes a query if its result can be long: a list, a composite of several answers, or any operation', () => {
    const taking = new Set(
      shown.filter(({ inputSchema }) => 'query' in properties(inputSchema)).map(({ name }) => name),
    );
    // Their results have only a few fields.
    const without = ['poll_audit_export', 'export_configuration', 'export_users'];
    const long = [...tools.values()].filter(
      ({ name, kind, paged }) => paged || kind !== 'endpoint' || name.startsWith('list_'),
    );
    const reading = long.filter(({ kind, effect }) => kind === 'dispatcher' || effect === 'read');
    expect(reading.map(({ name }) => name).filter((name) => !taking.has(name))).toEqual(without);
    for (const name of ['get_directory_user', 'get_organization_role', 'check_connector', 'export_audit_logs']) {
      expect(taking).toContain(name);
    }
  });

  it('is tested in the test file of its toolset', () => {
    const folder = new URL('./', import.meta.url);
    const others = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const untried = toolsets.flatMap((toolset) => {
      const file = new URL(`${toolset.name.replaceAll('_', '-')}.test.ts`, folder);
      const own = existsSync(file) ? readFileSync(file, 'utf8') : '';
      const rows = new RegExp(`\\bsends\\(\\s*${camelCase(toolset.name)}\\b`).test(own);
      return toolset.tools
        .filter((tool) => (routesOf(tool).length > 0 ? !rows : !others.some((text) => text.includes(`'${tool.name}'`))))
        .map(({ name }) => `${toolset.name}: ${name}`);
    });
    expect(untried).toEqual([]);
  });
});

it('every rule about a combination of arguments has a comment that says where it comes from', () => {
  const folder = new URL('../../src/tools/', import.meta.url);
  const lines = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split('\n'));
  const commented = new Set(lines.filter((_, at) => /^\s*(?:\/\/|\/\*\*|\*)/.test(lines[at - 1] ?? '')));
  const isSaid = (name: string) => [...commented].some((line) => line.includes(`const ${name}`));
  const rules = lines.filter((line) =>
    /^\s+check: (?:every|atLeastOne|atMostOne|exactlyOne|needs|together|perChoice|requiredFor|any|one|resource)/.test(
      line,
    ),
  );
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.filter((line) => !commented.has(line) && !isSaid(line.trim().slice('check: '.length, -1)))).toEqual([]);
});

describe('tools/list', () => {
  const listed = (flags: readonly string[]) => withServer(flags, (server) => server.list());

  it.each([
    { toolset: 'core', count: 35, budget: 6_300 },
    // Without find_tools and the tools that need two environments.
    { toolset: 'all', count: tools.size - 3, budget: 34_500 },
  ])('lists the $count tools of $toolset in at most $budget tokens', async ({ toolset, count, budget }) => {
    const list = await listed(['--toolsets', toolset]);
    expect(list).toHaveLength(count);
    const model = list.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema }));
    const tokens = countTokens(JSON.stringify(model));
    expect(tokens, `${toolset} takes ${tokens} tokens`).toBeLessThanOrEqual(budget);
  });

  it.each(['core', 'all'])('for %s matches the snapshot', async (toolset) => {
    const list = await listed(['--toolsets', toolset]);
    await expect(snapshot(list)).toMatchFileSnapshot(`./__snapshots__/${toolset}.json`);
  });
});

function properties(schema: Readonly<Record<string, unknown>>): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record(schema['properties'])).map(([name, one]) => [name, record(one)]));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** JSON with one line per argument, for readable diffs. */
function snapshot(list: readonly object[]): string {
  const tool = (one: object) =>
    Object.entries(one).map(([key, value]) =>
      key === 'inputSchema'
        ? ` "inputSchema": ${schemaLines(value)}`
        : ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
  return `[\n${list.map((one) => `{\n${tool(one).join(',\n')}\n}`).join(',\n')}\n]\n`;
}

function schemaLines(schema: Readonly<Record<string, unknown>>): string {
  const { properties: own, ...rest } = schema;
  const lines = Object.entries(record(own)).map(([name, one]) => `  ${JSON.stringify(name)}: ${JSON.stringify(one)}`);
  return `{${JSON.stringify(rest).slice(1, -1)}, "properties": {\n${lines.join(',\n')}\n }}`;
}

async function withServer<T>(flags: readonly string[], use: (server: Connected) => Promise<T>): Promise<T> {
  const server = await connect({ flags });
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}
