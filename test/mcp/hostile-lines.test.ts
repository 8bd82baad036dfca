import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingApi } from '../harness.ts';
import { type HoldingApi, holdingApi } from '../holding-api.ts';
import { initialize, type Message, type Session, startServer } from '../process.ts';

const env = { WORKOS_TOKEN: 'sk_test_lines' };
const WRITE = '/organizations';

let api: HoldingApi;
let server: Session;

beforeAll(async () => {
  api = await holdingApi();
  server = await startServer(['--base-url', api.url, '--max-retries', '0'], env);
});
afterAll(async () => {
  server.kill();
  await api.close();
});

let pings = 0;

/** Writes these bytes and then a ping. Returns what was answered before the ping. */
async function responsesTo(bytes: string | Uint8Array, session = server): Promise<Message[]> {
  const from = session.messages().length;
  const id = `after ${pings++}`;
  session.write(bytes);
  session.write('\n');
  session.send({ id, method: 'ping' });
  await session.response(id);
  return session
    .messages()
    .slice(from)
    .filter((message) => message.id !== id);
}

const nested = (levels: number, open = '[', close = ']') => `${open.repeat(levels)}${close.repeat(levels)}`;
const nestedObject = (levels: number) => `${'{"q":'.repeat(levels)}0${'}'.repeat(levels)}`;
const line = (rest: string) => `{"jsonrpc":"2.0",${rest}}`;

describe('a line that gets no answer', () => {
  it.each([
    ['a response to nothing', line('"id":41,"result":{}')],
    ['an error response to nothing', line('"id":"who","error":{"code":-1,"message":"no"}')],
    ['a response to nothing, 3,000 levels deep', line(`"id":42,"result":{"list":${nested(3_000)}}`)],
    ['a response to nothing, 200,000 levels deep', line(`"id":43,"result":${nestedObject(200_000)}`)],
    ['an error response, 12,000 levels deep', line(`"id":44,"error":{"code":1,"message":"","data":${nested(12_000)}}`)],
    ['a malformed response', line('"id":45,"result":"yes"')],
    ['a response with an id that is a list', line('"id":[0],"result":{}')],
    ['a response with a prototype id', line('"id":"__proto__","result":{}')],
    ['a response with an unsafe id', line('"id":90071992547409931,"result":{}')],
    ['a response without a version', '{"id":46,"result":{}}'],
    ['an unknown notification', line('"method":"notifications/weather"')],
    ['an unknown notification, 9,000 levels deep', line(`"method":"notifications/x","params":${nestedObject(9_000)}`)],
    ['a notification with text as parameters', line('"method":"notifications/initialized","params":"now"')],
    ['a call without an id', line('"method":"tools/call","params":{"name":"create_organization"}')],
    ['a cancellation of an unknown request', line('"method":"notifications/cancelled","params":{"requestId":777}')],
    ['a cancellation with a list as id', line('"method":"notifications/cancelled","params":{"requestId":[1]}')],
    ['a cancellation of __proto__', line('"method":"notifications/cancelled","params":{"requestId":"__proto__"}')],
    ['a cancellation without parameters', line('"method":"notifications/cancelled"')],
    [
      'progress for an unknown request',
      line('"method":"notifications/progress","params":{"progressToken":3,"progress":1}'),
    ],
  ])('%s', async (_, text) => {
    expect(await responsesTo(text)).toEqual([]);
  });
});

