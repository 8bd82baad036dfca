/** An argument of a prompt, which is always text. */
export interface PromptArgument {
  name: string;
  description: string;
  required: boolean;
}

/** One prompt: a procedure for an agent. */
export interface Procedure {
  name: string;
  title: string;
  description: string;
  arguments: readonly PromptArgument[];
  /**
   * Names of tools are in braces: `{list_users}`. A step with a tool that cannot run is left out. A list holds alternatives, of
   * which the first possible one is used.
   */
  steps: readonly (string | readonly string[])[];
  /** What a person has to do if steps that change something were left out. */
  byHand?: string;
}

const organization = optional('organization', "The customer's name, domain or organization id");

/** Procedures for common requests, in the order in which clients show them. */
export const PROCEDURES: readonly Procedure[] = [
  {
    name: 'onboard_customer',
    title: 'Onboard a customer',
    description: 'Create an organization, invite its first administrator, and let its IT set up single sign-on.',
    arguments: [
      optional('customer', "The customer's name"),
      optional('domain', "The domain of the customer's email addresses"),
      optional('administrator', 'The email address of the first administrator'),
    ],
    steps: [
      'Look for the customer with {list_organizations}, by name (search) and by domain (domains). If it exists, show it and ask whether to continue with it.',
      'Create the organization with {create_organization}: name, and domains if the user gave one. A domain stays pending until the customer proves that it is theirs.',
      'Read the roles with {list_roles} and invite the administrator with {send_invitation}: email, organization_id and role_slug. If no role is clearly meant, ask.',
      'Ask who sets up single sign-on and directory sync. For someone in IT who gets an email: {create_it_contact}, then {invite_it_contact}.',
      'For someone who is online now: {generate_portal_link} with the organization and an intent (sso, dsync or domain_verification). The link works for a few minutes, so make it when it is needed.',
      "Check with {get_organization}, {list_connections} and {list_directories}, by organization_id, and report the organization's id, the state of its domains, and what is still pending.",
    ],
    byHand: 'create the organization, invite the administrator and send the setup link',
  },
  {
    name: 'offboard_person',
    title: 'Off-board a person',
    description: 'End the access of someone who leaves: memberships, sessions, API keys, invitations.',
    arguments: [required('person', 'The email address or user id of the person'), organization],
    steps: [
      'Find the person with {list_users} by email, or {get_user} by id. If no one or more than one person is found, stop and ask.',
      'Collect what gives access: memberships ({list_organization_memberships} with user_id), active sessions ({list_user_sessions}).',
      'Collect the API keys as well ({list_user_api_keys}), and the apps that the person authorized ({list_user_authorized_apps}).',
      'See whether a directory manages the person: {list_directories} of each of these organizations, then {list_directory_users} by directory and email. If so, the customer has to remove the person there too, or the membership will be restored.',
      'Show all of it. Ask whether the person leaves one organization or all.',
      'End the memberships with {deactivate_organization_membership}. That can be undone; remove or delete only what the user asks for by name.',
      'End each active session with {revoke_session}: ending a membership does not sign anyone out.',
      'Expire the API keys with {expire_api_key} and revoke the authorized apps with {revoke_user_authorized_app}. Expiring a key stops the programs that use it: say so first.',
      'Revoke pending invitations of the same address: {list_invitations} by email, then {revoke_invitation}.',
      'Read memberships and sessions again and report what has ended, what is left, and what a person has to do elsewhere.',
    ],
    byHand: "deactivate the memberships, revoke the sessions, and expire the person's keys",
  },
  {
    name: 'explain_failed_sign_in',
    title: 'Why can they not sign in?',
    description: 'Find out why a person cannot sign in: account, membership, invitation, SSO connection, directory.',
    arguments: [
      required('person', 'The email address or user id of the person'),
      organization,
      optional('symptom', 'What the person sees, such as an error message, and when'),
    ],
    steps: [
      'Call {diagnose_sign_in} with the person and, if one is meant, the organization. It reads account, memberships, invitations, domain, SSO, directory and failed attempts; its first finding is the likeliest cause.',
      'Compare the findings with the symptom. What is skipped was not read: say so instead of guessing.',
      'For more of the attempts, read {list_events}: events ["authentication.*"], range_start at most 30 days ago, all_pages true, and a query that keeps this email address.',
      'Check other ways in: {list_user_identities}, {list_user_auth_factors}.',
      'Say what the cause is, which result shows it, and the smallest change that helps. If several fit, say how to tell them apart. Change nothing unless the user asks for it.',
    ],
  },
  {
    name: 'review_sso_connections',
    title: 'Review SSO connections',
    description: 'Find SSO connections that do not work, are not finished, or soon will not work.',
    arguments: [organization, optional('days', 'How many days ahead to look for certificates that expire')],
    steps: [
      'List the connections with {list_connections}: all_pages true, and query data[].{id: id, name: name, type: connection_type, state: state, organization: organization_id, updated: updated_at}; by organization_id if one customer is meant.',
      'Sort them: active; inactive or not finished; organizations with more than one of a kind.',
      'For SAML connections, read the certificates with {list_saml_idp_certificates}, and mark those that expire within 60 days, or within the days that the user gave.',
      'For each connection with a problem, check that its organization still exists and has a verified domain: {get_organization}.',
      'For those that do not work, look for failures: {list_events} with events ["authentication.sso_failed", "connection.deactivated"], the organization_id and a range_start within the last 30 days.',
      [
        'Report a table: customer, connection, state, problem, next step, the worst first. For a setup that is not finished, propose {invite_it_contact}; send nothing unless the user asks for it.',
        'Report a table: customer, connection, state, problem, next step, the worst first.',
      ],
    ],
  },
  {
    name: 'investigate_audit_log',
    title: 'Investigate audit logs',
    description: 'Answer who did what and when, from audit logs and events.',
    arguments: [
      organization,
      optional('actor', 'Whose actions to look at: a name, email address or id'),
      optional('question', 'The question to answer'),
      optional('period', 'From when to when'),
    ],
    steps: [
      'Determine the organization ({list_organizations} with search) and the period, in UTC. If either is unclear, ask.',
      'Check how long its audit logs are kept with {get_audit_log_retention}: an empty result for an older period proves nothing.',
      'See which actions exist with {list_audit_log_actions} and choose those that fit the question.',
      'Export with {export_audit_logs}: organization_id, range_start, range_end, and actions, actor_names or actor_ids as far as they are known. Use query to count and filter instead of reading every row; the whole export is in the linked file.',
      'Compare with what WorkOS itself saw: {list_events} of the same organization and period, such as ["authentication.*", "session.*", "organization_membership.*"].',
      'Report a timeline: time, actor, action, target, and where each line comes from. Separate what the records show from what you conclude, and name what was not checked.',
    ],
  },
  {
    name: 'rotate_secret',
    title: 'Rotate a secret',
    description: 'Replace an API key, an app secret or a webhook secret without an outage.',
    arguments: [optional('secret', 'Which one: its name, id, app or endpoint'), organization],
    steps: [
      'Find out which secret is meant: an API key of a customer ({list_organization_api_keys}), a secret of a Connect app ({list_connect_apps}, {list_connect_app_secrets}), or the secret of a webhook ({list_webhook_endpoints}). If more than one fits, ask.',
      "The key of this server itself, and the environment's other keys, can only be replaced in the WorkOS dashboard. With WORKOS_TOKEN_FILE this server reads the new one without a restart.",
      'Ask where the secret is in use and who puts the new one there.',
      'API key: {create_organization_api_key} with the same permissions as the old one.',
      'App secret: {create_connect_app_secret}. Both secrets work until the old one is deleted.',
      'Webhook: {create_webhook_endpoint} with the same URL and events. Both deliver for a while, so the receiver must accept either signature and drop duplicates.',
      'The new secret goes to a private file. Give the user its path; never read it or write it into the conversation.',
      'Wait until the user says that the new one is in use.',
      'API key: {expire_api_key} on the old one, at a time that leaves room to roll back.',
      'App secret: {delete_connect_app_secret} on the old one.',
      'Webhook: {delete_webhook_endpoint} on the old one.',
      'List again and report what is in use, and what has ended or will end, and when.',
    ],
    byHand: 'create the new secret, and later end the old one',
  },
  {
    name: 'prepare_production',
    title: 'Prepare for production',
    description: 'Check that an environment is ready for production, and list what is missing.',
    arguments: [
      optional('application', 'The URL of the application'),
      optional('features', 'What it uses, such as SSO, directory sync, audit logs, webhooks'),
    ],
    steps: [
      'Run {check_connector} and say whether its key belongs to a test or a live environment. A review of a test environment says little about production.',
      'Redirect URIs with {list_redirect_uris}: https, no localhost, no wildcard, and the URL of the application among them.',
      'CORS origins with {list_cors_origins}: only those of the application.',
      'Webhooks with {list_webhook_endpoints}: https, enabled, and the events that the application needs.',
      'Roles and permissions with {list_roles} and {list_permissions}: a sensible default role, and nothing left over from tests.',
      'Organizations with {list_organizations}: test customers, and domains that are not verified.',
      'SSO with {list_connections}, directory sync with {list_directories}: count them by state.',
      'Audit logs with {list_audit_log_actions}: the schemas that the application sends.',
      'Report a checklist: ready, needs a fix, needs a decision, each with the result that shows it. Branding, AuthKit domains, social login and billing are only in the dashboard: name them as not checked. Change nothing unless the user asks for it.',
    ],
  },
  {
    name: 'clean_up_invitations',
    title: 'Clean up invitations',
    description: 'Find invitations that are expired, old or for people who are already members, and revoke them.',
    arguments: [
      organization,
      optional('older_than', 'How old a pending invitation must be to count as old, such as 14 days'),
    ],
    steps: [
      'If one organization is meant, find it with {list_organizations}.',
      'List the invitations with {list_invitations}: all_pages true, organization_id if one is meant, and query data[].{id: id, email: email, state: state, organization: organization_id, created: created_at, expires: expires_at}.',
      'Leave out those that were accepted or revoked. Sort the others: expired; pending and old (14 days, or what the user gave); the same address and organization more than once.',
      'See who is already a member: {list_organization_memberships} of the organization, and {list_users} by organization_id for the email addresses.',
      'Show the list with a proposal for each: revoke, send again or keep. Expired ones need no revoking.',
      'Revoke what the user agreed to with {revoke_invitation}.',
      'Send again what the user agreed to with {resend_invitation}. That sends an email.',
      'List again and report the counts before and after.',
    ],
    byHand: 'revoke the invitations, or send them again',
  },
];

function required(name: string, description: string): PromptArgument {
  return { name, description, required: true };
}

function optional(name: string, description: string): PromptArgument {
  return { name, description, required: false };
}
