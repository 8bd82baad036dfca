// biome-ignore-all lint/suspicious/noTemplateCurlyInString: clients that do not expand variables pass this literally
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLoopbackUrl } from '../../src/client/loopback.ts';
import { readKey } from '../../src/config/api-key.ts';
import { type Config, readConfig } from '../../src/config/config.ts';
import type { NamedEnvironment } from '../../src/config/environments.ts';
import { SETTINGS } from '../../src/config/settings.ts';

const NAMES = {
  toolsets: new Set(['organizations', 'users', 'audit_logs']),
  tools: new Set(['list_organizations', 'get_user', 'delete_user']),
};
const read = (argv: readonly string[], env: Record<string, string> = {}) => readConfig(argv, env, NAMES);

/** The parsed value of a setting, which must be valid. */
function accepted(argv: readonly string[], env: Record<string, string>, name: keyof Config): unknown {
  const { config, problems } = read(name === 'sandboxState' ? [...argv, '--sandbox'] : argv, env);
  expect(problems).toEqual([]);
  return config[name];
}

/** The only problem of invalid settings; every problem is one line. */
function problem(argv: readonly string[], env: Record<string, string> = {}): string {
  const { problems } = read(argv, env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^[^\u0000-\u001f\u007f\u2028\u2029]+$/);
  return problems[0] ?? '';
}

type Example = readonly [written: string, value: unknown];
interface Case {
  default: unknown;
  good: readonly Example[];
  bad: readonly (readonly [written: string, expected: RegExp])[];
}

const BOOLEAN: Omit<Case, 'default'> = {
  good: [
    ['true', true],
    ['1', true],
    ['on', true],
    ['YES', true],
    ['false', false],
    ['0', false],
    ['Off', false],
    ['no', false],
  ],
  bad: [
    ['maybe', /must be true or false/],
    ['2', /must be true or false/],
    ['truee', /must be true or false/],
  ],
};
/** An environment whose variables are not set. */
function unset(name: string, own: Partial<NamedEnvironment> = {}): NamedEnvironment {
  const variable = `${name.toUpperCase()}_KEY`;
  return {
    name,
    key: { value: undefined, variable, kind: 'none', problem: `${variable} is not set` },
    clientId: undefined,
    clientIdVariable: undefined,
    readOnly: false,
    confirm: 'live',
    ...own,
  };
}

const NOT_AN_INTEGER = /must be a whole number from \d+ to \d+/;

