import { chmodSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import type { Reply } from '../harness.ts';
import { asSchema, exampleOf, type Input } from './examples.ts';
import {
  answerOf,
  delivering,
  doorOf,
  expectNowhere,
  filesIn,
  giving,
  hiding,
  names,
  once,
  otherFiles,
  requests,
  taking,
  watched,
} from './planted.ts';

const { server, logged } = watched();

it('there are secrets to speak of', () => {
  expect(new Set([...giving, ...taking]).size).toBeGreaterThan(40);
});

describe.each(names(hiding))('what %s answers', (name, tool) => {
  const { body, secrets } = answerOf(tool);
  const input = exampleOf(tool);
  const reply = (): Reply => ({ body });

  it('is masked, and in no log', async () => {
    const { api, call } = server('file');
    api.answer(reply);
    const { text, error } = await call(name, { ...input, secret_output: 'masked' });
    expect(error).toBeUndefined();
    expect(text).toContain('…');
    expectNowhere(secrets, text + logged());
    expectNowhere(secrets, otherFiles(server('file'), []));
  });

  it(`comes ${tool.secrets.class === 'once' ? 'in a file' : 'masked'} where nothing else is asked for`, async () => {
    const { api, call } = server('file');
    api.answer(reply);
    const { text, value } = await call(name, input);
    expectNowhere(secrets, text + logged());
    expect(filesIn(value)).toHaveLength(tool.secrets.class === 'once' ? 1 : 0);
  });

  it('comes in one private file where a file is asked for, and nowhere else', async () => {
    const connected = server('file');
    connected.api.answer(reply);
    const { text, value } = await connected.call(name, { ...input, secret_output: 'file' });
    expectNowhere(secrets, text + logged());
    const [path = ''] = filesIn(value);
    expect(path.startsWith(connected.outputDir)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(connected.outputDir).mode & 0o777).toBe(0o700);
    expect(new Set(Object.values(asSchema(JSON.parse(readFileSync(path, 'utf8')))))).toEqual(new Set(secrets));
    expectNowhere(secrets, otherFiles(connected, [path]));
  });

  it('is shown where the operator allows that and the call asks for it', async () => {
    const { api, call } = server('result');
    api.answer(reply);
    const { text } = await call(name, { ...input, secret_output: 'result' });
    for (const secret of secrets) expect(text).toContain(JSON.stringify(secret));
    expectNowhere(secrets, logged());
    expectNowhere(secrets, (await call(name, { ...input, secret_output: 'masked' })).text);
  });

  it.each([
    ['result', 'file'],
    ['result', 'masked'],
    ['file', 'masked'],
  ] as const)('is not asked for as %s where the operator allows %s', async (asked, most) => {
    const { error } = await server(most).call(name, { ...input, secret_output: asked });
    expect(error?.kind).toBe('refused');
    expect(error?.message).toContain(`more than this server allows (${most})`);
    expect(server(most).api.requests).toEqual([]);
  });

  it('is masked behind the call_ tool too, alone, in a batch and under a query', async () => {
    const { api, call } = server('file');
    api.answer(reply);
    const args = { ...input, secret_output: 'masked' };
    for (const handed of [args, JSON.stringify(args), [args, args], JSON.stringify([args])]) {
      for (const query of [{}, { query: '@' }]) {
        const { text, error } = await call(doorOf(tool), { tool: name, arguments: handed, ...query });
        expect(error).toBeUndefined();
        expect(text).toContain('…');
        expectNowhere(secrets, text + logged());
      }
    }
  });
});

describe.each(names(once))('the secret of %s, which is shown one single time,', (name, tool) => {
  const { body, secrets } = answerOf(tool);
  const input = exampleOf(tool);

  it('is not made where it could only be shown masked, unless that is asked for', async () => {
    const { api, call } = server('masked');
    api.answer(() => ({ body }));
    const { error } = await call(name, input);
    expect(error).toMatchObject({ kind: 'refused', hint: expect.stringContaining('--secrets file') });
    expect((await call(doorOf(tool), { tool: name, arguments: input })).error?.kind).toBe('refused');
    expect(api.requests).toEqual([]);
    const { text } = await call(name, { ...input, secret_output: 'masked' });
    expect(api.requests).toHaveLength(1);
    expectNowhere(secrets, text + logged());
  });

  it('is not made where its file could not be written', async () => {
    const { api, call, outputDir } = server('file');
    chmodSync(outputDir, 0o755);
    try {
      const { error } = await call(name, input);
      expect(error?.kind).toBe('config');
      expect(api.requests).toEqual([]);
    } finally {
      chmodSync(outputDir, 0o700);
    }
  });

  it('has a file for each row of a batch, also where a query drops the rows', async () => {
    const { api, call } = server('file');
    api.answer(() => ({ body }));
    const batch = { tool: name, arguments: [input, input] };
    const { value, text } = await call(doorOf(tool), { ...batch, query: 'succeeded' });
    expect(value['result']).toBe(2);
    expectNowhere(secrets, text);
    const files = value['secret_files'];
    const paths = (Array.isArray(files) ? files : []).map((file) => String(asSchema(file)['path']));
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(readFileSync(path, 'utf8')).toContain('Planted');
  });
});

it.each(names(delivering))('%s answers what is made to be handed on', async (name, tool) => {
  const { api, call } = server('masked');
  const { body, secrets } = answerOf(tool);
  api.answer(() => ({ body }));
  const { text } = await call(name, exampleOf(tool));
  if (!requests(tool)) return expect(text).toContain(api.url);
  for (const secret of secrets) expect(text).toContain(JSON.stringify(secret));
  expectNowhere(secrets, logged());
});

describe('a short code shows nothing of itself', () => {
  it.each(['get_magic_auth', 'get_email_verification', 'create_magic_auth'])('%s', async (name) => {
    const tool = tools.get(name);
    const { api, call } = server('file');
    api.answer(() => ({ body: { id: 'x', code: '482913' } }));
    const { value } = await call(name, tool ? exampleOf(tool) : {});
    expect(value).toEqual({ id: 'x', code: '…' });
  });
});

describe.each(names(giving.filter((tool) => tool.paged)))('all pages of %s', (name, tool) => {
  const input = exampleOf(tool);
  const { secrets } = answerOf(tool);
  const field = tool.secrets.out?.[0]?.replace('data[].', '') ?? '';
  const pages = (request: { url: string }): Reply => {
    const { data } = asSchema(answerOf(tool).body);
    return { body: { data, list_metadata: { after: request.url.includes('after=') ? null : 'page_2' } } };
  };

  it.each<[string, Input]>([
    ['as they are', { all_pages: true }],
    ['under a query', { all_pages: true, query: `data[].${field}` }],
    ['under a query for the secret itself', { all_pages: true, query: `data[?contains(${field}, 'Planted')]` }],
  ])('are masked, %s', async (_, how) => {
    const { api, call } = server('file');
    api.answer(pages);
    const { value, text } = await call(name, { ...input, ...how });
    expect(api.requests).toHaveLength(2);
    expect(value['items']).toBe(4);
    if (how['query']?.toString().startsWith('data[?')) expect(value['result']).toEqual([]);
    expectNowhere(secrets, text + logged());
    const nested = await call('call_read_tool', { tool: name, arguments: { ...input, ...how } });
    expectNowhere(secrets, nested.text);
  });

  it('are masked in the file of a long list', async () => {
    const connected = server('file');
    connected.api.answer((request) => {
      const page = asSchema(asSchema(pages(request))['body']);
      return { body: { ...page, data: [...[page['data']].flat(), { id: 'long', note: 'y'.repeat(30_000) }] } };
    });
    const { value } = await connected.call(name, { ...input, all_pages: true });
    const path = String(value['path']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(6);
    expectNowhere(secrets, otherFiles(connected, []));
    const counted = { tool: name, arguments: { ...input, all_pages: true }, query: 'length(data)' };
    expect((await connected.call('call_read_tool', counted)).value['result']).toBe(6);
  });

  it('have a file of secrets for each page where files are asked for', async () => {
    const { api, call } = server('file');
    api.answer(pages);
    const asked = { ...input, all_pages: true, secret_output: 'file', query: 'length(data)' };
    const { value, text } = await call(name, asked);
    expect(value).toMatchObject({
      result: 4,
      secret_files: [{ path: expect.any(String) }, { path: expect.any(String) }],
    });
    expectNowhere(secrets, text);
    const nested = await call('call_read_tool', {
      tool: name,
      arguments: { ...asked, query: undefined },
      query: 'items',
    });
    expect(nested.value).toMatchObject({ result: 4, secret_files: [{}, {}] });
  });
});

it('a file is never written over', async () => {
  const { api, call } = server('file');
  const made = async (value: string) => {
    api.answer(() => ({ body: { id: 'api_key_1', value } }));
    const tool = tools.get('create_organization_api_key');
    return filesIn((await call('create_organization_api_key', tool ? exampleOf(tool) : {})).value)[0] ?? '';
  };
  const paths = [await made('first secret of all'), await made('second secret of all'), await made('third secret')];
  expect(new Set(paths).size).toBe(3);
  expect(readFileSync(paths[0] ?? '', 'utf8')).toContain('first secret of all');
});
