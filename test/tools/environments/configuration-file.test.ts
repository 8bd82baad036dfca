import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors/errors.ts';
import { configurationText, parseConfiguration } from '../../../src/tools/environments/configuration-file.ts';
import { type Landscape, sectionOf } from '../../../src/tools/environments/landscape.ts';

const parse = (text: string) => parseConfiguration(text, 'workos.yaml');

/** What is wrong with a file. */
function problem(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^"workos.yaml" cannot be used: /);
    expect(error.message).not.toContain('\n');
    return error.message.slice('"workos.yaml" cannot be used: '.length);
  }
  return 'nothing';
}

const FULL: Landscape = {
  sections: {
    permissions: sectionOf('permissions', [
      {
        slug: 'docs:read',
        name: 'Read: "quoted" # not a comment',
        description: '- yes\n- no',
        resource_type_slug: 'organization',
      },
      { slug: 'null', name: 'true', description: '1.0' },
    ]),
    roles: sectionOf('roles', [
      { slug: 'admin', name: 'Admin', description: null, permissions: ['null', 'docs:read'] },
    ]),
    redirect_uris: sectionOf('redirect_uris', [
      { uri: 'https://a.example/callback', default: true },
      { uri: 'myapp:callback', default: false },
    ]),
    cors_origins: sectionOf('cors_origins', [{ origin: 'https://a.example' }]),
    webhook_endpoints: sectionOf('webhook_endpoints', [
      { endpoint_url: 'https://a.example/hook', events: ['user.created'], status: 'enabled', secret: 'whsec_1' },
    ]),
    jwt_template: {
      items: [
        {
          key: 'jwt_template',
          fields: { content: '{\n  "a": {{user.email}}\n}\n' },
          values: { content: '{\n  "a": {{user.email}}\n}\n' },
        },
      ],
      ambiguous: [],
    },
    audit_log_schemas: sectionOf('audit_log_schemas', [
      {
        action: 'a.b',
        targets: [{ type: 't', metadata: { type: 'object', properties: { n: { enum: [null, 'x', 1, true] } } } }],
        metadata: { type: 'object', required: ['z', 'a'] },
      },
    ]),
  },
  unread: [],
};

describe('a configuration file', () => {
  it('is the same after a round trip, even with awkward strings', () => {
    const text = configurationText(FULL);
    const back = parse(text);
    for (const [kind, section] of Object.entries(FULL.sections)) {
      const read = new Map(Object.entries(back.sections)).get(kind);
      expect(read?.items.map(({ key }) => key).sort(), kind).toEqual(section.items.map(({ key }) => key).sort());
      for (const { key, fields } of section.items) {
        expect(read?.items.find((one) => one.key === key)?.fields, key).toEqual(fields);
      }
    }
    expect(configurationText(back)).toBe(text);
    expect(text).not.toContain('whsec_');
  });

  it('leaves out the kinds that could not be read', () => {
    const text = configurationText({ sections: { cors_origins: { items: [], ambiguous: [] } }, unread: [] });
    expect(Object.keys(parse(text).sections)).toEqual(['cors_origins']);
  });

  it('may omit most fields', () => {
    const { sections } = parse(
      'version: 1\nroles:\n  - slug: a\n    name: A\nwebhook_endpoints:\n  - endpoint_url: https://a.example\n    events: [dsync.group.*]\n',
    );
    expect(sections.roles?.items[0]?.fields).toEqual({ name: 'A' });
    expect(sections.webhook_endpoints?.items[0]?.fields['events']).toContain('dsync.group.created');
    expect(sections.webhook_endpoints?.items[0]?.fields['status']).toBe('enabled');
  });
});

const row = (fields: string) => `version: 1\npermissions:\n  - ${fields}\n`;

