import { describe, expect, it } from 'vitest';
import { tools } from '../../src/catalog.ts';
import { type Document, rank } from '../../src/tools/ranking.ts';

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
});