const CASES: Readonly<Record<string, Case>> = {
  baseUrl: {
    default: 'https://api.workos.com',
    good: [
      ['https://api.workos-test.com', 'https://api.workos-test.com'],
      ['https://proxy.example/workos/', 'https://proxy.example/workos'],
      ['HTTPS://API.WorkOS.com:443', 'https://api.workos.com'],
      ['https://api.workos.com/?', 'https://api.workos.com'],
      ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
      ['http://127.9.9.9', 'http://127.9.9.9'],
      ['http://localhost:3000/', 'http://localhost:3000'],
      ['http://[::1]:3000', 'http://[::1]:3000'],
    ],
    bad: [
      ['http://api.workos.com', /must be https/],
      ['http://127.0.0.1.example.com', /must be https/],
      ['http://localhost.example.com', /must be https/],
      ['http://10.0.0.1', /must be https/],
      ['ftp://127.0.0.1', /must be https/],
      ['file:///etc/passwd', /must be https/],
      ['api.workos.com', /must be a URL/],
      ['nonsense', /must be a URL/],
      ['https://', /must be a URL/],
      ['https://me:secret@api.workos.com', /without credentials/],
      ['https://api.workos.com?x=1', /scheme, host and path only/],
      ['https://api.workos.com#x', /scheme, host and path only/],
    ],
  },
  toolsets: {
    default: ['core'],
    good: [
      ['all', ['all']],
      ['core,users', ['core', 'users']],
      [' users , organizations ,', ['users', 'organizations']],
    ],
    bad: [
      ['user', /Unknown toolset user; did you mean users\?/],
      ['cor', /Unknown toolset cor; did you mean core\?/],
      ['Users', /Unknown toolset Users; did you mean users\?/],
      ['list_organizations', /Unknown toolset list_organizations/],
      ['xylophone', /Unknown toolset xylophone$/],
    ],
  },
  tools: {
    default: [],
    good: [['get_user,delete_user', ['get_user', 'delete_user']]],
    bad: [
      ['get_users', /Unknown tool get_users; did you mean get_user\?/],
      ['all', /Unknown tool all/],
    ],
  },
  excludeTools: {
    default: [],
    good: [['delete_user', ['delete_user']]],
    bad: [['delete_users', /Unknown tool delete_users; did you mean delete_user\?/]],
  },
  readOnly: { default: false, ...BOOLEAN },
  confirm: {
    default: 'live',
    good: [
      ['always', 'always'],
      ['live', 'live'],
      ['never', 'never'],
    ],
    bad: [
      ['Never', /must be one of always, live, never/],
      ['off', /must be one of always, live, never/],
    ],
  },
  ask: {
    default: 'client',
    good: [
      ['client', 'client'],
      ['code', 'code'],
    ],
    bad: [
      ['Code', /must be one of client, code/],
      ['never', /must be one of client, code/],
    ],
  },
  secrets: {
    default: 'file',
    good: [
      ['masked', 'masked'],
      ['file', 'file'],
      ['result', 'result'],
    ],
    bad: [['plain', /must be one of masked, file, result/]],
  },
  outputDir: { default: expect.stringContaining(tmpdir()), good: [['/data/out', '/data/out']], bad: [] },
  maxResultChars: {
    default: 40_000,
    good: [
      ['1000', 1_000],
      ['10000000', 10_000_000],
    ],
    bad: [
      ['999', NOT_AN_INTEGER],
      ['10000001', NOT_AN_INTEGER],
      ['40k', NOT_AN_INTEGER],
      ['-5', NOT_AN_INTEGER],
    ],
  },
  timeoutMs: {
    default: 30_000,
    good: [
      ['1', 1],
      ['600000', 600_000],
    ],
    bad: [
      ['0', NOT_AN_INTEGER],
      ['600001', NOT_AN_INTEGER],
      ['1.5', NOT_AN_INTEGER],
      ['1e3', NOT_AN_INTEGER],
      ['30s', NOT_AN_INTEGER],
      ['0x10', NOT_AN_INTEGER],
    ],
  },
  maxRetries: {
    default: 3,
    good: [
      ['0', 0],
      ['20', 20],
    ],
    bad: [
      ['21', NOT_AN_INTEGER],
      ['-1', NOT_AN_INTEGER],
      ['three', NOT_AN_INTEGER],
    ],
  },
  sandbox: { default: false, ...BOOLEAN },
  sandboxState: {
    default: undefined,
    good: [['/tmp/sandbox.json', resolve('/tmp/sandbox.json')]],
    bad: [],
  },
  auditLog: {
    default: undefined,
    good: [
      ['/var/log/workos-mcp.jsonl', resolve('/var/log/workos-mcp.jsonl')],
      ['-', '-'],
    ],
    bad: [],
  },
  environments: {
    default: [],
    good: [
      [
        'staging=STAGING_KEY,production=PRODUCTION_KEY:read-only',
        [unset('staging'), unset('production', { readOnly: true })],
      ],
      [
        'staging=STAGING_KEY, eu=EU_KEY/EU_ID:confirm-always',
        [unset('staging'), unset('eu', { confirm: 'always', clientIdVariable: 'EU_ID' })],
      ],
    ],
    bad: [
      ['=KEY,b=B', /needs a name in entry 1/],
      ['a=A,__proto__=B', /needs a name in entry 2/],
      ['a=A,b=', /must name the variable that holds the key of b, never the key/],
      ['a=A,b=B/', /must name the variable/],
      ['a=A,b=B/C/D', /must name the variable/],
      ['a=A,b=not a variable', /must name the variable/],
      ['a=A,b=B:readonly', /gives b an unknown suffix/],
      ['a=A,A=B', /names the environment A twice/],
      ['a=SAME,b=SAME', /both name SAME/],
      ['a=A,b', /b needs the variable of its key/],
      ['a=A,b=WORKOS_TOKEN_FILE', /b cannot use WORKOS_TOKEN_FILE/],
    ],
  },
  logLevel: {
    default: 'warn',
    good: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => [level, level]),
    bad: [
      ['verbose', /must be one of fatal, error, warn/],
      ['WARN', /must be one of fatal/],
    ],
  },
};