describe('an invalid configuration file', () => {
  it.each<[string, string, string]>([
    ['an empty file', '', 'the file must be an object'],
    ['a string', 'just a text', 'must be an object'],
    ['a list', '- a\n- b', 'must be an object'],
    ['no version', 'permissions: []', 'version'],
    ['another version', 'version: 2\n', 'line 1: version'],
    ['an unknown section', 'version: 1\npermission: []\n', 'line 2: the file has the unknown field "permission"'],
    [
      'an unknown field',
      row('slug: a\n    name: A\n    color: red'),
      'line 5: permissions[0] has the unknown field "color"',
    ],
    [
      'a number instead of a string',
      row('slug: 123\n    name: A'),
      'line 3: permissions[0].slug must be a string (quote what looks like a number)',
    ],
    ['null instead of a string', row('slug: a\n    name:'), 'line 4: permissions[0].name must be a string'],
    ['a string instead of a list', 'version: 1\nroles: all\n', 'line 2: roles must be a list'],
    ['an object instead of a list', 'version: 1\nroles:\n  a: b\n', 'line 2: roles must be a list'],
    ['a missing name', row('slug: a'), 'line 3: permissions[0].name must be a string'],
    [
      'a duplicate slug',
      'version: 1\npermissions:\n  - slug: a\n    name: A\n  - slug: b\n    name: B\n  - slug: a\n    name: C\n',
      'line 7: permissions has "a" twice',
    ],
    ['a duplicate field', row('slug: a\n    slug: b\n    name: A'), 'line 4: a field appears twice'],
    [
      'an unknown event',
      'version: 1\nwebhook_endpoints:\n  - endpoint_url: https://a.example\n    events:\n      - user.creatd\n',
      'webhook_endpoints[0].events',
    ],
    ['an invalid origin', 'version: 1\ncors_origins:\n  - origin: nowhere\n', 'line 3: cors_origins[0].origin'],
    ['a tab', 'version: 1\npermissions:\n\t- slug: a\n', 'line 3: a tab where YAML needs spaces'],
    ['an open bracket', 'version: 1\nroles: [\n', 'line '],
    ['two documents', 'version: 1\n---\nversion: 1\n', 'line 2: a second document begins'],
    ['a tag', 'version: !!js/function "x"\n', 'line 1: tags are not supported'],
    ['a merge key', 'version: 1\nroles:\n  - <<: {slug: a}\n    name: A\n', 'unknown field "<<"'],
    ['an empty template', 'version: 1\njwt_template: ""\n', 'line 2: jwt_template'],
  ])('is refused, and the message says why: %s', (_, text, said) => {
    expect(problem(text)).toContain(said);
  });

  it('is refused with a list of at most eight problems', () => {
    const rows = Array.from({ length: 50 }, (_, at) => `  - slug: ${at}\n    name: A\n`).join('');
    const said = problem(`version: 1\npermissions:\n${rows}`);
    expect(said).toContain('and 42 more');
    expect(said.length).toBeLessThan(2_000);
  });
});

describe('a hostile file', () => {
  const bomb = `version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(',')}]`)
    .join('\n')}\n`;

  it.each<[string, string, string]>([
    ['an alias bomb', bomb, 'aliases are not supported'],
    ['one alias', 'version: 1\njwt_template: &t "{}"\nroles: *t\n', 'line 3: aliases are not supported'],
    ['an alias of itself', 'version: 1\nroles: &a [*a]\n', 'aliases are not supported'],
    ['an unknown alias', 'version: 1\nroles: *nowhere\n', 'line 2: aliases are not supported'],
    ['deep nesting that never ends', `version: 1\nroles: ${'['.repeat(60_000)}\n`, ''],
    ['deep nesting that ends', `version: 1\nroles: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, ''],
    ['deep objects', `version: 1\nroles: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}\n`, ''],
    ['lists in lists', `version: 1\nroles:\n  ${'- '.repeat(100_000)}a\n`, 'nested too deeply'],
    ['keys in keys', `${'? '.repeat(100_000)}a\n`, 'nested too deeply'],
    [
      'lists indented below lists',
      `version: 1\nroles:\n${Array.from({ length: 900 }, (_, at) => `${' '.repeat(at + 1)}-\n`).join('')}`,
      '',
    ],
    ['a field called __proto__', 'version: 1\n__proto__:\n  roles: []\n', 'a field cannot be called __proto__'],
    [
      '__proto__ inside a schema',
      'version: 1\naudit_log_schemas:\n  - action: a\n    targets:\n      - type: t\n    metadata:\n      __proto__: {polluted: true}\n',
      'a field cannot be called __proto__',
    ],
    ['a quoted __proto__', 'version: 1\n"__proto__": {}\n', 'a field cannot be called __proto__'],
    ['an escaped __proto__', 'version: 1\n"\\x5f_proto__": {}\n', 'a field cannot be called __proto__'],
    ['a field called constructor', 'version: 1\nconstructor: {prototype: {}}\n', 'unknown field "constructor"'],
    ['a key that is a list', 'version: 1\n? [a]\n: b\n', ''],
    ['1,001 rows', `version: 1\ncors_origins:\n${'  - origin: https://a.example\n'.repeat(1_001)}`, 'cors_origins'],
    ['binary data', 'version: 1\njwt_template: !!binary "aGVsbG8="\n', 'line 2: jwt_template must be a string'],
    ['control characters', 'version: 1\n\u0000: 1\n', ''],
    ['a direction-changing character', 'version: 1\n"\u202eevil": 1\n', 'unknown field'],
  ])('with %s is refused quickly, and does no harm', (_, text, said) => {
    const begun = performance.now();
    const message = problem(text);
    expect(message).not.toBe('nothing');
    expect(message).toContain(said);
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    'password: hunter2-secret',
    'token: abcdef\nnested:\n  - hunter2-secret',
    '- hunter2-secret',
    'a: b: hunter2-secret',
    '"hunter2-secret',
    'x: !hunter2-secret y',
    'x: *hunter2-secret',
    '%hunter2-secret\n---\na: 1',
    '@hunter2-secret',
    "a: 'hunter2-secret",
    'a: [hunter2-secret',
  ])('of another kind is refused without showing its values: %j', (text) => {
    expect(problem(text)).not.toContain('hunter2');
  });
});