describe('a request that is refused', () => {
  it.each<[string, string, number, string | number | null]>([
    ['is 4,000 levels deep', line(`"id":1,"method":"ping","params":{"x":${nested(4_000)}}`), -32600, 1],
    ['is 150,000 levels deep', line(`"id":2,"method":"tools/list","params":${nestedObject(150_000)}`), -32600, 2],
    [
      'has arguments 6,000 levels deep',
      line(`"id":3,"method":"tools/call","params":{"name":"list_users","arguments":${nestedObject(6_000)}}`),
      -32600,
      3,
    ],
    ['has an unknown member 8,000 levels deep', line(`"id":4,"method":"ping","more":${nested(8_000)}`), -32600, 4],
    ['has text as parameters', line('"id":5,"method":"ping","params":"x"'), -32602, 5],
    ['has a list as parameters', line('"id":6,"method":"tools/list","params":[1]'), -32602, 6],
    ['has a number as _meta', line('"id":7,"method":"ping","params":{"_meta":9}'), -32602, 7],
    [
      'has a list as progress token',
      line('"id":8,"method":"tools/call","params":{"name":"list_users","_meta":{"progressToken":[1]}}'),
      -32602,
      8,
    ],
    [
      'has a fraction as progress token',
      line('"id":9,"method":"tools/call","params":{"name":"list_users","_meta":{"progressToken":0.5}}'),
      -32602,
      9,
    ],
    ['has a wrong cursor', line('"id":10,"method":"tools/list","params":{"cursor":{}}'), -32602, 10],
    ['initializes without parameters', line('"id":11,"method":"initialize"'), -32602, 11],
    ['calls no tool', line('"id":12,"method":"tools/call"'), -32602, 12],
    ['names a prototype as its method', line('"id":13,"method":"constructor"'), -32601, 13],
    ['names a method of newer clients', line('"id":14,"method":"server/discover","params":{"_meta":{}}'), -32601, 14],
    ['has an unsafe id', line('"id":-9007199254740994,"method":"ping"'), -32600, -9007199254740994],
    ['has a fraction as id', line('"id":2.5,"method":"ping"'), -32600, 2.5],
    ['has an infinite id', line('"id":-1e999,"method":"ping"'), -32600, null],
    ['has null as id', line('"id":null,"method":"ping"'), -32600, null],
    ['has an object as id', line('"id":{"a":1},"method":"ping"'), -32600, null],
    ['hides its method in __proto__', '{"__proto__":{"jsonrpc":"2.0","method":"ping"},"id":15}', -32600, 15],
    ['is a batch of two', `[${line('"id":16,"method":"ping"')},${line('"id":17,"method":"ping"')}]`, -32600, null],
    ['is an empty batch', '[]', -32600, null],
    ['is a batch 100,000 levels deep', nested(100_000), -32600, null],
    ['is null', 'null', -32600, null],
    [
      'is 70,000 levels deep and truncated',
      line(`"id":19,"method":"ping","params":${'['.repeat(70_000)}`),
      -32700,
      null,
    ],
  ])('because it %s gets exactly one answer', async (_, text, code, id) => {
    const answers = await responsesTo(text);
    expect(answers).toMatchObject([
      { jsonrpc: '2.0', id, error: { code, message: expect.stringMatching(/^.{5,400}$/) } },
    ]);
  });

  it.each<[string, Uint8Array]>([
    ['NUL', Buffer.from('\0\0\0')],
    ['every byte but the newline', Uint8Array.from({ length: 256 }, (_, at) => (at === 0x0a ? 0x20 : at))],
    ['UTF-16', Buffer.from(line('"id":18,"method":"ping"'), 'utf16le')],
    ['half of a character', Buffer.from([0x22, 0xe2, 0x82])],
  ])('because it is %s gets exactly one answer', async (_, bytes) => {
    expect(await responsesTo(bytes)).toMatchObject([{ id: null, error: { code: -32700 } }]);
  });
});

describe('a request that is unusual but valid', () => {
  it.each<[string, string, string | number]>([
    ['an empty id', line('"id":"","method":"ping"'), ''],
    ['a negative id', line('"id":-7,"method":"ping"'), -7],
    ['the largest safe id', line('"id":9007199254740991,"method":"ping"'), Number.MAX_SAFE_INTEGER],
    ['half of a surrogate pair as id', line('"id":"\\udc00","method":"ping"'), '\udc00'],
    ['a prototype as id', line('"id":"__proto__","method":"ping"'), '__proto__'],
    ['an id of 300,000 characters', line(`"id":"${'i'.repeat(300_000)}","method":"ping"`), 'i'.repeat(300_000)],
    ['null as parameters', line('"id":21,"method":"ping","params":null'), 21],
    ['unknown members', line('"id":22,"method":"ping","trace":"t","result":{}'), 22],
    ['prototype members', line('"id":23,"method":"ping","__proto__":{"id":5},"params":{"__proto__":{}}'), 23],
    ['150 levels', line(`"id":24,"method":"ping","params":${nestedObject(150)}`), 24],
    ['brackets in its text', line(`"id":25,"method":"ping","params":{"t":"\\\\\\"${'[{'.repeat(2_000)}"}`), 25],
  ])('with %s is answered', async (_, text, id) => {
    expect(await responsesTo(text)).toEqual([{ jsonrpc: '2.0', id, result: {} }]);
  });

  it('may have invalid UTF-8 in its text', async () => {
    const bytes = Buffer.from(line('"id":26,"method":"ping","params":{"t":"??"}'));
    bytes.set([0xff, 0xc3], bytes.indexOf('??'));
    expect(await responsesTo(bytes)).toEqual([{ jsonrpc: '2.0', id: 26, result: {} }]);
  });

  it('may ask for a task, which a server without tasks ignores', async () => {
    api.release('/organizations/org_task');
    server.send({
      id: 27,
      method: 'tools/call',
      params: { name: 'get_organization', arguments: { organization_id: 'org_task' }, task: { ttl: 1_000 } },
    });
    expect(await server.toolResult(27)).toEqual({ id: '/organizations/org_task' });
  });

  it('may lack the last newline', async () => {
    const short = await startServer(['--base-url', api.url], env);
    short.write(line('"id":"last","method":"ping"'));
    short.child.stdin.end();
    expect(await short.response('last')).toMatchObject({ result: {} });
    expect((await short.ended).code).toBe(0);
  });
});

