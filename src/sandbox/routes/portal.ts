import { isString, isStringArray, optionalField, requiredString } from '../http/body-fields.ts';
import { HttpError } from '../http/errors.ts';
import { page } from '../http/page.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { signedToken } from '../signed-token.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { contactByEmail } from './it-contacts.ts';

export const portalRoutes: Route[] = [
  ['POST /portal/generate_link', generateLink],
  ['GET /_sandbox/pages/portal/{token}', showPortal],
  ['POST /widgets/token', createWidgetToken],
  ['POST /client/token', createClientToken],
];

const LINK_MS = 5 * 60_000;

/** What an administrator sets up with each intent. */
const SETUPS: Record<string, string> = {
  sso: 'Here the administrator would connect the identity provider of the organization for single sign-on.',
  dsync: 'Here the administrator would connect the directory from which users and groups are provisioned.',
  audit_logs: 'Here the administrator would read the audit logs of the organization.',
  log_streams: 'Here the administrator would choose where audit logs are streamed to, such as Datadog or Splunk.',
  domain_verification: 'Here the administrator would prove with a DNS record that the organization owns its domains.',
  certificate_renewal: 'Here the administrator would replace a SAML certificate that is about to expire.',
  bring_your_own_key:
    'Here the administrator would connect the key management service that holds their own encryption key.',
};

/** Answers with the address of a local page. Creates IT contacts for the given email addresses. */
function generateLink({ body, origin }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', requiredString(body, 'organization'));
  const emails = optionalField(body, 'it_contact_emails', isStringArray) ?? [];
  const link = state.add('portal_links', {
    organization_id: organization.id,
    intent: optionalField(body, 'intent', isString) ?? null,
    return_url: optionalField(body, 'return_url', isString) ?? null,
    expires_at: timestamp(state.now() + LINK_MS),
    _token: state.ids.token(32),
  });
  for (const email of emails) {
    if (contactByEmail(state, organization.id, email)) continue;
    state.add('it_contacts', { organization_id: organization.id, email, _invited_until: null });
  }
  return { body: { link: `${origin}/_sandbox/pages/portal/${link._token}` } };
}

function showPortal({ id }: ApiRequest, state: State): ApiResponse {
  const [link] = state.where('portal_links', { _token: id });
  const organization = link && state.table('organizations').get(link.organization_id);
  if (!link || !organization) return page('Admin Portal', ['This link does not exist.'], 404);
  if (Date.parse(link.expires_at) <= state.now()) {
    return page('Admin Portal', ['This link has expired. Links work for five minutes: ask for a new one.'], 410);
  }
  return page(`Admin Portal of ${organization.name}`, [
    `Organization: ${organization.name} (${organization.id})`,
    `Intent: ${link.intent ?? 'none'}`,
    SETUPS[link.intent ?? ''] ?? 'Here the administrator would choose what to set up.',
    `This page of the sandbox changes nothing. It expires at ${link.expires_at}, five minutes after the link was made.`,
    ...(link.return_url === null ? [] : [{ text: 'Return to the app', href: link.return_url }]),
  ]);
}

/** The token itself says what the widget may do, and is not stored. */
function createWidgetToken({ body }: ApiRequest, state: State): ApiResponse {
  const organizationId = optionalField(body, 'organization_id', isString);
  const userId = optionalField(body, 'user_id', isString);
  const scopes = optionalField(body, 'scopes', isStringArray) ?? [];
  if (organizationId === undefined && (scopes.length > 0 || userId === undefined)) {
    throw new HttpError(400, { message: ['organization_id must be a string'], error: 'Bad Request' });
  }
  return sendToken(state, organizationId, userId, { scopes });
}

function createClientToken({ body }: ApiRequest, state: State): ApiResponse {
  const organizationId = requiredString(body, 'organization_id');
  const userId = requiredString(body, 'user_id');
  state.find('users', userId);
  state.find('organizations', organizationId);
  const membership = { organization_id: organizationId, user_id: userId, status: 'active' } as const;
  if (state.where('organization_memberships', membership).length === 0) {
    throw new HttpError(400, { message: `The user '${userId}' is not an active member of the organization.` });
  }
  return sendToken(state, organizationId, userId, { session_id: state.ids.next('session', state.now()) });
}

function sendToken(state: State, organizationId: string | undefined, userId: string | undefined, claims: object) {
  const seconds = Math.floor(state.now() / 1000);
  const token = signedToken({
    ...(userId !== undefined && { sub: state.find('users', userId).id }),
    ...(organizationId !== undefined && { org_id: state.find('organizations', organizationId).id }),
    ...claims,
    jti: state.ids.token(16),
    iat: seconds,
    exp: seconds + 3_600,
  });
  return { body: { token } };
}
