import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';

const NAMES = { toolsets: new Set<string>(), tools: new Set<string>() };
const read = (env: Record<string, string>, argv: readonly string[] = []) =>
  readConfig(argv, { WORKOS_TOKEN: 'sk_test_proxy', ...env }, NAMES);

const UNUSABLE: readonly (readonly [what: string, value: string])[] = [
  ['another scheme', 'ftp://proxy.example:3128'],
  ['a SOCKS proxy', 'socks5://127.0.0.1:1080'],
  ['a SOCKS proxy that resolves names', 'SOCKS5H://proxy.example'],
  ['a scheme alone', 'https://'],
  ['a scheme with one slash', 'http:/proxy.example:3128'],
  ['a scheme without slashes', 'http:proxy.example'],
  ['a scheme without its colon', 'http//proxy.example:3128'],
  ['no host', 'http://:3128'],
  ['no host behind a name and password', 'http://ada:hunter2@:3128'],
  ['a bare port', ':3128'],
  ['a port out of range', 'http://proxy.example:65536'],
  ['a bare host with a port out of range', 'proxy.example:312800'],
  ['port 0', 'http://proxy.example:0'],
  ['a path', 'http://proxy.example:3128/path'],
  ['a query', 'http://proxy.example:3128/?x=1'],
  ['a fragment', 'https://proxy.example#f'],
  ['a port that is text', 'proxy.example:squid'],
  ['a space in the host', 'http://proxy example:3128'],
  ['half an IPv6 address', 'http://[::1:3128'],
  ['a placeholder', '$\u007BHTTPS_PROXY}'],
  ['a placeholder as the host', 'http://$\u007BPROXY_HOST}:3128'],
  ['a placeholder as the port', 'http://proxy.example:$\u007BPORT}'],
  ['a placeholder as the password', 'http://ada:$\u007BPASSWORD}@proxy.example:3128'],
  ['a password with a percent sign that is not encoded', 'http://ada:100%@proxy.example:3128'],
  ['words', 'none of them'],
  ['a file path', '/etc/proxy.pac'],
];

describe.each(['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'])('%s', (variable) => {
  it.each(UNUSABLE)('is a wrong setting with %s: %s', (_, value) => {
    const { problems } = read({ [variable]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} must be http://host:port or https://host:port`));
    expect(problems[0]).not.toMatch(/hunter2|100%/);
  });

  const field = variable.toLowerCase().startsWith('https') ? 'https' : 'http';
  it.each([
    ['http://proxy.example:3128', 'http://proxy.example:3128'],
    ['https://proxy.example', 'https://proxy.example'],
    ['HTTP://PROXY.EXAMPLE:3128/', 'HTTP://PROXY.EXAMPLE:3128/'],
    ['http://ada:p%40ss@proxy.example:3128', 'http://ada:p%40ss@proxy.example:3128'],
    ['proxy.example:3128', 'http://proxy.example:3128'],
    ['  proxy.example:3128\n', 'http://proxy.example:3128'],
    ['proxy', 'http://proxy'],
    ['10.0.0.1:8080/', 'http://10.0.0.1:8080/'],
    ['[fd00::1]:8080', 'http://[fd00::1]:8080'],
    ['ada:secret@proxy.example:3128', 'http://ada:secret@proxy.example:3128'],
  ])('may be %j, which means %s', (value, meant) => {
    const { config, problems } = read({ [variable]: value });
    expect(problems).toEqual([]);
    expect(config.proxy?.[field]).toBe(meant);
  });

  it.each(['', '   '])('means no proxy if it is empty (%j)', (value) => {
    const { config, problems } = read({ [variable]: value });
    expect(problems).toEqual([]);
    expect(config.proxy?.[field]).toBeUndefined();
  });
});

it('each unusable proxy is reported on its own line', () => {
  const { problems } = read({ https_proxy: 'socks4://a', HTTP_PROXY: 'quic://b' });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['HTTP_PROXY', 'https_proxy']);
});

it('a lower-case variable wins, even if the other one is unusable', () => {
  const { config, problems } = read({ https_proxy: 'proxy.example:1', HTTPS_PROXY: 'ftp://x' });
  expect({ https: config.proxy?.https, problems }).toEqual({ https: 'http://proxy.example:1', problems: [] });
});

it('NO_PROXY is passed on unchanged', () => {
  const { config, problems } = read({ HTTPS_PROXY: 'proxy:1', NO_PROXY: ' .internal, *.corp:8443 socks5://x ' });
  expect({ no: config.proxy?.no, problems }).toEqual({ no: '.internal, *.corp:8443 socks5://x', problems: [] });
});

it.each([[['--sandbox']], [['--base-url', 'http://127.0.0.1:1']]])('an unused proxy is not checked: %j', (argv) => {
  expect(read({ HTTPS_PROXY: 'ftp://x' }, argv)).toMatchObject({ problems: [], config: { proxy: undefined } });
});
