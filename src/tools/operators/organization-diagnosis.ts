import { meaningOf } from './attempt-findings.ts';
import { type Attempt, attemptOf } from './attempts.ts';
import { type DiagnosisResult, diagnosisResult, printable } from './diagnosis-result.ts';
import { type Assessed, listed, quoted, word } from './findings.ts';
import type { Organization } from './lookup.ts';
import { memberFindings } from './member-findings.ts';
import type { OrganizationFacts } from './organization-facts.ts';
import { textAt } from './records.ts';
import { certificateFindings, connectionFindings, directoryFindings } from './setup-findings.ts';
import { domainOf } from './similar-address.ts';
import { ago, timeOf } from './times.ts';

/** Checks an organization's setup and reports problems first. Pure. Draws no conclusions from what was not read. */
export function diagnoseOrganization(facts: OrganizationFacts): DiagnosisResult {
  const { organization, unread } = facts;
  const findings = organization
    ? [
        ...domainFindings(facts),
        ...setupFindings(facts, organization.id),
        ...memberFindings(facts),
        ...failureFindings(facts),
        ...duplicateFindings(facts),
      ]
    : [];
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  const summary = `No problem was found${warnings > 0 ? `, ${warnings} warning${warnings === 1 ? '' : 's'}` : ''}`;
  return diagnosisResult(
    organization ? { organization: { id: organization.id, name: printable(organization.name, 60) } } : {},
    findings,
    unread,
    {
      lead: 'First problem',
      fine: {
        summary: organization ? summary : 'The organization could not be read',
        notVisible: ["the organization's authentication policy", 'which directory groups are mapped to which roles'],
      },
    },
  );
}

function setupFindings({ setup, lastSync, now }: OrganizationFacts, organizationId: string): Assessed[] {
  if (!setup) return [];
  // A connection that was never active is unfinished, but one that was active before keeps people out.
  const wasActive = setup.connections?.items.some(({ state }) => state === 'inactive' || state === 'deleting');
  const severity = { status: wasActive ? ('problem' as const) : ('warning' as const), weight: 80 };
  return [
    ...connectionFindings(organizationId, setup, severity, now),
    ...certificateFindings(organizationId, setup, { status: 'problem', weight: 82 }, now),
    ...directoryFindings(organizationId, setup, { status: 'problem', weight: 78 }),
    ...syncFindings({ setup, lastSync, now }),
  ];
}

function syncFindings({ setup, lastSync, now }: Pick<OrganizationFacts, 'setup' | 'lastSync' | 'now'>): Assessed[] {
  const linked = setup?.directories?.items.filter(({ state }) => state === 'linked') ?? [];
  if (linked.length === 0 || !lastSync) return [];
  const time = timeOf(lastSync.items[0]?.created_at);
  return [
    {
      check: 'sync',
      status: 'ok',
      detail: `${linked.length === 1 ? 'directory' : `${linked.length} directories`} linked; ${time === undefined ? 'no change in the last 30 days' : `last change ${ago(time, now)}`}`,
      weight: 45,
    },
  ];
}

function domainFindings({ organization, setup }: OrganizationFacts): Assessed[] {
  const domains = organization?.domains;
  if (!domains || !organization) return [];
  const check = 'domains';
  const isVerified = ({ state }: (typeof domains)[number]) =>
    state === 'verified' || state === 'legacy_verified' || !state;
  const verified = domains.filter(isVerified).map(({ domain }) => quoted(domain));
  const open = domains.filter((one) => !isVerified(one));
  const hasSso = setup?.connections?.items.some(({ state }) => state === 'active') ?? false;
  const [first] = open;
  if (!first) {
    if (verified.length > 0) return [{ check, status: 'ok', detail: `verified: ${listed(verified)}`, weight: 58 }];
    const needed = hasSso && organization.allow_profiles_outside_organization === false;
    return [
      {
        check,
        status: needed ? 'problem' : 'ok',
        detail: `no domains${needed ? ', so its SSO accepts no address' : ''}`,
        weight: needed ? 81 : 20,
        ...(needed && { fix: 'Add and verify the domain of their email addresses.' }),
      },
    ];
  }
  const input = { organization_domain_id: first.id };
  const states = open.map(({ domain, state }) => `${quoted(domain)} is ${word(state)}`);
  return [
    {
      check,
      status: hasSso && verified.length === 0 ? 'problem' : 'warning',
      detail: `${listed(states)}${verified.length > 0 ? `; verified: ${listed(verified)}` : ''}`,
      fix: 'The customer has to publish the DNS record; then verify the domain.',
      weight: 79,
      next: first.id
        ? [
            { tool: 'verify_organization_domain', arguments: input, why: 'check the DNS record' },
            { tool: 'get_organization_domain', arguments: input, why: 'see the DNS record' },
          ]
        : [],
    },
  ];
}

