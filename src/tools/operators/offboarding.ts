import * as z from 'zod';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import type { Finding } from '../finding.ts';
import type { Plan } from '../types.ts';
import { isAdminRole } from './admin-roles.ts';
import { listed, unreadFindings, worstFirst } from './findings.ts';
import type { Membership, OffboardFacts } from './offboard-facts.ts';

/** One step that ends part of a person's access, with what a user needs to know in order to consent. */
export const OffboardStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('revoke_invitation'), organization: z.string(), invitation_id: z.string() }),
  z.object({
    step: z.literal('delete_pending_membership'),
    organization: z.string(),
    organization_membership_id: z.string(),
  }),
  z.object({
    step: z.literal('deactivate_membership'),
    organization: z.string(),
    organization_membership_id: z.string(),
    roles: z.array(z.string()).optional(),
    only_admin: z.enum(['yes', 'perhaps']).optional(),
  }),
  z.object({ step: z.literal('revoke_session'), session_id: z.string() }),
]);
export type OffboardStep = z.output<typeof OffboardStep>;

/** The steps, what they leave out, and their consequences. */
export interface Offboarding {
  steps: OffboardStep[];
  /** Memberships that stay, because no other admin is active there. */
  kept: Membership[];
  /** Organizations in which the membership is already inactive. */
  inactive: string[];
  findings: Finding<string>[];
}

/** The most organizations or ids in a sentence. */
const MAX_NAMED = 5;
/** Named in place of an organization if an invitation is to none. */
const APPLICATION = 'the application';

/** Plans the steps. Whatever could let the person in again goes first, and sessions go last, so that none starts in between. */
export function offboardingOf(facts: OffboardFacts, keepOnlyAdmin: boolean): Offboarding {
  const { memberships, invitations, sessions, otherAdmin } = facts;
  const names = new Map(memberships.map((one) => [one.organization_id, one.organization]));
  const active = memberships.filter(({ status }) => status === 'active');
  const onlyAdmin = active.filter(({ organization_id }) => isOnlyAdmin(otherAdmin.get(organization_id)));
  const kept = keepOnlyAdmin ? onlyAdmin : [];
  const steps: OffboardStep[] = [
    ...invitations.map(({ id, organization_id }) => ({
      step: 'revoke_invitation' as const,
      organization: organization_id ? (names.get(organization_id) ?? organization_id) : APPLICATION,
      invitation_id: id,
    })),
    ...memberships
      .filter(({ status }) => status === 'pending')
      .map(({ organization, id }) => ({
        step: 'delete_pending_membership' as const,
        organization,
        organization_membership_id: id,
      })),
    ...active
      .filter((one) => !kept.includes(one))
      .map(({ organization, organization_id, id, roles }) => ({
        step: 'deactivate_membership' as const,
        organization,
        organization_membership_id: id,
        ...(roles.length > 0 && { roles }),
        ...onlyAdminField(otherAdmin.get(organization_id)),
      })),
    ...sessions.map(({ id }) => ({ step: 'revoke_session' as const, session_id: id })),
  ];
  return {
    steps,
    kept,
    inactive: memberships.filter(({ status }) => status === 'inactive').map(({ organization }) => organization),
    findings: worstFirst([...adminFindings(onlyAdmin, keepOnlyAdmin, otherAdmin), ...otherFindings(facts)]),
  };
}

/** The plan for consent, or undefined if there is nothing to do. */
export function planOf({ user, unread }: OffboardFacts, { steps, findings }: Offboarding): Plan | undefined {
  if (steps.length === 0) return undefined;
  // The wording of the reasons can vary between calls, but the plan must stay the same, so it names only the tools.
  const known = findings.filter(({ status }) => status === 'warning');
  const incomplete = unread.map(({ tool }) => ({
    check: tool,
    status: 'warning' as const,
    detail: `${tool} could not be read, so the plan may be incomplete`,
  }));
  return {
    summary: `Off-board ${quoteUntrusted(user.email)}: ${countsOf(steps)}`,
    steps,
    findings: [...incomplete, ...known],
  };
}

/** Counts the steps by kind: `2 memberships to deactivate, 1 session to revoke`. */
export function countsOf(steps: readonly OffboardStep[]): string {
  const counts = KINDS.flatMap(([step, one, many, what]) => {
    const count = steps.filter((other) => other.step === step).length;
    return count > 0 ? [`${count} ${count === 1 ? one : many} to ${what}`] : [];
  });
  return counts.join(', ') || 'nothing to do';
}

