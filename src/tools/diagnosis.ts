import { quoteUntrusted } from '../text/quote-untrusted.ts';
import type { ConnectionInfo, Finding, KeyInfo } from './finding.ts';
import { KEYS_PAGE, variable } from './key-finding.ts';

/** What the diagnostic may use besides DNS and TLS: a read-only request, and facts about the settings. */
export interface DiagnosticAccess {
  /** The reason the settings forbid requesting this path, or undefined. */
  refusal(path: string): string | undefined;
  /**
   * Makes one attempt without retries. Any status is a response. `path` may include a query.
   * @throws {RefusedError} if the settings forbid the path
   */
  probe(method: 'GET' | 'HEAD' | 'OPTIONS', path: string): Promise<ProbeResponse>;
  /** Facts about a variable that may hold a key or, if none is named, about the key in use. */
  keyInfo(variable: string | undefined): KeyInfo;
  /** The same for the other variables that are set and could hold the key. */
  otherKeys(): readonly KeyInfo[];
  readonly connection: ConnectionInfo;
}

/** The response to the probe. */
export interface ProbeResponse {
  status: number;
  ms: number;
  headers: Readonly<Record<string, string>>;
}

export interface Diagnosis {
  healthy: boolean;
  summary: string;
  findings: Finding[];
}

/** The diagnoses of all environments. */
export interface EnvironmentsDiagnosis {
  healthy: boolean;
  summary: string;
  environments: ({ environment: string } & Diagnosis)[];
}

export interface NameLookup {
  addresses: readonly string[];
  error: string | undefined;
}

export interface TlsHandshake {
  error: string | undefined;
  protocol: string | undefined;
  /** Milliseconds since the epoch. */
  validTo: number | undefined;
}