describe('a call', () => {
  it('with __proto__ among its arguments is refused by name and not sent', async () => {
    const text = line(
      '"id":31,"method":"tools/call","params":{"name":"list_users","arguments":{"__proto__":{"limit":2}}}',
    );
    await responsesTo(text);
    expect(await server.toolResult(31)).toMatchObject({
      error: { kind: 'input', message: expect.stringContaining('__proto__') },
    });
    expect(api.count('/user_management/users?order=desc')).toBe(0);
  });

  it('of a tool with a long and deceptive name is refused with a short error', async () => {
    const name = `list\u202eusers\n${'z'.repeat(50_000)}`;
    server.send({ id: 32, method: 'tools/call', params: { name } });
    const { error } = await server.response(32);
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining('list\\u{202e}users') });
    expect(error?.message.length).toBeLessThan(400);
  });

  it('with the id of a call in progress is not run, and the first one keeps its answer', async () => {
    const create = (name: string) =>
      line(`"id":33,"method":"tools/call","params":{"name":"create_organization","arguments":{"name":"${name}"}}`);
    server.write(`${create('First')}\n`);
    await api.arrival(WRITE);
    const refused = await responsesTo(
      `${create('Second')}\n${line('"id":33,"method":"ping"')}\n${line('"id":33,"method":1')}`,
    );
    expect(refused).toMatchObject([
      { id: null, error: { code: -32600, message: expect.stringContaining('id 33 is still in progress') } },
      { id: null, error: { code: -32600, message: expect.stringContaining('id 33 is still in progress') } },
      { id: null, error: { code: -32600 } },
    ]);
    api.release(WRITE);
    expect(await server.toolResult(33)).toEqual({ id: WRITE });
    expect(api.count(WRITE)).toBe(1);
    expect(await responsesTo(line('"id":33,"method":"ping"'))).toEqual([{ jsonrpc: '2.0', id: 33, result: {} }]);
  });

  it('that is cancelled in the same chunk of input sends nothing', async () => {
    const path = '/organizations/org_at_once';
    const call = line(
      '"id":35,"method":"tools/call","params":{"name":"get_organization","arguments":{"organization_id":"org_at_once"}}',
    );
    expect(
      await responsesTo(`${call}\n${line('"method":"notifications/cancelled","params":{"requestId":35}')}\n`),
    ).toEqual([]);
    server.call(36, 'get_organization', { organization_id: 'org_later' });
    await api.arrival('/organizations/org_later');
    expect(api.count(path)).toBe(0);
  });

  it('that was cancelled frees its id', async () => {
    const path = '/organizations/org_cancelled';
    server.call(34, 'get_organization', { organization_id: 'org_cancelled' });
    await api.arrival(path);
    server.send({ method: 'notifications/cancelled', params: { requestId: 34 } });
    await api.aborted(path);
    expect(await responsesTo(line('"id":34,"method":"ping"'))).toEqual([{ jsonrpc: '2.0', id: 34, result: {} }]);
  });
});

describe('a line of a megabyte', { retry: 2 }, () => {
  it.each([
    ['lists', nested(400_000)],
    ['objects', nestedObject(150_000)],
  ])('of nested %s is refused within 250 ms', async (_, value) => {
    const text = line(`"method":"ping","params":{"x":${value}},"id":"deepest"`);
    const started = performance.now();
    expect(await responsesTo(text)).toMatchObject([{ id: 'deepest', error: { code: -32600 } }]);
    expect(performance.now() - started).toBeLessThan(250);
  });
});