const KINDS = [
  ['revoke_invitation', 'invitation', 'invitations', 'withdraw'],
  ['delete_pending_membership', 'pending membership', 'pending memberships', 'delete'],
  ['deactivate_membership', 'membership', 'memberships', 'deactivate'],
  ['revoke_session', 'session', 'sessions', 'revoke'],
] as const satisfies readonly (readonly [OffboardStep['step'], string, string, string])[];

type OtherAdmin = 'yes' | 'no' | 'unknown' | undefined;

/** An unknown result counts as the only admin, so that no organization is left without one. */
function isOnlyAdmin(other: OtherAdmin): boolean {
  return other === 'no' || other === 'unknown';
}

function onlyAdminField(other: OtherAdmin): { only_admin?: 'yes' | 'perhaps' } {
  if (other === 'no') return { only_admin: 'yes' };
  return other === 'unknown' ? { only_admin: 'perhaps' } : {};
}

function adminFindings(
  onlyAdmin: readonly Membership[],
  keep: boolean,
  otherAdmin: OffboardFacts['otherAdmin'],
): Finding<string>[] {
  if (onlyAdmin.length === 0) return [];
  const roles = new Set(onlyAdmin.flatMap((one) => one.roles.filter(isAdminRole)));
  const unsure = onlyAdmin.filter(({ organization_id }) => otherAdmin.get(organization_id) === 'unknown').length;
  const where = namesOf(onlyAdmin);
  const decided = `by role: ${listed(
    [...roles].map((role) => quoteUntrusted(role)),
    MAX_NAMED,
  )}`;
  const doubt = unsure > 0 ? `; for ${unsure} of them, not all members could be read` : '';
  return [
    {
      check: 'only_admin',
      status: 'warning',
      detail: keep
        ? `No other active admin (${decided}${doubt}), so kept: ${where}`
        : `No other active admin would remain (${decided}${doubt}) in ${where}`,
      fix: keep
        ? 'Make someone else an admin with update_organization_membership, then call again.'
        : 'First make someone else an admin with update_organization_membership, or pass keep_only_admin.',
    },
  ];
}

function otherFindings(facts: OffboardFacts): Finding<string>[] {
  const { memberships, directoryUsers, apiKeys, apps, nothingIn, cut, unread } = facts;
  const found: Finding<string>[] = [];
  const synced = new Set(directoryUsers.map(({ organization_id }) => organization_id));
  if (directoryUsers.length > 0) {
    const where = memberships.filter(({ organization_id }) => synced.has(organization_id));
    found.push({
      check: 'directory',
      status: 'warning',
      detail: `Active in the directory of ${namesOf(where)} (${listed(
        directoryUsers.map(({ id }) => id),
        MAX_NAMED,
      )}), which can restore access`,
      fix: 'Remove or suspend them at the identity provider.',
    });
  }
  const managed = memberships.filter(
    ({ directory_managed, status, organization_id }) =>
      directory_managed && status === 'active' && !synced.has(organization_id),
  );
  if (managed.length > 0) {
    found.push({
      check: 'directory_managed',
      status: 'warning',
      detail: `A directory manages the membership in ${namesOf(managed)}, but has no active user with this address`,
      fix: 'Check at the identity provider that they are gone.',
    });
  }
  if (apiKeys.length > 0) {
    found.push({
      check: 'api_keys',
      status: 'warning',
      detail: `Their API keys are not touched: ${listed(apiKeys, MAX_NAMED)}`,
      fix: 'delete_api_key deletes one.',
    });
  }
  if (apps.length > 0) {
    found.push({
      check: 'authorized_apps',
      status: 'warning',
      detail: `Applications they authorized are not touched: ${listed(apps, MAX_NAMED)}`,
      fix: 'revoke_user_authorized_app withdraws one.',
    });
  }
  if (nothingIn.length > 0) {
    const names = listed(
      nothingIn.map((name) => quoteUntrusted(name)),
      MAX_NAMED,
    );
    found.push({ check: 'organizations', status: 'skipped', detail: `They have nothing to remove in ${names}` });
  }
  for (const tool of cut) {
    found.push({
      check: tool,
      status: 'warning',
      detail: 'The list is longer than what was read. Call again afterwards.',
    });
  }
  return [...found, ...unreadFindings(unread)];
}

function namesOf(memberships: readonly Membership[]): string {
  return listed(
    memberships.map(({ organization }) => quoteUntrusted(organization)),
    MAX_NAMED,
  );
}