const settings = Object.entries(SETTINGS).map(([name, { flag, variable }]) => ({
  // Object.entries() forgets the key type.
  name: name as keyof typeof SETTINGS,
  flag,
  variable,
}));

describe.each(settings)('--$flag and $variable', ({ name, flag, variable }) => {
  const { default: initial, good, bad } = CASES[name] ?? { default: undefined, good: [], bad: [] };

  it('have the right default', () => {
    expect(good.length).toBeGreaterThan(0);
    expect(accepted([], {}, name)).toEqual(initial);
    expect(accepted([], { [variable]: '' }, name)).toEqual(initial);
    expect(accepted([], { [variable]: '  ' }, name)).toEqual(initial);
  });

  it.each(good)('accept %s', (written, value) => {
    expect(accepted([`--${flag}=${written}`], {}, name)).toEqual(value);
    expect(accepted([], { [variable]: written }, name)).toEqual(value);
    expect(accepted([], { [variable]: ` ${written}\n` }, name)).toEqual(value);
  });

  it.each(bad)('refuse %s', (written, expected) => {
    for (const [problems, source] of [
      [problem([`--${flag}=${written}`]), `--${flag}`],
      [problem([], { [variable]: written }), variable],
    ] as const) {
      expect(problems).toMatch(expected);
      if (!/^(?:Unknown|The environments?) /.test(problems)) expect(problems).toContain(`${source} `);
    }
  });

  it.each(['${WORKOS_SETTING}', '${input:setting}', 'a${x}b'])(
    'refuse %s, which a client did not expand',
    (written) => {
      const said = 'hidden' in SETTINGS[name] ? 'contains a variable that' : `is ${written}, which`;
      expect(problem([`--${flag}=${written}`])).toContain(`--${flag} ${said} the client did not expand`);
      expect(problem([], { [variable]: written })).toContain(`${variable} ${said}`);
    },
  );

  it.each(good.slice(0, 2))('prefer the flag over the variable with %s', (written, value) => {
    const other = good.find(([, another]) => another !== value)?.[0] ?? '/elsewhere';
    expect(accepted([`--${flag}=${written}`], { [variable]: other }, name)).toEqual(value);
    // Then not even an invalid variable matters.
    expect(accepted([`--${flag}=${written}`], { [variable]: '${NOT_FILLED}' }, name)).toEqual(value);
  });
});

describe('a repeated flag', () => {
  it.each([
    [['--exclude-tools', 'get_user', '--exclude-tools=delete_user'], 'excludeTools', ['get_user', 'delete_user']],
    [['--toolsets', 'users', '--toolsets', 'core,audit_logs'], 'toolsets', ['users', 'core', 'audit_logs']],
    [['--tools=get_user', '--sandbox', '--tools', 'delete_user'], 'tools', ['get_user', 'delete_user']],
  ] as const)('adds to the list if it takes one: %j', (argv, name, value) => {
    expect(accepted(argv, {}, name)).toEqual(value);
  });

  it.each(settings.filter(({ name }) => !('list' in SETTINGS[name])))(
    'is an error if it takes one value: --$flag',
    ({ name, flag }) => {
      const value = CASES[name]?.good[0]?.[0];
      expect(problem([`--${flag}=${value}`, `--${flag}=${value}`])).toBe(`--${flag} is given more than once`);
    },
  );

  it('is an error if it belongs to a command', () => {
    expect(problem(['check', '--url', 'a', '--url', 'b'])).toBe('--url is given more than once');
  });
});