/** The observations that a diagnosis is based on; undefined if not observed. */
export interface Observations {
  connection: ConnectionInfo;
  key: KeyInfo;
  otherKeys: readonly KeyInfo[];
  /** The probe's method and URL without the query. Undefined if the settings forbid every path. */
  request: string | undefined;
  name: NameLookup | undefined;
  tls: TlsHandshake | undefined;
  probe: ProbeResponse | { error: string } | undefined;
  now: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Turns observations into one finding per check, in the order a request meets them. Pure. */
export function diagnose(observed: Observations): Diagnosis {
  const findings = [variable, proxy, name, tls, request, key, clock, rateLimit].map((check) => check(observed));
  const problems = findings.filter(({ status }) => status === 'problem');
  const warnings = findings.filter(({ status }) => status === 'warning');
  const first = problems[0] ?? warnings[0];
  const { probe } = observed;
  const accepted = findings.some(({ check, status }) => check === 'key' && status === 'ok');
  const took = probe && !('error' in probe) ? ` in ${probe.ms} ms` : '';
  return {
    healthy: problems.length === 0,
    summary: problems.length
      ? `${count(problems.length, 'problem')}; first (${first?.check}): ${first?.detail}`
      : `${probe ? `WorkOS responded${took}` : 'Nothing was sent to WorkOS'}${accepted ? ' and accepted the key' : ''}${warnings.length ? `; ${count(warnings.length, 'warning')}, first (${first?.check}): ${first?.detail}` : ''}`,
    findings,
  };
}

/** Combines the diagnoses of several environments. Pure. */
export function diagnoseAll(environments: EnvironmentsDiagnosis['environments']): EnvironmentsDiagnosis {
  const ill = environments.filter(({ healthy }) => !healthy);
  const shown = (ill.length > 0 ? ill : environments).slice(0, MOST_SHOWN);
  const lead = ill.length > 0 ? `${ill.length} of ${count(environments.length, 'environment')} with problems: ` : '';
  const more = (ill.length > 0 ? ill : environments).length > shown.length ? '; …' : '';
  const each = shown.map(({ environment, summary }) => `${environment}: ${summary}`).join('; ');
  return { healthy: ill.length === 0, summary: `${lead}${each}${more}`, environments };
}

/** The most environments in a summary. */
const MOST_SHOWN = 5;

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function proxy({ connection }: Observations): Finding {
  return connection.proxy === undefined
    ? { check: 'proxy', status: 'ok', detail: 'no proxy' }
    : { check: 'proxy', status: 'ok', detail: `through ${connection.proxy}` };
}

function name({ connection, name: look }: Observations): Finding {
  const check = 'name';
  const host = new URL(connection.baseUrl).hostname;
  if (!look) return { check, status: 'skipped', detail: 'the proxy resolves host names' };
  if (look.error === undefined)
    return { check, status: 'ok', detail: `${host} resolves to ${look.addresses.slice(0, 3).join(', ')}` };
  return {
    check,
    status: 'problem',
    detail: `${host} does not resolve (${look.error})`,
    fix: 'Check the network, DNS and WORKOS_BASE_URL. On a corporate network, set HTTPS_PROXY.',
  };
}

function tls({ connection, name: named, tls: look, now }: Observations): Finding {
  const check = 'tls';
  if (named?.error !== undefined) return { check, status: 'skipped', detail: 'no address to connect to' };
  if (!look) {
    return {
      check,
      status: 'skipped',
      detail: connection.proxy ? 'goes through the proxy' : 'plain HTTP on this machine',
    };
  }
  if (look.error !== undefined) {
    return {
      check,
      status: 'problem',
      detail: `the TLS handshake failed (${look.error})`,
      fix: /CERT|SIGNED|ISSUER/.test(look.error)
        ? 'A proxy may be using its own certificate authority. Set NODE_EXTRA_CA_CERTS to its CA certificate file.'
        : 'Check that the firewall and proxy allow port 443.',
    };
  }
  const days = look.validTo === undefined ? undefined : Math.floor((look.validTo - now) / DAY_MS);
  const detail = `${look.protocol ?? 'TLS'}${days === undefined || Number.isNaN(days) ? '' : `, certificate valid for ${days} more days`}`;
  return { check, status: 'ok', detail };
}

function request({ request: tried, probe, key: { problem }, name: look, tls: handshake }: Observations): Finding {
  const check = 'request';
  if (tried === undefined) {
    return { check, status: 'skipped', detail: 'the settings exclude every list that this check could request' };
  }
  if (!probe) return { check, status: 'skipped', detail: problem ? 'no key to send' : 'not sent' };
  if ('error' in probe) {
    // An earlier finding already gives the reason.
    if (look?.error !== undefined) return { check, status: 'skipped', detail: 'no address to connect to' };
    if (handshake?.error !== undefined) return { check, status: 'skipped', detail: 'no TLS connection to send it on' };
    return {
      check,
      status: 'problem',
      detail: `${tried} got no response: ${quoteUntrusted(probe.error, 300)}`,
      fix: 'Check the network, the firewall, WORKOS_BASE_URL and any proxy in between.',
    };
  }
  const id = probe.headers['x-request-id'];
  const detail = `${tried} returned ${probe.status} in ${probe.ms} ms${id ? `, request id ${quoteUntrusted(id, 60)}` : ''}`;
  if (isPage(probe) && (probe.status < 300 || probe.status === 401 || probe.status === 403)) {
    return {
      check,
      status: 'problem',
      detail: `${detail}, with a web page instead of JSON`,
      fix: 'Something other than WorkOS is responding. Check WORKOS_BASE_URL, or log in to the captive portal or proxy.',
    };
  }
  if (probe.status < 300 || probe.status === 401) return { check, status: 'ok', detail };
  if (probe.status < 400) {
    return {
      check,
      status: 'problem',
      detail,
      fix: 'The API never redirects. Check WORKOS_BASE_URL and any proxy in between.',
    };
  }
  if (probe.status === 429) return { check, status: 'warning', detail };
  if (probe.status >= 500) {
    return {
      check,
      status: 'problem',
      detail,
      fix: 'WorkOS returned a server error. Check status.workos.com and retry later.',
    };
  }
  return {
    check,
    status: probe.status === 403 || probe.status === 404 ? 'warning' : 'problem',
    detail,
    fix:
      probe.status === 403
        ? 'The key is valid but not allowed to do this.'
        : 'Check the path in url and WORKOS_BASE_URL.',
  };
}

/** WorkOS itself returns JSON or an empty body; HTML comes from something in between. */
function isPage({ headers }: ProbeResponse): boolean {
  return /^text\/html\b/i.test(headers['content-type'] ?? '');
}

function key({ connection, probe }: Observations): Finding {
  const check = 'key';
  if (!probe || 'error' in probe) return { check, status: 'skipped', detail: 'no response' };
  if (isPage(probe)) return { check, status: 'skipped', detail: 'a web page says nothing about the key' };
  if (probe.status === 401) {
    // A value that does not start with sk_ may be a password set by mistake, so none of it is shown.
    const ending = connection.keyKind === 'unknown' ? '' : connection.keyEnding;
    return {
      check,
      status: 'problem',
      detail: `WorkOS rejected the ${connection.keyKind} key${ending && ` ending in ${ending}`} with status 401`,
      fix: `It may be revoked, truncated when pasted, or from another environment. Copy it again, or create one: ${KEYS_PAGE}.`,
    };
  }
  if (probe.status === 429 || probe.status >= 500 || (probe.status >= 300 && probe.status < 400)) {
    return { check, status: 'skipped', detail: `status ${probe.status} says nothing about the key` };
  }
  return { check, status: 'ok', detail: 'accepted' };
}

function clock({ probe, now }: Observations): Finding {
  const check = 'clock';
  const date = probe && !('error' in probe) ? Date.parse(probe.headers['date'] ?? '') : Number.NaN;
  if (Number.isNaN(date)) return { check, status: 'skipped', detail: 'no Date header to compare with' };
  const skew = Math.round((now - date) / 1000);
  const detail =
    Math.abs(skew) <= 2
      ? 'in sync with the server'
      : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the server`;
  return Math.abs(now - date) <= MINUTE_MS
    ? { check, status: 'ok', detail }
    : {
        check,
        status: 'warning',
        detail,
        fix: "Correct this machine's clock; until then codes, links and tokens may seem expired or not yet valid.",
      };
}

function rateLimit({ probe }: Observations): Finding {
  const check = 'rate_limit';
  if (!probe || 'error' in probe) return { check, status: 'skipped', detail: 'no response' };
  const after = probe.headers['retry-after'];
  if (probe.status === 429) {
    return {
      check,
      status: 'warning',
      detail: `rate limit reached${after ? `; Retry-After: ${quoteUntrusted(after, 40)}` : ''}`,
      fix: 'Wait, then send fewer calls at a time.',
    };
  }
  const remaining = probe.headers['x-ratelimit-remaining'];
  const limit = probe.headers['x-ratelimit-limit'];
  if (remaining === undefined) return { check, status: 'ok', detail: 'no rate limit reported' };
  const number = (text = '') => (/^\d{1,12}$/.test(text) ? text : '?');
  const detail = `${number(remaining)} of ${number(limit)} requests left in this window`;
  return remaining === '0'
    ? { check, status: 'warning', detail, fix: 'Wait for the next window, then send fewer calls at a time.' }
    : { check, status: 'ok', detail };
}