describe('a malformed answer to a question', () => {
  it.each<[string, object]>([
    ['has a text as result', { result: 'accept' }],
    ['nests 300 levels', { result: { action: 'accept', content: { x: JSON.parse(nested(300)) } } }],
    ['accepts 2,000 levels deep', { result: { action: 'accept', _meta: { x: JSON.parse(nested(2_000)) } } }],
    ['has a text as error', { error: 'no' }],
    ['accepts with an unknown action', { result: { action: 'yes' } }],
  ])('that %s is not consent', async (_, reply) => {
    const deletes = await recordingApi(({ url }) => ({ body: { id: url.split('/').at(-1), name: 'Acme', data: [] } }));
    const asking = await startServer(
      ['--base-url', deletes.url],
      { WORKOS_TOKEN: 'sk_live_lines' },
      { handshake: false },
    );
    asking.send({
      id: 'hello',
      method: 'initialize',
      params: { ...initialize('2025-11-25'), capabilities: { elicitation: {} } },
    });
    await asking.response('hello');
    asking.call('delete', 'delete_organization', { organization_id: 'org_1' });
    const question = () => asking.messages().find(({ method }) => method === 'elicitation/create');
    await expect.poll(question, { timeout: 20_000 }).toBeDefined();
    asking.send({ id: question()?.id, ...reply });
    await asking.response('delete');
    expect(deletes.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    asking.kill();
    await deletes.close();
  });
});

describe('server/discover', () => {
  it('before initialize is answered at once as an unknown method, and initialize still works', async () => {
    const newer = await startServer([], env, { handshake: false });
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-06-18',
      'io.modelcontextprotocol/clientInfo': { name: 'newer', version: '2' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    newer.send({ id: 0, method: 'server/discover', params: { _meta: meta } });
    expect(await newer.response(0)).toMatchObject({ id: 0, error: { code: -32601 } });
    newer.send({ id: 1, method: 'initialize', params: initialize('2025-11-25') });
    expect(await newer.response(1)).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
    newer.kill();
  });
});

describe('random lines', { retry: 2 }, () => {
  it('never end the server or delay a ping by 250 ms, and every request gets exactly one answer', async () => {
    const quick = await recordingApi();
    const busy = await startServer(['--base-url', quick.url, '--max-retries', '0'], env);
    const json = fc.jsonValue({ noUnicodeString: false });
    const method = fc.oneof(
      fc.constantFrom(
        'ping',
        'tools/list',
        'tools/call',
        'initialize',
        'server/discover',
        'logging/setLevel',
        'tasks/get',
      ),
      fc.string(),
    );
    const params = fc.oneof(
      json,
      fc.record(
        {
          name: fc.oneof(fc.constantFrom('list_users', 'get_organization', '__proto__'), json),
          arguments: json,
          task: json,
          _meta: json,
        },
        { requiredKeys: [] },
      ),
    );
    const request = fc.record({ method, params, extra: json }, { requiredKeys: ['method'] });
    const other = fc.oneof(
      fc.record({
        jsonrpc: fc.constant('2.0'),
        method: fc.oneof(method, fc.constantFrom('notifications/cancelled', 'notifications/progress')),
        params,
      }),
      fc.record({ jsonrpc: fc.constant('2.0'), id: json, result: json }),
      fc.record({ jsonrpc: json, id: json, error: json }),
      json,
    );
    let sent = 0;
    let slowest = 0;
    const pinged = async (text: string | Uint8Array) => {
      const started = performance.now();
      await responsesTo(text, busy);
      slowest = Math.max(slowest, performance.now() - started);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          request.map((one) => ({ one })),
          other.map((junk) => ({ junk })),
          fc.uint8Array(),
        ),
        async (made) => {
          if (made instanceof Uint8Array) return pinged(made);
          if ('junk' in made) return pinged(JSON.stringify(made.junk));
          return pinged(JSON.stringify({ jsonrpc: '2.0', id: `random ${sent++}`, ...made.one }));
        },
      ),
      { numRuns: 300 },
    );
    const responsesOf = (id: string) =>
      busy.messages().filter((message) => message.id === id && !message.method).length;
    for (let nth = 0; nth < sent; nth++) {
      await busy.response(`random ${nth}`);
      expect(responsesOf(`random ${nth}`)).toBe(1);
    }
    expect(slowest).toBeLessThan(250);
    busy.kill();
    await quick.close();
  });
});

describe('an uncaught error', () => {
  it.each([
    ['is thrown', "throw new TypeError('pass'+'-word-77')"],
    ['is a rejection', "Promise.reject(new TypeError('pass'+'-word-77'))"],
  ])('that %s is logged without its message and ends neither other calls nor the server', async (_, bug) => {
    const preload = `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${bug} })`)}`;
    const held = await holdingApi();
    const buggy = await startServer(['--base-url', held.url], { ...env, NODE_OPTIONS: `--import=${preload}` });
    buggy.call('write', 'create_organization', { name: 'Acme' });
    await held.arrival(WRITE);
    buggy.child.kill('SIGUSR2');
    await expect.poll(() => buggy.err(), { timeout: 10_000 }).toContain('TypeError');
    const logged = JSON.parse(buggy.err().trimEnd());
    expect(logged).toMatchObject({ level: 50, error: 'TypeError', stack: expect.stringContaining('at process') });
    expect(buggy.err()).not.toContain('pass-word-77');
    held.release(WRITE);
    expect(await buggy.toolResult('write')).toEqual({ id: WRITE });
    buggy.child.stdin.end();
    expect((await buggy.ended).code).toBe(0);
    await held.close();
  });
});
