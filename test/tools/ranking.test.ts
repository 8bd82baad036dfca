import { describe, expect, it } from 'vitest';
import { tools } from '../../src/catalog.ts';
import { type Document, rank } from '../../src/tools/ranking.ts';
import { things, verbs } from '../../src/tools/vocabulary.ts';

const documents: readonly Document[] = [...tools.values()].filter((tool) => tool.toolset !== 'discovery');

/** What an operator types, the tool that should come first, and others that must be among the first five. */
type Row = readonly [question: string, first: string, ...amongFive: string[]];

const questions: readonly Row[] = [
  // organizations
  ['find the customer called Acme', 'list_organizations'],
  ['set up a new tenant', 'create_organization'],
  ['which company owns acme.com?', 'list_organizations'],
  ['look up a customer by our own database id', 'get_organization_by_external_id'],
  ['rename a workspace', 'update_organization'],
  ['customer churned, wipe their tenant', 'delete_organization'],
  ['add another email domain to a customer', 'create_organization_domain'],
  ['DNS TXT record for domain verification', 'get_organization_domain', 'verify_organization_domain'],
  ['start checking that they own the domain', 'verify_organization_domain'],

  // sso
  ['SAML', 'list_connections'],
  ['which identity providers does this customer use', 'list_connections'],
  ['is the OIDC connection active?', 'get_connection', 'list_connections'],
  ['remove a SAML connection', 'delete_connection'],

  // directory_sync
  ['SCIM', 'list_directories'],
  ['Okta provisioning status', 'list_directories', 'get_directory'],
  ['people synced from Entra', 'list_directory_users'],
  ['details of one employee from the HR directory', 'get_directory_user'],
  ['what groups came over from Azure AD', 'list_directory_groups'],
  ['drop the SCIM directory', 'delete_directory'],

  // users
  ['find somebody by email address', 'list_users'],
  ['sign up a new user without an email going out', 'create_user'],
  ['fix the spelling of a first name', 'update_user'],
  ['GDPR erasure of a person', 'delete_user'],
  ['forgot password', 'create_password_reset'],
  ['user wants a different e-mail address', 'send_email_change', 'confirm_email_change'],
  ['send the verify your email code again', 'send_email_verification'],
  ['which social logins are tied to this account', 'list_user_identities'],
  ['look up user by external id', 'get_user_by_external_id'],

  // memberships
  ['who is a member of this org', 'list_organization_memberships'],
  ['remove a teammate from the company', 'delete_organization_membership'],
  ['suspend a member but keep their seat settings', 'deactivate_organization_membership'],
  ['bring back a suspended member', 'reactivate_organization_membership'],
  ['make Alice an admin of the organization', 'update_organization_membership'],
  ['put an existing user into an organization', 'create_organization_membership'],
  ['how many seats does this tenant use', 'list_organization_memberships'],

  // roles
  ['which roles exist', 'list_roles', 'list_organization_roles'],
  ['custom role for one customer', 'create_organization_role'],
  ['RBAC: give the editor role one more permission', 'add_role_permission'],
  ['what permissions are there', 'list_permissions'],
  ['define a new permission', 'create_permission'],
  ['take a permission away from a custom role', 'remove_organization_role_permission'],
  ['what may the admin role do', 'get_role'],

  // audit_logs
  ['audit trail as CSV', 'export_audit_logs', 'start_audit_export'],
  ['who deleted the invoice last tuesday? compliance wants to know', 'export_audit_logs'],
  ['is my audit export ready yet', 'poll_audit_export'],
  ['keep logs for a year', 'set_audit_log_retention'],
  ['how long are audit logs kept', 'get_audit_log_retention'],
  ['write an audit log entry', 'create_audit_log_event'],
  ['is log streaming to the SIEM set up', 'get_audit_log_configuration'],
  ['define a new audit action', 'create_audit_log_schema'],

  // invitations
  ['invite twelve people', 'send_invitation'],
  ['she never got the invite, send it again', 'resend_invitation'],
  ['cancel an invite', 'revoke_invitation'],
  ['outstanding invites', 'list_invitations'],
  ['whose invitation is behind this token', 'get_invitation_by_token'],

  // groups
  ['make a team inside an organization', 'create_group'],
  ['put a member in a group', 'add_group_member'],
  ['who belongs to the engineering group', 'list_group_members'],
  ['rename a group', 'update_group'],

  // portal
  ["let the customer's IT admin set up SSO", 'generate_portal_link'],
  ['self-serve setup link', 'generate_portal_link'],
  ['admin portal', 'generate_portal_link'],
  ['token for the embedded user management widget', 'create_widget_token'],
  ['GraphQL client token', 'create_client_token'],

  // fga
  ['FGA permission check', 'check_authorization'],
  ['can this user edit this document?', 'check_authorization'],
  ['who has access to this project', 'list_fga_resource_members'],
  ['everything this member can do on a resource', 'list_fga_permissions'],
  ['share a document: grant viewer role on it', 'assign_membership_role'],
  ['give a whole group a role', 'assign_group_role'],
  ['register a new project as an authorization resource', 'create_fga_resource'],
  ['which documents can she see', 'list_fga_membership_resources'],
  ['move a resource under another parent', 'update_fga_resource'],
  ['take the role away from a group', 'remove_group_role', 'remove_group_role_assignment'],

  // feature_flags
  ['turn on a feature for one customer', 'add_feature_flag_target'],
  ['kill switch: turn off a feature for everyone', 'disable_feature_flag'],
  ['feature toggles', 'list_feature_flags'],
  ['which features does this customer have', 'list_organization_feature_flags'],
  ['roll out a flag to everybody', 'enable_feature_flag'],
  ['take a customer out of the beta rollout', 'remove_feature_flag_target'],

  // events
  ['list webhooks', 'list_webhook_endpoints'],
  ['notify our server when users change', 'create_webhook_endpoint'],
  ['why was the sign-in blocked', 'list_events'],
  ['what happened in the last hour', 'list_events'],
  ['stop sending webhooks to an old URL', 'delete_webhook_endpoint', 'update_webhook_endpoint'],
  ['subscribe a callback to more event types', 'update_webhook_endpoint'],

  // api_keys
  ['API token for a customer', 'create_organization_api_key'],
  ['is this API key valid and whose is it', 'validate_api_key'],
  ['leaked API key, kill it', 'delete_api_key', 'expire_api_key'],
  ['let an API key run out at the end of the month', 'expire_api_key'],
  ['personal access tokens of a user', 'list_user_api_keys'],
  ['AI agent registration', 'get_agent_registration'],

  // authentication
  ['kick out a user everywhere', 'revoke_session', 'list_user_sessions'],
  ['log out a session', 'revoke_session'],
  ['where is she signed in right now', 'list_user_sessions'],
  ['passwordless email code', 'create_magic_auth'],
  ['magic link', 'create_magic_auth'],
  ['public keys to verify tokens', 'get_jwks'],
  ['login URL for AuthKit', 'get_authorization_url'],
  ['CLI login with a device code', 'start_device_authorization'],
  ['log in with password', 'authenticate_user'],
  ['swap the SSO callback code for a profile', 'exchange_sso_code'],

  // authkit
  ['CORS error from our frontend', 'create_cors_origin', 'list_cors_origins'],
  ['allow another redirect URI', 'create_redirect_uri'],
  ['which callback URLs are allowed', 'list_redirect_uris'],
  ['put custom claims in the access token', 'update_jwt_template', 'get_jwt_template'],

  // mfa
  ['reset 2FA for someone who lost their phone', 'delete_auth_factor'],
  ['does this user have MFA', 'list_user_auth_factors'],
  ['set up an authenticator app for a user', 'enroll_user_auth_factor'],
  ['check a TOTP code', 'verify_auth_challenge'],
  ['text them a one-time code', 'challenge_auth_factor'],

  // connect
  ['rotate a client secret', 'create_connect_app_secret', 'delete_connect_app_secret'],
  ['M2M credentials for a machine', 'create_connect_app'],
  ['OAuth apps', 'list_connect_apps'],
  ['which third party apps did this user approve', 'list_user_authorized_apps'],
  ['withdraw consent of a user to an app', 'revoke_user_authorized_app'],
  ['change the redirect URIs of an OAuth application', 'update_connect_app'],

  // pipes
  ["call Slack with the user's token", 'get_data_integration_token'],
  ['Pipes', 'list_data_integrations'],
  ['is the GitHub account of this user still connected', 'get_connected_account'],
  ['disconnect Google Drive for a user', 'delete_connected_account'],
  ['link where the user connects their Salesforce', 'get_data_integration_auth_url'],
  ['offer a new provider for users to connect', 'create_data_integration'],

  // radar
  ['block an IP address', 'add_radar_list_entry'],
  ['unblock a domain in bot protection', 'remove_radar_list_entry'],
  ['is this login fraud or a bot? risk score', 'create_radar_attempt'],
  ['allowlist our office IP range', 'add_radar_list_entry'],

  // vault
  ['encrypt data with a customer key', 'create_vault_data_key', 'create_vault_object'],
  ['store a secret', 'create_vault_object'],
  ['read a stored secret by its name', 'get_vault_object_by_name'],
  ['which secrets are stored', 'list_vault_objects'],
  ['KMS data key decryption', 'decrypt_vault_data_key'],
  ['overwrite the value of an encrypted secret', 'update_vault_object'],
  ['older versions of a secret', 'list_vault_object_versions'],

  // across the toolsets, in a hurry
  ['onboard Globex as a B2B account', 'create_organization'],
  ['unlink a domain that no longer belongs to the client', 'delete_organization_domain'],
  ['Is single sign-on configured for this org?', 'list_connections'],
  ['members of a group that Okta pushes to us', 'list_directory_users', 'get_directory_group'],
  ['ban a user account permanently and forget all their data', 'delete_user'],
  ['finish the password reset with the token from the mail', 'confirm_password_reset'],
  ['downgrade someone from admin to plain member', 'update_organization_membership'],
  ['offboard an employee from one workspace, they may come back', 'deactivate_organization_membership'],
  ['swap the complete permission set of an environment role', 'set_role_permissions'],
  ['who exported customer data in March', 'export_audit_logs'],
  ['reduce log retention to 30 days', 'set_audit_log_retention'],
  ['the invite link expired, mail a fresh one', 'resend_invitation', 'send_invitation'],
  ['list the teams of an org', 'list_groups'],
  ['magic setup URL so that their admin configures Okta', 'generate_portal_link'],
  ['is Bob allowed to delete invoices', 'check_authorization'],
  ['revoke viewer access to a folder from one member', 'remove_membership_role', 'remove_membership_role_assignment'],
  ['is the new-dashboard flag enabled?', 'get_feature_flag', 'list_feature_flags'],
  ['history of failed logins yesterday', 'list_events'],
  ['deactivate an API key next Friday', 'expire_api_key'],
  ['force every device of a user to log in again', 'revoke_session', 'list_user_sessions'],
  ['localhost callback is refused at login', 'create_redirect_uri', 'list_redirect_uris'],
  ['register a phone number for SMS two-factor', 'enroll_auth_factor'],
  ['our partner needs machine credentials, what clients are registered', 'list_connect_apps'],
  ['refresh token for the Google calendar of a user', 'get_data_integration_token'],
  ['which keys does the vault hold', 'list_vault_objects'],
  ['how many organizations are there', 'list_organizations'],
  ['change the company name of a customer', 'update_organization'],
  ['tear down an SSO connection', 'delete_connection'],
  ['get the custom attributes of a provisioned employee', 'get_directory_user'],
  ['bulk create users from a CSV', 'create_user'],
  ['change the last name and metadata of a user', 'update_user'],
  ['mark an email address as confirmed with the code', 'confirm_email_verification'],
  ['which organizations is this user part of', 'list_organization_memberships'],
  ['rename a permission', 'update_permission'],
  ['delete a custom role nobody uses', 'delete_organization_role'],
  ['download last month of audit events', 'export_audit_logs', 'start_audit_export'],
  ['has bob accepted his invitation', 'list_invitations', 'get_invitation'],
  ['remove somebody from a group', 'remove_group_member'],
  ['give the customer a link to verify their domain on their own', 'generate_portal_link'],
  ['what roles were handed out on this project', 'list_fga_resource_assignments'],
  ['delete a resource and its children', 'delete_fga_resource'],
  ['flags that are on for a user', 'list_user_feature_flags'],
  ['stream of changes to users and connections', 'list_events'],
  ['list the API keys of an organization', 'list_organization_api_keys'],
  ['sign a user in with an authorization code', 'authenticate_user'],
  ['add http://localhost:3000 as an allowed web origin', 'create_cors_origin'],
  ['turn off two factor authentication for a user', 'delete_auth_factor', 'list_user_auth_factors'],
  ['register an OAuth client for a partner', 'create_connect_app'],
  ['which providers can a user connect', 'list_user_data_providers', 'list_data_integrations'],
  ['delete a stored secret', 'delete_vault_object'],
  ['pull up the Initech tenant', 'list_organizations', 'get_organization'],
  ['our contract with them ended, delete the whole organization', 'delete_organization'],
  ['does hooli.com still need DNS verification?', 'get_organization_domain', 'verify_organization_domain'],
  ['which SSO setups are inactive', 'list_connections'],
  ['employees who were deprovisioned by the customer HR system', 'list_directory_users'],
  ['somebody typed their new email wrong, send the change mail to another address', 'send_email_change'],
  ['set a new password using the reset token', 'confirm_password_reset'],
  ['give this person the billing role in Acme', 'update_organization_membership', 'assign_membership_role'],
  ['everyone in the company with an inactive membership', 'list_organization_memberships'],
  ['cleanup: remove unused permission', 'delete_permission'],
  ['see which audit actions have a schema', 'list_audit_log_actions'],
  ['record that an admin viewed a patient file in the audit log', 'create_audit_log_event'],
  ['has an invite for this address already been sent', 'list_invitations'],
  ['take a person out of the support team', 'remove_group_member'],
  ['directory sync onboarding link for a prospect', 'generate_portal_link'],
  ['who can edit this spreadsheet', 'list_fga_resource_members', 'check_authorization'],
  ['stop the beta for one tenant', 'remove_feature_flag_target'],
  ['pause a webhook', 'update_webhook_endpoint'],
  ['issue an API key to a customer', 'create_organization_api_key'],
  ['end all logins of a stolen account', 'revoke_session', 'list_user_sessions'],
  ['the template for JWT claims', 'get_jwt_template', 'update_jwt_template'],
  ['user has a new phone and cannot pass two-step login', 'delete_auth_factor', 'list_user_auth_factors'],
  ['delete an old client secret', 'delete_connect_app_secret'],
  ['fetch a fresh HubSpot access token for a user', 'get_data_integration_token'],
  ['metadata of an encrypted item without its value', 'get_vault_object_metadata'],
  ['our Stripe customer moved, store the new stripe id on the tenant', 'update_organization'],
  ['list domains a customer has claimed', 'get_organization', 'list_organizations'],
  ['their ADFS certificate expires, show the connection', 'get_connection', 'list_connections'],
  ['SCIM groups of one directory', 'list_directory_groups'],
  ['import existing accounts with hashed passwords', 'create_user'],
  ['has she confirmed her email', 'get_email_verification', 'get_user'],
  ['everyone who works at Acme', 'list_organization_memberships'],
  ['restore access for a contractor who returned', 'reactivate_organization_membership'],
  ['change the description of a custom role', 'update_organization_role'],
  ['grant the support role permission to read invoices', 'add_role_permission', 'add_organization_role_permission'],
  ['CSV of everything Alice did in June', 'export_audit_logs', 'start_audit_export'],
  ['wrong person invited, take it back', 'revoke_invitation'],
  ['empty out a team', 'remove_group_member', 'delete_group'],
  ['the customer wants to connect Azure AD themselves', 'generate_portal_link'],
  ['does Carol have permission to approve this expense', 'check_authorization'],
  ['create a document resource under a folder', 'create_fga_resource'],
  ['which customers see the beta', 'get_feature_flag', 'list_organization_feature_flags'],
  ['rotate the URL our webhook posts to', 'update_webhook_endpoint'],
  ['remove the api key of a former employee', 'delete_api_key'],
  ['log somebody out of all browsers', 'revoke_session', 'list_user_sessions'],
  ['delete a callback address we no longer use', 'delete_redirect_uri'],
  ['send a one time passcode to a phone', 'challenge_auth_factor'],
  ['shut down a machine to machine application', 'delete_connect_app'],
  ['user disconnected Slack by accident, give them a link to connect again', 'get_data_integration_auth_url'],
  ['decrypt a value kept in the vault', 'get_vault_object', 'get_vault_object_by_name'],
  ['delete tenant', 'delete_organization'],
  ['search organizations by domain', 'list_organizations'],
  ['disable SSO for a company by removing its connection', 'delete_connection'],
  ['all employees in a SCIM directory', 'list_directory_users'],
  ['resend verification email to a user', 'send_email_verification'],
  ['generate password reset link', 'create_password_reset'],
  ['lookup a person by the id we use in our CRM', 'get_user_by_external_id'],
  ['change role of an org member', 'update_organization_membership'],
  ['remove a user from an organization but keep the user', 'delete_organization_membership'],
  ['list custom roles of one organization', 'list_organization_roles'],
  ['replace all permissions of a role', 'set_role_permissions', 'set_organization_role_permissions'],
  ['check the retention period for audit events', 'get_audit_log_retention'],
  ['accept the invitation on behalf of the invitee', 'accept_invitation'],
  ['which teams exist in this workspace', 'list_groups'],
  ['create a link so the client can configure log streams', 'generate_portal_link'],
  ['list everyone with the edit permission on a document', 'list_fga_resource_members'],
  ['is the flag on for this organization', 'list_organization_feature_flags', 'get_feature_flag'],
  ['authentication events from yesterday', 'list_events'],
  ['verify the API key sent by a caller', 'validate_api_key'],
  ['exchange a refresh token for a new access token', 'authenticate_user'],
  ['show the allowed CORS origins', 'list_cors_origins'],
  ['remove an SMS factor', 'delete_auth_factor'],
  ['change the scopes of a machine client', 'update_connect_app'],
  ['revoke the GitHub connection of a user', 'delete_connected_account'],
  ['update an encrypted value', 'update_vault_object'],

  // diagnostics
  ['is my WorkOS key working', 'check_connector'],
  ['every call answers 401 unauthorized', 'check_connector'],

  // misspelt, noisy, or in the tools' own words
  ['how do I please invte somebody', 'send_invitation'],
  ['webhok endpoints', 'list_webhook_endpoints'],
  ['hi! could you tell me what organizatons we have, thanks', 'list_organizations'],
  ['delete_redirect_uri', 'delete_redirect_uri'],
  ['what does rekey_vault_data_key do', 'rekey_vault_data_key'],
];