const WEEK_MS = 7 * 86_400_000;

/** If SSO fails for at least this many people, the cause is the connection. */
const MANY_PEOPLE = 3;

/** The last week's failed sign-ins that concern the organization. */
export function recentFailures(facts: OrganizationFacts): Attempt[] {
  return (facts.failures?.items ?? [])
    .filter((event) => concerns(facts, event.data))
    .flatMap(attemptOf)
    .filter(({ time }) => facts.now - time < WEEK_MS);
}

function failureFindings(facts: OrganizationFacts): Assessed[] {
  const { failures, organization, now } = facts;
  if (!failures || !organization) return [];
  const recent = recentFailures(facts);
  const among = failures.more ? ` among the newest ${failures.items.length} in the environment` : '';
  const check = 'failed_sign_ins';
  const [newest] = recent;
  if (!newest) return [{ check, status: 'ok', detail: `none in 7 days${among}`, weight: 50 }];
  const people = new Map<string, number>();
  for (const { data } of recent) {
    const who = textAt(data, 'user_id') ?? textAt(data, 'email') ?? 'unknown';
    people.set(who, (people.get(who) ?? 0) + 1);
  }
  const viaSso = new Set(recent.filter(isSso).map(({ data }) => textAt(data, 'email') ?? textAt(data, 'user_id')));
  const [most] = [...people].sort((a, b) => b[1] - a[1]);
  return [
    {
      check,
      status: viaSso.size >= MANY_PEOPLE ? 'problem' : 'warning',
      detail: `${recent.length} by ${people.size} ${people.size === 1 ? 'person' : 'people'} in 7 days${among}: ${listed(kindsOf(recent))}, newest ${ago(newest.time, now)}`,
      fix:
        viaSso.size >= MANY_PEOPLE
          ? 'SSO fails for several people: look at the connection.'
          : 'Look at the person with the most failures.',
      weight: 70,
      next: most
        ? [
            {
              tool: 'diagnose_sign_in',
              arguments: { user: most[0], organization: organization.id },
              why: 'see why the person with the most failures cannot get in',
            },
          ]
        : [],
    },
  ];
}

const isSso = ({ event }: Attempt) => event.startsWith('authentication.sso_');

/** Counts attempts by meaning, most frequent first: `12 × wrong password`. */
function kindsOf(attempts: readonly Attempt[]): string[] {
  const counts = new Map<string, number>();
  for (const attempt of attempts) {
    const { what } = meaningOf(attempt);
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([what, count]) => `${count} × ${what}`);
}

/** Whether an attempt was made through the organization, by a member, or with an address in its domains. */
function concerns({ organization, members }: OrganizationFacts, data: unknown): boolean {
  const at = textAt(data, 'sso.organization_id') ?? textAt(data, 'organization_id');
  if (at !== undefined) return at === organization?.id;
  const email = textAt(data, 'email')?.toLowerCase();
  const domain = email && domainOf(email);
  return (
    (members?.items.some(({ user_id }) => user_id && user_id === textAt(data, 'user_id')) ?? false) ||
    (organization?.domains?.some((one) => one.domain.toLowerCase() === domain) ?? false)
  );
}

function duplicateFindings({ organization, others }: OrganizationFacts): Assessed[] {
  if (!organization || !others) return [];
  const own = new Set(organization.domains?.map(({ domain }) => domain.toLowerCase()));
  const alike = others.flatMap((other) => {
    const shared = other.domains.find(({ domain }) => own.has(domain.toLowerCase()));
    if (shared) return [{ other, how: `shares ${quoted(shared.domain)}` }];
    return isSameName(organization.name, other.name) ? [{ other, how: 'has the same name' }] : [];
  });
  const [first] = alike;
  if (!first) return [];
  return [
    {
      check: 'duplicates',
      status: 'warning',
      detail: listed(alike.map(({ other, how }) => `${quoted(other.name)} (${printable(other.id, 40)}) ${how}`)),
      fix: 'Find out whether it is the same customer; people may be in the wrong one.',
      weight: 50,
      next: [
        { tool: 'get_organization', arguments: { organization_id: first.other.id }, why: 'compare the first of them' },
      ],
    },
  ];
}

/** Whether the names match apart from case, punctuation, and legal form. */
function isSameName(a: string, b: string): boolean {
  return nameWords(a) !== '' && nameWords(a) === nameWords(b);
}

const LEGAL_FORM = /\b(inc|llc|ltd|limited|gmbh|ag|corp|corporation|co|company|plc|sa|sas|bv|ab|oy|srl)\b/g;

function nameWords(name: Organization['name']): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(LEGAL_FORM, '')
    .replaceAll(' ', '');
}
