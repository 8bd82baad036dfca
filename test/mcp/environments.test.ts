import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallError, OptionsError } from '../../src/library/call-errors.ts';
import { connect as connectLibrary } from '../../src/library/library.ts';
import { recordingApi } from '../harness.ts';
import { runCommand } from '../process.ts';
import { stdioClient } from '../stdio-client.ts';

const SANDBOX = ['--sandbox', '--environments', 'staging,production:read-only'];

interface Argument {
  type?: string;
  enum?: string[];
  description?: string;
}

const propertiesOf = (schema: object): Record<string, Argument> => Object(Object(schema).properties);

describe('with one environment', () => {
  it('the tools, prompts and instructions are the same whether it is named or not', async () => {
    const env = { WORKOS_TOKEN: 'sk_test_client', PRODUCTION_KEY: 'sk_test_client' };
    const listings = await Promise.all(
      [[], ['--environments', 'production=PRODUCTION_KEY']].map(async (flags) => {
        const client = await stdioClient([...flags, '--toolsets', 'all'], env);
        const { tools } = await client.listTools();
        const { prompts } = await client.listPrompts();
        const text = JSON.stringify([tools, prompts, client.getInstructions()]);
        await client.close();
        return text;
      }),
    );
    expect(listings[1]).toBe(listings[0]);
    expect(listings[0]).not.toContain('"environment":');
  });
});

describe('with several environments', () => {
  let client: Client;
  beforeAll(async () => {
    client = await stdioClient([...SANDBOX, '--toolsets', 'all'], {});
  });
  afterAll(() => client.close());
  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const { content } = await client.callTool({ name, arguments: input });
    return JSON.parse(Object(content)[0].text);
  };

  it('environment goes beside the arguments of a dispatcher, not inside them', async () => {
    for (const input of [{ environment: 'production' }, [{ limit: 1 }, { environment: 'production' }]]) {
      const { error } = await call('call_read_tool', { tool: 'list_users', arguments: input });
      expect(error).toMatchObject({ kind: 'input', message: 'environment is inside arguments' });
      expect(error.hint).toContain('Put it beside tool and arguments');
    }
    const { data } = await call('call_read_tool', { tool: 'list_users', arguments: {}, environment: 'production' });
    expect(data).not.toEqual([]);
  });

  it('an unknown environment name is rejected with the known names', async () => {
    const input = { from: 'staging', to: 'prod' };
    const { error } = await call('call_read_tool', { tool: 'compare_environments', arguments: input });
    expect(error.message).toBe('to must be one of staging, production, not "prod"');
  });

  it('every tool accepts environment, except those with from and to', async () => {
    const { tools } = await client.listTools();
    const both = ['staging', 'production'];
    for (const { name, inputSchema } of tools) {
      const { environment, from, to } = propertiesOf(inputSchema);
      if (name === 'compare_environments' || name === 'promote_environment') {
        expect(environment, name).toBeUndefined();
        expect([from?.enum, to?.enum], name).toEqual([both, both]);
      } else {
        const description = name === 'check_connector' ? 'Default: all' : 'Default: staging';
        expect(environment, name).toEqual({ type: 'string', enum: both, description });
        expect(Object(inputSchema).required ?? [], name).not.toContain('environment');
      }
    }
    const [dispatcher] = tools.filter(({ name }) => name === 'call_read_tool');
    expect(Object.keys(propertiesOf(dispatcher?.inputSchema ?? {}))).toContain('arguments');
  });

  it('the four environment tools take at most 550 tokens', async () => {
    const { tools } = await client.listTools();
    const own = tools.filter(
      ({ name }) =>
        /_(?:environments?|configuration)$/.test(name) &&
        !name.startsWith('get_') &&
        !/^(?:list|create|update|delete)_/.test(name),
    );
    expect(own.map(({ name }) => name)).toEqual([
      'compare_environments',
      'promote_environment',
      'export_configuration',
      'apply_configuration',
    ]);
    const shown = own.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema }));
    expect(countTokens(JSON.stringify(shown))).toBeLessThanOrEqual(550);
  });

  it('the instructions list them and what each allows', () => {
    const text = client.getInstructions() ?? '';
    expect(text).toContain(
      'Environments of an embedded sandbox with sample data: staging (default), production (read-only).',
    );
    expect(text).toContain('A call runs in the one that its argument environment names');
    expect(text.length).toBeLessThanOrEqual(2_000);
  });

  it('the settings show each of them', async () => {
    const { contents } = await client.readResource({ uri: 'workos://settings' });
    const settings = JSON.parse(Object(contents[0]).text);
    expect(settings).toMatchObject({
      default_environment: 'staging',
      environments: [
        { name: 'staging', read_only: false, destructive_calls: { now: 'run at once' } },
        { name: 'production', read_only: true, destructive_calls: { now: expect.stringContaining('forbidden') } },
      ],
    });
    expect(settings).not.toHaveProperty('read_only');
  });

  it('a prompt is for one of them and follows its settings', async () => {
    const { prompts } = await client.listPrompts();
    for (const { arguments: fields = [] } of prompts) {
      expect(fields.at(-1)).toEqual({
        name: 'environment',
        description: 'Environment: staging, production; staging if left out',
        required: false,
      });
    }
    const name =
      prompts.find(({ arguments: fields = [] }) => fields.every(({ required }) => !required))?.name ??
      prompts[0]?.name ??
      '';
    const given = Object.fromEntries(
      (prompts.find((one) => one.name === name)?.arguments ?? []).map((one) => [one.name, 'x']),
    );
    const textOf = async (environment: string) => {
      const { messages } = await client.getPrompt({ name, arguments: { ...given, environment } });
      return String(Object(messages[0]?.content).text);
    };
    expect(await textOf('staging')).toContain('pass environment staging to every tool');
    const production = await textOf('production');
    expect(production).toContain('pass environment production to every tool');
    expect(production).toContain('The environment production is read-only');
    await expect(textOf('prod')).rejects.toThrow('There is no environment');
  });

  it('check_connector checks all of them or the named one', async () => {
    const all = await call('check_connector');
    expect(all).toMatchObject({
      healthy: true,
      environments: [{ environment: 'staging', healthy: true }, { environment: 'production' }],
    });
    const one = await call('check_connector', { environment: 'production' });
    expect(one).toMatchObject({ healthy: true, findings: expect.any(Array) });
    expect(await call('check_connector', { query: 'environments[].environment' })).toEqual({
      result: ['staging', 'production'],
    });
  });

  it('find_tools says in which environments a tool may run', async () => {
    const { tools } = await call('find_tools', { names: ['create_organization', 'get_organization'] });
    expect(tools).toMatchObject([
      { tool: 'create_organization', run_with: 'create_organization', environments: ['staging'] },
      { tool: 'get_organization' },
    ]);
    expect(tools[1]).not.toHaveProperty('environments');
    const [hit] = (await call('find_tools', { names: ['create_organization'], environment: 'production' })).tools;
    expect(hit.forbidden).toContain('production is read-only');
  });
});

