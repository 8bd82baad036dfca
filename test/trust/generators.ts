import fc from 'fast-check';

/** A text in parts, so that a case with a large text can still be printed. */
export interface LongText {
  begins: string;
  repeats: string;
  times: number;
  ends: string;
}

export const longText = ({ begins, repeats, times, ends }: LongText): string => begins + repeats.repeat(times) + ends;

/** A repetitive text of up to about `max` characters. */
function repeated(begins: readonly string[], repeats: readonly string[], max: number): fc.Arbitrary<LongText> {
  return fc.record({ repeats: fc.constantFrom(...repeats), size: fc.nat(max) }).chain((one) =>
    fc.record({
      begins: fc.constantFrom(...begins),
      repeats: fc.constant(one.repeats),
      times: fc.constant(Math.ceil(one.size / one.repeats.length)),
      ends: fc.constantFrom('', '0', ']', '}', '"', '"}', '</title>'),
    }),
  );
}

const plain = (text: fc.Arbitrary<string>): fc.Arbitrary<LongText> =>
  text.map((begins) => ({ begins, repeats: '', times: 0, ends: '' }));

/** Text of any characters, printable or not. */
export const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

/** An item of a list, with the fields that expressions use, of the usual types or any other. */
const item = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      id: fc.nat(99).map((at) => `user_${at}`),
      email: fc.emailAddress(),
      count: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
      tags: fc.array(fc.constantFrom('a', 'b', 'ü', ''), { maxLength: 3 }),
    }),
  },
  fc.dictionary(
    fc.constantFrom('id', 'email', 'count', 'tags', '__proto__', 'constructor'),
    fc.jsonValue({ maxDepth: 2 }),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The body of a successful response, as JSON. Mostly a list. */
export const listBody: fc.Arbitrary<string> = fc
  .record({
    object: fc.constant('list'),
    data: fc.oneof({ weight: 9, arbitrary: fc.array(item, { maxLength: 25 }) }, fc.jsonValue({ maxDepth: 3 })),
    list_metadata: fc.constant({ after: null }),
  })
  .map((value) => JSON.stringify(value));

const cell = fc.oneof(
  fc.constantFrom(
    '',
    'user.signed_in',
    '=1+1',
    '"quoted, with comma"',
    '"a ""b"""',
    '"line\nend"',
    '"',
    'a"b',
    '\ufeff',
    '\0',
    '\u2028',
  ),
  anyText,
);
const csvLine = fc
  .tuple(
    fc.array(cell, { maxLength: 8 }),
    fc.constantFrom(',', ',', ',', ';', '\t'),
    fc.constantFrom('\n', '\r\n', '\r', ''),
  )
  .map(([cells, separator, end]) => cells.join(separator) + end);
const csvHeader = fc.constantFrom(
  'id,action,actor_name\n',
  '\ufeffid,action,occurred_at,actor_id\r\n',
  'action,action\n',
  '__proto__,constructor\n',
  '',
);

/** The text of an exported file: CSV, almost CSV or anything else. */
export const csvText: fc.Arbitrary<LongText> = fc.oneof(
  {
    weight: 8,
    arbitrary: plain(fc.tuple(csvHeader, fc.array(csvLine)).map(([header, lines]) => header + lines.join(''))),
  },
  { weight: 1, arbitrary: plain(anyText) },
  {
    weight: 1,
    arbitrary: repeated(
      ['', 'id,action\n', '"', 'action,actor_id\n"'],
      [',', '"', '""', '\n', '\r', 'a,b\n', 'column,', '"x",', `${'y'.repeat(5_000)}\n`, '=cmd,\n', '\u{1F600}'],
      512 * 1024,
    ),
  },
);

/** A complete response, of a failed request or one that claims success. */
export interface HostileResponse {
  status: number;
  contentType: string;
  body: LongText | number[];
  headers: Record<string, string>;
}

const errorJson = fc
  .record(
    {
      message: fc.oneof(anyText, fc.array(anyText, { maxLength: 5 }), fc.jsonValue({ maxDepth: 3 })),
      code: fc.oneof(
        fc.constantFrom('invalid', 'lock_timeout', 'sso_required', '__proto__'),
        anyText,
        fc.jsonValue({ maxDepth: 1 }),
      ),
      error: fc.oneof(fc.constantFrom('invalid_grant', 'Unauthorized'), fc.jsonValue({ maxDepth: 2 })),
      error_description: fc.oneof(anyText, fc.jsonValue({ maxDepth: 2 })),
      errors: fc.oneof(
        fc.array(fc.record({ code: anyText, field: anyText, message: anyText }), { maxLength: 5 }),
        fc.jsonValue({ maxDepth: 4 }),
      ),
      toString: fc.jsonValue({ maxDepth: 1 }),
      request_id: anyText,
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));

const html = fc
  .tuple(
    fc.constantFrom('<html><title>', '<TITLE lang=x>', '<title', '<!doctype html><title\n>'),
    anyText,
    fc.constantFrom('</title></html>', '', '<'),
  )
  .map((parts) => parts.join(''));

/** Responses with any status, type and body: JSON, HTML pages, bytes, deeply nested and huge ones. */
export const hostileResponse: fc.Arbitrary<HostileResponse> = fc.record({
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504) },
    { weight: 2, arbitrary: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304) },
  ),
  contentType: fc.constantFrom(
    'application/json',
    'text/html; charset=utf-8',
    'text/plain',
    'image/png',
    '',
    'a;b;;c=',
    'x'.repeat(3_000),
  ),
  body: fc.oneof(
    { weight: 5, arbitrary: plain(errorJson) },
    { weight: 2, arbitrary: plain(html) },
    { weight: 2, arbitrary: plain(fc.jsonValue().map((value) => JSON.stringify(value))) },
    { weight: 2, arbitrary: fc.array(fc.nat(255), { maxLength: 200 }) },
    { weight: 1, arbitrary: plain(anyText) },
    {
      weight: 2,
      arbitrary: repeated(
        ['', '"', '{"message":"', '{"message":', '{"errors":', '<html>', '{"code":"'],
        [
          '<title',
          '[',
          '{"a":',
          '"],["',
          'x',
          ' ',
          '\\u0000',
          '\u{1F600}',
          '{"message":"a"},',
          '\n',
          'Bearer sk_live_',
        ],
        400 * 1024,
      ),
    },
  ),
  headers: fc.dictionary(
    fc.constantFrom('retry-after', 'x-request-id', 'location', 'www-authenticate', 'x-pad', 'content-language'),
    fc.oneof(
      fc.constantFrom('0', '-1', '1e9', 'soon', 'http://[', 'y'.repeat(4_000)),
      fc.string().map((text) => text.trim()),
    ),
  ),
});