describe('the command line', () => {
  it('accepts a value after a space or an equals sign', () => {
    expect(accepted(['--max-retries', '7'], {}, 'maxRetries')).toBe(7);
    expect(accepted(['--base-url', 'https://x.example/a=b'], {}, 'baseUrl')).toBe('https://x.example/a=b');
    expect(accepted(['--read-only', '--sandbox'], {}, 'readOnly')).toBe(true);
    expect(accepted(['--read-only=false'], { WORKOS_MCP_READ_ONLY: '1' }, 'readOnly')).toBe(false);
  });

  it.each<[string[], string, Partial<ReturnType<typeof read>['invocation']>?]>([
    [[], 'serve'],
    [['check'], 'check'],
    [['--toolsets', 'all', 'check'], 'check'],
    [
      ['check', '--env-name', 'KEY', '--url=https://x', '--json'],
      'check',
      { options: { 'env-name': 'KEY', url: 'https://x', json: 'true' } },
    ],
    [['call', 'get_user', '{"a":1}'], 'call', { words: ['get_user', '{"a":1}'] }],
    [
      ['call', 'get_user', 'a=--b', 'c:=-1', '-', '@f', '--json'],
      'call',
      { words: ['get_user', 'a=--b', 'c:=-1', '-', '@f'], options: { json: 'true' } },
    ],
    [['find', 'add', 'a', 'user'], 'find', { words: ['add', 'a', 'user'] }],
    [['completion', 'candidates', '--', 'call', '--to'], 'completion', { words: ['candidates', 'call', '--to'] }],
    [['call', '--sandbox', 'get_user'], 'call', { words: ['get_user'] }],
    [['tools', '--markdown'], 'tools', { options: { markdown: 'true' } }],
    [['demo'], 'demo'],
    [['--help'], 'serve', { help: true }],
    [['call', '-h'], 'call', { help: true }],
    [['-v'], 'serve', { version: true }],
    // A value that looks like a command is still a value.
    [['--output-dir', 'demo'], 'serve'],
    [['--output-dir', 'check', 'tools'], 'tools'],
  ])('%j runs %s', (argv, command, rest = {}) => {
    const { invocation, problems } = read(argv);
    expect(problems).toEqual([]);
    expect(invocation).toMatchObject({ command, help: false, version: false, ...rest });
  });

  it.each<[string[], RegExp]>([
    [['--readonly'], /^Unknown flag --readonly; did you mean --read-only\?$/],
    [['--toolset', 'all'], /^Unknown flag --toolset; did you mean --toolsets\?$/],
    [['--constructor'], /^Unknown flag --constructor/],
    [['--toString'], /^Unknown flag --toString/],
    [['--__proto__=1'], /^Unknown flag --__proto__/],
    [['--json'], /^Unknown flag --json/],
    [['check', '--markdown'], /^Unknown flag --markdown/],
    [['--max-retries'], /^--max-retries needs a value$/],
    [['--base-url', '--sandbox'], /^--base-url needs a value$/],
    [['-x'], /^Unknown flag -x/],
    [['call', 'list_users', '--limit', '5'], /^Unknown flag --limit; tool arguments take no dashes: limit=VALUE$/],
    [['call', 'list_users', '--jsn'], /^Unknown flag --jsn; did you mean --json\?$/],
    [['init', 'cursor'], /^init takes no argument "cursor"; --client names the client$/],
    [['frobnicate'], /^Unknown command frobnicate; workos-mcp help lists the commands$/],
    [['serv'], /^Unknown command serv; did you mean serve\?$/],
    [['false'], /^Unknown command false/],
    [['call'], /^call needs a tool: workos-mcp call TOOL \['JSON' \| key=value \| key:=json \| @FILE \| -\]…$/],
    [['tools', 'get_user', 'more'], /^tools takes only one name; unexpected: "more"$/],
    [['find'], /^find needs words to search for: workos-mcp find WORDS…$/],
    [['completion'], /^completion needs a shell: workos-mcp completion bash\|zsh\|fish$/],
    [['completion', 'bsh'], /^Unknown shell bsh; did you mean bash\?: workos-mcp completion bash\|zsh\|fish$/],
    [['help', 'chek'], /^Unknown command chek; did you mean check\?$/],
    [['get_user', '--sandbox'], /^Unknown command get_user; did you mean call get_user\?$/],
    [['--verson'], /^Unknown flag --verson; did you mean --version\?$/],
    [['demo', '--fas'], /^Unknown flag --fas; did you mean --fast\?$/],
    [['demo', 'now'], /^demo takes no argument "now"$/],
    [['--tools', 'a\nb'], /^Unknown tool a b$/],
    [['check', 'a\u2028b'], /^check takes no argument "a b"$/],
  ])('%j is refused', (argv, expected) => {
    // Only the first problem is checked: the word after an unknown flag may be its value.
    expect(read(argv).problems[0]).toMatch(expected);
    for (const line of read(argv).problems) expect(line).toMatch(/^[^\u0000-\u001f\u007f\u2028\u2029]+$/);
  });

  it.each([
    [['--workos-token', 'sk_live_0123456789abcdef']],
    [['--api-key=sk_live_0123456789abcdef']],
    [['sk_live_0123456789abcdef']],
    [['tools', 'get_user', 'sk_live_0123456789abcdef']],
    [['--timeout-ms', 'sk_live_0123456789abcdef']],
    [['--tools', 'sk_live_0123456789abcdef']],
  ])('%j is refused without repeating the key', (argv) => {
    const { problems } = read(argv);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain('0123456789abcdef');
  });

  it('reports all problems at once, one per line', () => {
    const { problems } = read(['--confirm=no', '--toolsets=xx,users,yyyyyyyy', '--what'], {
      WORKOS_MCP_TIMEOUT_MS: 'x',
      WORKOS_MCP_READONLY: '1',
      WORKOS_MCP_SECRETS: '${S}',
    });
    expect(problems).toHaveLength(7);
    expect(problems.join('\n').split('\n')).toHaveLength(7);
  });
});