interface Miss {
  question: string;
  wanted: string;
  found: string[];
}

/** The questions whose wanted tools are not among the first `places`. */
function misses(rows: readonly Row[], places: number): Miss[] {
  return rows.flatMap(([question, first, ...amongFive]) => {
    const found = rank(question, documents, places).map((hit) => hit.name);
    const wanted = places === 1 ? [first] : [first, ...amongFive];
    const missing = wanted.filter((name) => !found.includes(name));
    return missing.length > 0 ? [{ question, wanted: missing.join(', '), found }] : [];
  });
}

const told = (rows: readonly Miss[]) =>
  rows.map((miss) => `${miss.question}\n    wanted ${miss.wanted}\n    found  ${miss.found.join(', ')}`).join('\n');

describe('finding a tool by what an operator says', () => {
  it('has the right tool among the first five, always', () => {
    const missed = misses(questions, 5);
    expect(missed.length, told(missed)).toBe(0);
  });

  it('has the right tool first, nine times out of ten', () => {
    const missed = misses(questions, 1);
    expect(missed.length / questions.length, told(missed)).toBeLessThanOrEqual(0.1);
  });

  it('asks about every toolset', () => {
    const asked = new Set(questions.map(([, first]) => tools.get(first)?.toolset));
    const missing = documents.filter((document) => !asked.has(document.toolset)).map((document) => document.toolset);
    expect([...new Set(missing)]).toEqual([]);
  });

  it('finds every tool by its title', () => {
    const rows = documents.map(({ name, title }): Row => [title, name]);
    expect(told(misses(rows, 5))).toBe('');
  });

  it('finds every tool by the words of its name', () => {
    const rows = documents.map(({ name }): Row => [name.replaceAll('_', ' '), name]);
    expect(told(misses(rows, 5))).toBe('');
  });

  it('puts a tool first whose exact name is in the question, whatever else is said', () => {
    const rows = documents.map(({ name }): Row => [`SCIM webhooks, invite people: what does ${name} need?`, name]);
    expect(told(misses(rows, 1))).toBe('');
  });
});