/** A placeholder for the id of a line in {@link rpcLine}, which the sender replaces. */
export const LINE_ID = '@ID';

const id = fc.oneof(
  { weight: 6, arbitrary: fc.constant<unknown>(LINE_ID) },
  fc.constantFrom<unknown>(null, 0.5, true, [], {}, 1e300),
);
const method = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<unknown>(
      'ping',
      'tools/list',
      'tools/call',
      'initialize',
      'resources/list',
      'server/discover',
      'constructor',
    ),
  },
  anyText,
  fc.jsonValue({ maxDepth: 1 }),
);
const callParams = fc.record(
  {
    name: fc.constantFrom<unknown>(
      'list_organizations',
      'get_organization',
      'find_tools',
      'call_read_tool',
      '__proto__',
      7,
    ),
    arguments: fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constant({ organization_id: 'org_1' }),
      fc.constant({ limit: 1, query: 'data' }),
    ),
    _meta: fc.oneof(fc.constant({ progressToken: 'p' }), fc.jsonValue({ maxDepth: 2 })),
    task: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: ['name'] },
);
const params = fc.oneof({ weight: 3, arbitrary: callParams }, fc.jsonValue({ maxDepth: 3 }), fc.constant({}));
const version = fc.oneof(
  { weight: 9, arbitrary: fc.constant<unknown>('2.0') },
  fc.constantFrom<unknown>('1.0', 2, null),
);

const request = fc.record({ jsonrpc: version, id, method, params }, { requiredKeys: ['jsonrpc', 'id', 'method'] });
const others = fc.oneof(
  fc.record({ jsonrpc: version, method, params }, { requiredKeys: ['method'] }),
  fc.record({ jsonrpc: version, id, result: fc.jsonValue(), error: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    method: fc.constantFrom(
      'notifications/initialized',
      'notifications/cancelled',
      'notifications/progress',
      'notifications/roots/list_changed',
    ),
    params: fc.oneof(fc.constant({ requestId: 'nobody' }), fc.jsonValue({ maxDepth: 2 })),
  }),
  fc.array(request, { maxLength: 3 }),
  fc.jsonValue(),
);
const wellFormed = fc.oneof({ weight: 3, arbitrary: request }, others).map((value) => JSON.stringify(value));
const broken = fc
  .tuple(wellFormed, fc.nat(120), fc.nat(4), fc.string({ maxLength: 3 }))
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));
const line = (field: string) => `{"jsonrpc":"2.0","id":"${LINE_ID}",${field}`;
const deep = fc
  .tuple(
    fc.constantFrom(
      line('"method":"ping","params":{"x":'),
      line('"result":{"x":'),
      line('"more":'),
      '{"jsonrpc":"2.0","method":"notifications/x","params":{"x":',
      '{"a":{"a":',
    ),
    fc.constantFrom(['[', ']'] as const, ['{"q":', '}'] as const),
    fc.nat(20_000),
  )
  .map(([begins, [open, close], times]) => {
    const unclosed = begins.replace(/"[^"]*"/g, '').split('{').length - 1;
    return `${begins}${open.repeat(times)}0${close.repeat(times)}${'}'.repeat(unclosed)}`;
  });
const long = repeated(
  [`${line('"method":"ping","params":{"x":"')}`, `${line('"method":"tools/call","params":{"name":"')}`, '"', ''],
  ['x', '\\n', '\u{1F600}', '[', ' ', '"', '{"jsonrpc":'],
  600 * 1024,
).map((text) => ({ ...text, ends: '"}}' }));

/** One or more lines: JSON-RPC messages, almost messages, other JSON, deep and long ones, and bytes. */
export const rpcLine: fc.Arbitrary<LongText | number[]> = fc.oneof(
  { weight: 10, arbitrary: plain(wellFormed) },
  { weight: 4, arbitrary: plain(broken) },
  { weight: 2, arbitrary: fc.array(fc.nat(255), { maxLength: 300 }) },
  { weight: 1, arbitrary: plain(anyText) },
  { weight: 1, arbitrary: plain(deep) },
  { weight: 1, arbitrary: long },
);