describe('the environment', () => {
  it.each([
    ['WORKOS_MCP_READONLY', /^Unknown variable WORKOS_MCP_READONLY; did you mean WORKOS_MCP_READ_ONLY\?$/],
    ['WORKOS_MCP_TOOLSET', /^Unknown variable WORKOS_MCP_TOOLSET; did you mean WORKOS_MCP_TOOLSETS\?$/],
    ['WORKOS_MCP_', /^Unknown variable WORKOS_MCP_/],
    ['WORKOS_MCP_SOMETHING_ELSE_ALTOGETHER', /^Unknown variable WORKOS_MCP_SOMETHING_ELSE_ALTOGETHER/],
  ])('must not have %s, not even empty', (variable, expected) => {
    expect(problem([], { [variable]: 'true' })).toMatch(expected);
    expect(problem([], { [variable]: '' })).toMatch(expected);
  });

  it('may have any other variable', () => {
    expect(read([], { PATH: '/bin', WORKOS_OTHER: '1', MCP_WORKOS: '${x}' }).problems).toEqual([]);
  });

  it('provides the client id, unless it was not expanded', () => {
    expect(accepted([], { WORKOS_CLIENT_ID: ' client_1 ' }, 'clientId')).toBe('client_1');
    expect(accepted([], { WORKOS_CLIENT_ID: '${CLIENT}' }, 'clientId')).toBeUndefined();
    expect(accepted([], {}, 'clientId')).toBeUndefined();
  });

  it('does not affect the default output folder, which is directly in the temp folder', () => {
    const folder = read([]).config.outputDir;
    expect(isAbsolute(folder)).toBe(true);
    expect(dirname(folder)).toBe(tmpdir());
  });
});

