import * as z from 'zod';
import { nearestWord } from '../text/did-you-mean.ts';

/**
 * Event types in full (`user.created`) or as groups (`organization_membership.*`), which stand for all names that start with
 * them. An unknown name is refused if it is close to a known one, and sent otherwise, because the API keeps adding events.
 * https://workos.com/docs/events
 */
export function eventTypes(known: readonly string[]) {
  return z
    .array(z.string())
    .superRefine((types, issues) => {
      for (const type of types) {
        const problem = problemWith(type, known);
        if (problem) issues.addIssue(problem);
      }
    })
    .transform((types) => [...new Set(types.flatMap((type) => expand(type, known)))]);
}

function expand(type: string, known: readonly string[]): readonly string[] {
  return type.endsWith('.*') ? known.filter((name) => name.startsWith(type.slice(0, -1))) : [type];
}

function problemWith(type: string, known: readonly string[]): string | undefined {
  if (type.endsWith('*')) {
    const groups = [...new Set(known.map((name) => `${name.slice(0, name.lastIndexOf('.'))}.*`))];
    return expand(type, known).length > 0 && type.endsWith('.*')
      ? undefined
      : `no event matches ${JSON.stringify(type.slice(0, 60))}; groups: ${groups.join(', ')}`;
  }
  if (known.includes(type)) return undefined;
  if (EVENTS.includes(type)) return `webhooks do not deliver ${type}; list_events shows it`;
  const near = nearestWord(type, known, 2);
  return near && `${JSON.stringify(type.slice(0, 60))} is not an event; did you mean ${near}?`;
}

/** Every event that a webhook endpoint can subscribe to, from the OpenAPI document. */
export const WEBHOOK_EVENTS: readonly string[] = [
  'agent.blueprint.created',
  'agent.blueprint.deleted',
  'agent.blueprint.updated',
  'agent.instance.created',
  'agent.instance.deleted',
  'agent.instance.session.created',
  'agent.instance.session.revoked',
  'agent.registration.claim.attempt.created',
  'agent.registration.claim.completed',
  'agent.registration.created',
  'agent.registration.credential.issued',
  'agent.registration.deleted',
  'agent.registration.expired',
  'agent.registration.organization.switched',
  'agent.registration.refreshed',
  'agent.registration.revoked',
  'api_key.created',
  'api_key.revoked',
  'api_key.updated',
  'authentication.email_verification_succeeded',
  'authentication.magic_auth_failed',
  'authentication.magic_auth_succeeded',
  'authentication.mfa_succeeded',
  'authentication.oauth_failed',
  'authentication.oauth_succeeded',
  'authentication.passkey_failed',
  'authentication.passkey_succeeded',
  'authentication.password_failed',
  'authentication.password_succeeded',
  'authentication.radar_risk_detected',
  'authentication.reauthentication_succeeded',
  'authentication.sso_failed',
  'authentication.sso_started',
  'authentication.sso_succeeded',
  'authentication.sso_timed_out',
  'connection.activated',
  'connection.deactivated',
  'connection.deleted',
  'connection.saml_certificate_renewal_required',
  'connection.saml_certificate_renewed',
  'dsync.activated',
  'dsync.deleted',
  'dsync.group.created',
  'dsync.group.deleted',
  'dsync.group.updated',
  'dsync.group.user_added',
  'dsync.group.user_removed',
  'dsync.user.created',
  'dsync.user.deleted',
  'dsync.user.updated',
  'email_verification.created',
  'flag.created',
  'flag.deleted',
  'flag.rule_updated',
  'flag.updated',
  'group.created',
  'group.deleted',
  'group.member_added',
  'group.member_removed',
  'group.updated',
  'invitation.accepted',
  'invitation.created',
  'invitation.resent',
  'invitation.revoked',
  'magic_auth.created',
  'organization.created',
  'organization.deleted',
  'organization.updated',
  'organization_domain.created',
  'organization_domain.deleted',
  'organization_domain.updated',
  'organization_domain.verification_failed',
  'organization_domain.verified',
  'organization_membership.created',
  'organization_membership.deleted',
  'organization_membership.updated',
  'organization_role.created',
  'organization_role.deleted',
  'organization_role.updated',
  'password_reset.created',
  'password_reset.succeeded',
  'permission.created',
  'permission.deleted',
  'permission.updated',
  'pipes.account_connection.add_failed',
  'pipes.account_connection.connected',
  'pipes.account_connection.connection_failed',
  'pipes.account_connection.disconnected',
  'pipes.account_connection.reauthorization_needed',
  'pipes.connected_account.connected',
  'pipes.connected_account.connection_failed',
  'pipes.connected_account.disconnected',
  'pipes.connected_account.reauthorization_needed',
  'radar.challenge_created',
  'role.created',
  'role.deleted',
  'role.updated',
  'session.created',
  'session.revoked',
  'user.created',
  'user.deleted',
  'user.updated',
  'waitlist_user.approved',
  'waitlist_user.created',
  'waitlist_user.denied',
];

/** Every event that GET /events returns: those of webhooks, and some that webhooks do not deliver. */
export const EVENTS: readonly string[] = [
  ...WEBHOOK_EVENTS,
  'action.authentication.denied',
  'action.user_registration.denied',
  'authentication.email_verification_failed',
  'authentication.mfa_failed',
  'dsync.token.created',
  'dsync.token.revoked',
  'resource_export.completed',
  'resource_export.created',
  'resource_export.downloaded',
  'resource_export.failed',
  'vault.byok_key.deleted',
  'vault.byok_key.verification_completed',
  'vault.data.created',
  'vault.data.deleted',
  'vault.data.read',
  'vault.data.updated',
  'vault.dek.decrypted',
  'vault.dek.read',
  'vault.kek.created',
  'vault.kek.deleted',
  'vault.metadata.read',
  'vault.names.listed',
];