describe('the ranking', () => {
  const fruit: readonly Document[] = [
    { name: 'list_apples', title: 'List apples', description: 'List the apples of a tree.', toolset: 'fruit' },
    { name: 'delete_apple', title: 'Delete apple', description: 'Eat one apple. See list_apples.', toolset: 'fruit' },
    { name: 'list_cherries', title: 'List cherries', description: 'List the cherries.', toolset: 'fruit' },
  ];
  const names = (question: string, most = 5) => rank(question, fruit, most).map((hit) => hit.name);

  it.each([
    ['the thing before its neighbours', 'cherry', 'list_cherries'],
    ['looking before destroying where nobody said what to do', 'apple', 'list_apples'],
    ['the verb in other words', 'get rid of an apple', 'delete_apple'],
    ['a word with one letter missing', 'aples', 'list_apples'],
    ['a word with two letters swapped', 'chreries', 'list_cherries'],
  ])('prefers %s', (_, question, first) => {
    expect(names(question)[0]).toBe(first);
  });

  it.each([
    ['nothing about any tool', 'quantum entanglement'],
    ['only words that say nothing', 'how do I do the'],
    ['no words at all', ' ?! '],
  ])('finds nothing in %s', (_, question) => {
    expect(names(question)).toEqual([]);
  });

  it('gives as many as asked for, best first', () => {
    const hits = rank('apple', fruit, 2);
    expect(hits.map((hit) => hit.name)).toEqual(['list_apples', 'delete_apple']);
    expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? Number.POSITIVE_INFINITY);
    expect(names('apple', 1)).toEqual(['list_apples']);
  });

  it('does not mix up two lists of tools', () => {
    expect(names('apple')).toContain('list_apples');
    expect(rank('apple', fruit.slice(2), 5)).toEqual([]);
  });

  it('takes far less than 10 ms over all tools', () => {
    rank('warm up', documents, 5);
    const start = performance.now();
    for (const [question] of questions) rank(question, documents, 5);
    expect((performance.now() - start) / questions.length).toBeLessThan(10);
  });
});

describe('the vocabulary', () => {
  const concepts = [...verbs, ...things];

  it('names only tools that exist', () => {
    const named = concepts.flatMap((concept) => concept.tools?.split(' ') ?? []);
    expect(named.filter((name) => !tools.has(name))).toEqual([]);
  });

  it('knows only verbs with which some tool begins', () => {
    const known = new Set(documents.map((document) => document.name.split('_')[0]));
    const meant = concepts.flatMap((concept) => concept.does?.split(' ') ?? []);
    expect(meant.filter((verb) => !known.has(verb))).toEqual([]);
  });

  it('gives every phrase a meaning', () => {
    const idle = concepts.filter(({ means, hints, does, tools: idiom }) => !(means ?? hints ?? does ?? idiom));
    expect(idle).toEqual([]);
  });
});