describe('the key', () => {
  const VALUE = 'sk_test_0123456789';
  it.each<[string, Record<string, string>, object]>([
    [
      'WORKOS_TOKEN',
      { WORKOS_TOKEN: VALUE },
      { value: VALUE, variable: 'WORKOS_TOKEN', kind: 'test', problem: undefined },
    ],
    ['WORKOS_API_KEY', { WORKOS_API_KEY: VALUE }, { value: VALUE, variable: 'WORKOS_API_KEY', kind: 'test' }],
    ['WORKOS_TOKEN rather than WORKOS_API_KEY', { WORKOS_TOKEN: VALUE, WORKOS_API_KEY: 'x' }, { value: VALUE }],
    ['trimmed', { WORKOS_TOKEN: ` ${VALUE}\n` }, { value: VALUE }],
    ['a live key', { WORKOS_TOKEN: 'sk_live_1' }, { kind: 'live' }],
    ['of unknown kind', { WORKOS_TOKEN: 'sk_1234' }, { value: 'sk_1234', kind: 'unknown' }],
    ['a test key only if that is its prefix', { WORKOS_TOKEN: 'xsk_test_1' }, { kind: 'unknown' }],
    ['WORKOS_API_KEY if WORKOS_TOKEN is empty', { WORKOS_TOKEN: ' ', WORKOS_API_KEY: VALUE }, { value: VALUE }],
    [
      'WORKOS_API_KEY if WORKOS_TOKEN was not expanded',
      { WORKOS_TOKEN: '${T}', WORKOS_API_KEY: VALUE },
      { value: VALUE },
    ],
  ])('is %s', (_, env, key) => {
    expect(accepted([], env, 'key')).toMatchObject(key);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['missing', {}, /^WORKOS_TOKEN and WORKOS_API_KEY are not set$/],
    ['empty', { WORKOS_TOKEN: '' }, /are not set$/],
    [
      'not expanded',
      { WORKOS_TOKEN: '${WORKOS_TOKEN}' },
      /^WORKOS_TOKEN is \$\{WORKOS_TOKEN\}, which the client did not expand$/,
    ],
    ['not expanded by VS Code', { WORKOS_API_KEY: '${input:key}' }, /^WORKOS_API_KEY is \$\{input:key\}, which/],
    ['not expanded by a shell', { WORKOS_TOKEN: '$WORKOS_KEY' }, /^WORKOS_TOKEN is \$WORKOS_KEY, which/],
    ['partly expanded', { WORKOS_TOKEN: 'Bearer ${KEY}' }, /^WORKOS_TOKEN is a placeholder, which/],
    ['not expanded, or maybe a password', { WORKOS_TOKEN: '$ecretword' }, /^WORKOS_TOKEN is a placeholder, which/],
    ['with a space', { WORKOS_TOKEN: 'sk_test_1 2' }, /^WORKOS_TOKEN contains spaces or other invalid characters$/],
    ['with a line break', { WORKOS_TOKEN: 'sk_test_1\r\nX-Evil: 1' }, /contains spaces or other/],
    ['with typographic quotes', { WORKOS_TOKEN: '“sk_test_1”' }, /contains spaces or other/],
  ])('is unusable if it is %s, but the server starts', (_, env, expected) => {
    const { config, problems } = read([], env);
    expect(problems).toEqual([]);
    expect(config.key).toMatchObject({ value: undefined, kind: 'none' });
    expect(config.key.problem).toMatch(expected);
    expect(config.key.problem).not.toContain('sk_');
  });

  it('can be read from another variable for the diagnostic', () => {
    expect(readKey({ OTHER: VALUE }, ['OTHER'])).toMatchObject({ value: VALUE, variable: 'OTHER' });
    for (const name of ['OTHER', 'constructor', '__proto__']) {
      expect(readKey({}, [name]).problem).toBe(`${name} is not set`);
    }
  });
});

describe('the proxy', () => {
  const PROXY = 'http://proxy.example:3128';
  it.each<[string, Record<string, string>, object]>([
    ['none', {}, { http: undefined, https: undefined, no: undefined }],
    ['HTTPS_PROXY', { HTTPS_PROXY: PROXY }, { http: undefined, https: PROXY }],
    ['HTTP_PROXY and NO_PROXY', { HTTP_PROXY: PROXY, NO_PROXY: 'a,b' }, { http: PROXY, https: undefined, no: 'a,b' }],
    ['the lower-case variable first', { https_proxy: PROXY, HTTPS_PROXY: 'http://other' }, { https: PROXY }],
    ['none if the lower-case variable is empty', { https_proxy: '', HTTPS_PROXY: PROXY }, { https: undefined }],
    ['host and port only', { HTTPS_PROXY: 'proxy.example:3128' }, { https: PROXY }],
  ])('is %s', (_, env, proxy) => {
    expect(accepted([], env, 'proxy')).toMatchObject(proxy);
  });

  it('is not used for loopback or the sandbox', () => {
    expect(accepted(['--base-url=http://localhost:1'], { HTTP_PROXY: PROXY }, 'proxy')).toBeUndefined();
    expect(accepted(['--sandbox'], { HTTPS_PROXY: PROXY }, 'proxy')).toBeUndefined();
  });
});

it.each([
  ['http://localhost', true],
  ['http://127.0.0.1:80/x', true],
  ['http://2130706433', true],
  ['http://[::1]', true],
  ['https://localhost', true],
  ['http://localhost.example.com', false],
  ['http://127.0.0.1.example.com', false],
  ['http://user@example.com', false],
  ['http://0.0.0.0', false],
  ['http://10.0.0.1', false],
  ['localhost', false],
  ['', false],
])('%s is loopback: %s', (url, expected) => {
  expect(isLoopbackUrl(url)).toBe(expected);
});
