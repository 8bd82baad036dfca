import { X509Certificate } from 'node:crypto';
import { type Assessed, listed, type NextStep, quoted, word } from './findings.ts';
import { type Certificate, type Connection, type Directory, type Event, textAt } from './records.ts';
import type { Setup } from './sign-in-facts.ts';
import { ago, fromNow, timeOf } from './times.ts';

/** The status and weight of a finding about SSO or a directory that does not work. */
export interface Severity {
  status: 'problem' | 'warning';
  weight: number;
}

const IDP = "the identity provider's own log, and whether the app is assigned to them there";

/** A certificate that expires within this many milliseconds gets a warning. */
const SOON_MS = 30 * 86_400_000;

/** Reports which SSO connections are active or, if none is, the states of all. */
export function connectionFindings(organizationId: string, setup: Setup, severity: Severity, now: number): Assessed[] {
  const { connections } = setup;
  if (!connections) return [];
  const check = 'connection';
  const active = connections.items.filter(({ state }) => state === 'active');
  if (active.length > 0) {
    return [{ check, status: 'ok', detail: `${listed(active.map(nameOf))} active`, weight: 50, notVisible: [IDP] }];
  }
  const [first] = connections.items;
  if (!first) {
    const deleted = eventOf(setup, 'connection.deleted');
    if (!deleted) return [{ check, status: 'ok', detail: 'no SSO connection', weight: 10 }];
    const name = textAt(deleted.data, 'name') ?? 'the connection';
    return [
      {
        ...severity,
        check,
        detail: `${quoted(name)} was deleted ${when(deleted, now)}, and there is no other`,
        fix: 'Set up a new one, if they should sign in through SSO.',
        next: [portal(organizationId, 'sso')],
      },
    ];
  }
  const states = connections.items.map((one) => `${nameOf(one)} is ${word(one.state)}`);
  const ended = eventOf(setup, 'connection.deactivated', first.id);
  return [
    {
      ...severity,
      check,
      detail: `no active SSO connection: ${listed(states, 2)}${ended ? `, deactivated ${when(ended, now)}` : ''}`,
      fix: "The customer's IT admin has to finish or renew the setup.",
      next: [
        portal(organizationId, 'sso'),
        { tool: 'get_connection', arguments: { connection_id: first.id }, why: 'see the connection' },
      ],
      notVisible: [IDP],
    },
  ];
}

/** Reports signing certificates of SAML connections that have expired or expire soon. One valid certificate is enough. */
export function certificateFindings(organizationId: string, setup: Setup, expired: Severity, now: number): Assessed[] {
  const active = setup.connections?.items.filter(({ state }) => state === 'active') ?? [];
  return active.flatMap((connection): Assessed[] => {
    const end = endOfCertificates(setup, connection.id);
    if (end === undefined) return [];
    const check = 'certificate';
    const detail = `the signing certificate of ${nameOf(connection)}`;
    const next = [portal(organizationId, 'certificate_renewal')];
    const fix = 'The IT admin has to add the new certificate of the identity provider.';
    if (end <= now) {
      const other = active.length > 1 ? ('warning' as const) : expired.status;
      return [
        {
          ...expired,
          status: other,
          check,
          detail: `${detail} expired ${ago(end, now)}`,
          fix,
          next,
          notVisible: [IDP],
        },
      ];
    }
    if (end - now <= SOON_MS) {
      return [{ check, status: 'warning', detail: `${detail} expires ${fromNow(end, now)}`, fix, weight: 30, next }];
    }
    return [{ check, status: 'ok', detail: `${detail} expires ${fromNow(end, now)}`, weight: 20 }];
  });
}

/** Reports directories that do not sync. */
export function directoryFindings(organizationId: string, setup: Setup, severity: Severity): Assessed[] {
  const check = 'directory';
  const broken = setup.directories?.items.filter(({ state }) => state !== 'linked' && state) ?? [];
  const [first] = broken;
  if (!first) return [];
  const states = broken.map((one) => `${nameOf(one)} is ${word(one.state)}`);
  return [
    {
      ...severity,
      check,
      detail: `${listed(states, 2)}: changes there do not reach WorkOS`,
      fix:
        first.state === 'invalid_credentials'
          ? 'The IT admin has to enter new credentials.'
          : "The customer's IT admin has to link it again.",
      next: [
        portal(organizationId, 'dsync'),
        { tool: 'get_directory', arguments: { directory_id: first.id }, why: 'see the directory' },
      ],
      notVisible: ["the directory provider's own provisioning log"],
    },
  ];
}

/** The name of a connection or directory, quoted for a sentence. */
export function nameOf({ name, id }: Pick<Connection & Directory, 'name' | 'id'>): string {
  return quoted(name || id);
}

/** When the last accepted certificate of a connection expires, according to its certificates or else to its events. */
function endOfCertificates({ certificates, events }: Setup, connectionId: string): number | undefined {
  const ends = (certificates.get(connectionId) ?? []).flatMap((one) => endOf(one) ?? []);
  if (ends.length > 0) return ends.reduce((a, b) => Math.max(a, b));
  const newest = events?.items.find(
    ({ event, data }) =>
      event.startsWith('connection.saml_certificate_') &&
      textAt(data, 'connection.id') === connectionId &&
      textAt(data, 'certificate.certificate_type') === 'ResponseSigning',
  );
  return newest?.event.endsWith('required') ? timeOf(textAt(newest.data, 'certificate.expiry_date')) : undefined;
}

function endOf({ not_after, expires_at, value }: Certificate): number | undefined {
  const given = timeOf(not_after) ?? timeOf(expires_at);
  if (given !== undefined || !value) return given;
  try {
    return timeOf(new X509Certificate(value.includes('-----') ? value : Buffer.from(value, 'base64')).validTo);
  } catch {
    return undefined;
  }
}

function eventOf({ events }: Setup, name: string, id?: string): Event | undefined {
  return events?.items.find(({ event, data }) => event === name && (id === undefined || textAt(data, 'id') === id));
}

function when({ created_at }: Event, now: number): string {
  const time = timeOf(created_at);
  return time === undefined ? 'within the last 30 days' : ago(time, now);
}

function portal(organization: string, intent: string): NextStep {
  return {
    tool: 'generate_portal_link',
    arguments: { organization, intent },
    why: 'for an IT admin who is online now',
  };
}