describe('check in a shell', () => {
  it('shows each environment and fails if one has a problem', async () => {
    const api = await recordingApi(({ headers }) =>
      String(headers.authorization).includes('bad') ? { status: 401, body: {} } : {},
    );
    const flags = ['--base-url', api.url, '--environments', 'staging=STAGING_KEY,production=PRODUCTION_KEY'];
    const env = { STAGING_KEY: 'sk_test_good_0123456789', PRODUCTION_KEY: 'sk_live_bad_0123456789' };
    const { code, out } = await runCommand(['check', ...flags], env);
    expect(code).toBe(1);
    expect(out).toMatch(/^staging\n[\s\S]*\nproduction\n/);
    expect(out).toContain('1 of 2 environments with problems: production: ');
    expect(out).not.toMatch(/good_0123|bad_0123/);
    const { code: one } = await runCommand(['check', '--environment', 'staging', ...flags], env);
    expect(one).toBe(0);
    const named = await runCommand(['check', '--env-name', 'PRODUCTION_KEY', '--json', ...flags], env);
    expect(JSON.parse(named.out).environments.map((each: { environment: string }) => each.environment)).toEqual([
      'production',
    ]);
    await api.close();
  });
});

describe('in the library', () => {
  const environments = ['staging', 'production:read-only'];

  it('the environment can be set in the arguments, in the call options or for the connection', async () => {
    const workos = connectLibrary({ sandbox: true, environments, env: {} });
    const idsIn = async (environment?: string) => {
      const { data } = await workos.call(
        'list_organizations',
        { limit: 1 },
        environment === undefined ? {} : { environment },
      );
      return data[0]?.['id'];
    };
    const [staging, production] = [await idsIn(), await idsIn('production')];
    expect(production).not.toBe(staging);
    const byArgument = { limit: 1, environment: 'production' };
    expect((await workos.call('list_organizations', byArgument)).data[0]?.['id']).toBe(production);
    for await (const page of workos.pages('list_organizations', { max_items: 1 }, { environment: 'production' })) {
      expect(page[0]?.['id']).toBe(production);
    }
    const refused = workos.call('create_organization', { name: 'A' }, { environment: 'production' });
    await expect(refused).rejects.toMatchObject({ kind: 'refused', environment: 'production' });
    await expect(refused).rejects.toBeInstanceOf(CallError);
    await workos.close();
    const other = connectLibrary({ sandbox: true, environments, environment: 'production', env: {} });
    expect((await other.call('list_organizations', { limit: 1 })).data[0]?.['id']).toBe(production);
    expect(
      await other.call('compare_environments', { from: 'staging', to: 'production', only: ['permissions'] }),
    ).toHaveProperty('differences');
    await other.close();
  });

  it.each([
    [{ environments: ['a=A', 'b'] }, 'The environment b needs the variable of its key'],
    [{ environments: ['a=sk_live_abcdef0123456789'] }, 'environments must name the variable'],
    [{ environments: ['a=A', 'b=B'], key: 'sk_test_1' }, 'key is for a single environment'],
    [{ environments: ['a=A', 'b=B'], environment: 'c' }, 'environment must be one of environments: a, b'],
    [{ environment: 'production' }, 'and environments is empty'],
  ])('invalid options are refused: %j', (options, message) => {
    expect(() => connectLibrary({ env: {}, ...options })).toThrow(OptionsError);
    expect(() => connectLibrary({ env: {}, ...options })).toThrow(message);
  });
});
