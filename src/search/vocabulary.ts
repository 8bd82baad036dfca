/**
 * What operators say, and what WorkOS calls it: the knowledge behind `find_tools`, as data.
 *
 * `said` holds words and phrases, between commas. In a phrase, `…` stands for up to three words, and `+` joins parts
 * that may come in any order. A longer phrase takes its words away from shorter ones. `means` are words of tool names
 * and descriptions, `hints` the same at half the weight, `does` the verbs with which tool names start, best first, and
 * `tools` the answer itself, best first, where a phrase is an idiom.
 */
export interface Concept {
  readonly said: string;
  readonly means?: string;
  readonly hints?: string;
  readonly does?: string;
  readonly tools?: string;
  /** Whatever else is spoken of is only the object: who deleted, can … open. */
  readonly anything?: true;
}

/** What people want done. */
export const verbs: readonly Concept[] = [
  {
    said: 'delete, disconnect, destroy, erase, wipe, purge, terminate, eliminate, discard, scrap, trash, kill, get rid of, tear down, shut down, close, retire',
    does: 'delete remove revoke',
  },
  { said: 'forget, for good, forever, permanently, decommission, offboard, churn', does: 'delete remove' },
  {
    said: 'remove, drop, kick, detach, strip, pull, unassign, eject, unlink, clear, undo, deprovision',
    does: 'remove delete revoke',
  },
  { said: 'empty', does: 'remove' },
  { said: 'take … away, take … out, take … off, take … from, take … back, get … out of', does: 'remove delete revoke' },
  { said: 'revoke, withdraw, cancel, rescind, invalidate, retract', does: 'revoke delete expire remove' },
  {
    said: 'create, make, write, record a, record an, record the, record that, build, issue, mint, spin up',
    does: 'create generate add',
  },
  { said: 'claim a, claim the', does: 'create' },
  { said: 'set up, onboard, define, introduce', does: 'create configure enroll add' },
  { said: 'key for, token for, secret for, credentials for, link for, role for, application for', does: 'create list' },
  { said: 'sign up, signup', does: 'create' },
  { said: 'register, enroll, enrol', does: 'create enroll' },
  { said: 'generate, produce', does: 'generate create' },
  { said: 'add, put, attach, append, include, another, one more', does: 'add create assign' },
  {
    said: 'get, show, fetch, read, retrieve, view, inspect, display, describe, examine, look up, lookup, look at, see, pull up, bring up',
    does: 'get list',
  },
  { said: 'details, detail, info, information', does: 'get' },
  { said: 'status, state of', does: 'list get' },
  { said: 'list, enumerate, browse, overview', does: 'list' },
  { said: 'how many, count, number of, what … are there, do we have, we have', does: 'list' },
  { said: 'find, look for, locate, where', does: 'list get' },
  { said: 'search', does: 'list' },
  {
    said: 'update, change, edit, rename, modify, adjust, fix, correct, alter, amend, revise, tweak',
    does: 'update set configure',
  },
  { said: 'convert, move, transfer, reassign, demote, downgrade, upgrade', does: 'update set' },
  { said: 'set, configure, customize, customise, override', does: 'set configure update' },
  { said: 'reduce, shorten, lower, extend, increase, raise, lengthen, limit', does: 'set update configure' },
  { said: 'replace, overwrite, swap out', does: 'replace set update' },
  { said: 'swap, exchange, trade', does: 'exchange replace set' },
  {
    said: 'finish, complete, finalize, finalise, redeem, submit, mark, with … code',
    does: 'confirm complete verify accept',
  },
  { said: 'enable, switch … on, turn … on, activate', does: 'enable reactivate add configure enroll' },
  { said: 'disable, switch … off, turn … off, stop', does: 'disable deactivate remove update delete revoke' },
  { said: 'pause', does: 'disable update deactivate' },
  { said: 'end', does: 'revoke expire delete' },
  { said: 'suspend, deactivate, freeze, block … access', does: 'deactivate disable expire' },
  { said: 'come back, temporarily, for now, on leave', does: 'deactivate disable' },
  { said: 'reactivate, unsuspend, bring … back, restore, reinstate, unfreeze', does: 'reactivate enable' },
  { said: 'assign, grant, give, promote', does: 'assign add' },
  { said: 'send', does: 'send create' },
  { said: 'resend, send … again, never got, never arrived, did not get, fresh one, once more', does: 'resend send' },
  { said: 'verify, prove, confirm', does: 'verify confirm validate check' },
  { said: 'check, validate, valid, test', does: 'check validate verify get' },
  { said: 'start, begin, kick off, trigger, initiate', does: 'start create send' },
  { said: 'export, download, dump, csv', does: 'export download start' },
  { said: 'import, migrate, bring over', does: 'import create' },
  { said: 'rotate, renew, roll over', does: 'update set rekey create delete' },
  { said: 'accept', does: 'accept' },
  { said: 'decrypt, decryption, unseal, unwrap', does: 'decrypt get' },
  { said: 're-encrypt, rewrap, rekey', does: 'rekey' },
  { said: 'expire, expiry, expiration, run out, time out', does: 'expire' },
  { said: 'subscribe', does: 'update create' },
  { said: 'unsubscribe, stop sending', does: 'delete update' },
  { said: 'allow, permit, whitelist', does: 'create add' },
  { said: 'store, save', does: 'create set update' },
  { said: 'report', does: 'create' },
  { said: 'encrypt a, encrypt data, encrypt the', does: 'create' },
];

/** Words of questions that stand for one thing, in phrases too: `user + group` is also said by "people of the team". */
export const synonyms: Readonly<Record<string, string>> = {
  organization: 'tenant, customer, company, workspace, business, enterprise, employer',
  user: 'person, people, employee, staff, somebody, someone, anybody, everyone, everybody, contractor, human',
  member: 'teammate, seat, colleague, coworker, collaborator, participant',
  group: 'team, department, squad',
  role: 'viewer, editor, contributor, reader, rbac',
  permission: 'privilege, entitlement',
  invitation: 'invite',
  resource: 'document, project, folder, file, repository, invoice, board',
  connection: 'saml, oidc, openid, adfs, onelogin, pingfederate, idp, identity provider, single sign',
  directory: 'scim, provisioning, okta, entra, azure, workday, hris, hr, dsync, deprovisioned',
  provider:
    'slack, github, gitlab, salesforce, hubspot, notion, jira, linear, dropbox, gmail, outlook, gdrive, zendesk',
  mfa: '2fa, two-factor, multi-factor, second factor, totp, otp, authenticator',
  code: 'passcode, pin',
  login: 'log in, sign in, sign-in, signin, log-in, logon',
  flag: 'feature, toggle, rollout, beta, experiment',
};

/** Other spellings of the same word, in tools as well as in questions. */
export const spellings: Readonly<Record<string, string>> = {
  org: 'organization',
  organisation: 'organization',
  app: 'application',
  perm: 'permission',
  url: 'uri',
  mail: 'email',
};

/** How ids begin, and what they are ids of. */
export const prefixes: Readonly<Record<string, string>> = {
  user: 'user',
  org: 'organization',
  om: 'membership',
  conn: 'connection',
  directory: 'directory',
  invitation: 'invitation',
  client: 'application',
  group: 'group',
  role: 'role',
};

/** What it is about. */
export const things: readonly Concept[] = [
  // how many
  { said: 'new', does: 'create' },
  { said: 'all, every, pending, outstanding, history', does: 'list' },

  // organizations
  { said: 'account', hints: 'organization user' },
  { said: 'gdpr, erasure, forget + data, erase + data', tools: 'delete_user' },
  { said: 'ban + user', tools: 'deactivate_organization_membership delete_user' },
  { said: 'stripe', tools: 'update_organization' },
  {
    said: 'set + external id, change + external id, add + external id',
    tools: 'update_organization update_user',
  },
  { said: 'external id', means: 'external id' },
  { said: 'the id we, own … id, our … id, our id, internal id, own system', means: 'external id' },
  { said: 'list domains, which domains, domains … has', tools: 'list_organizations get_organization' },
  {
    said: 'organization + by domain, organization + for the domain, organization + with the domain, organization + by name',
    tools: 'list_organizations',
  },
  { said: 'dns, cname', means: 'dns domain', hints: 'verify' },
  { said: 'txt record, dns record', tools: 'get_organization_domain verify_organization_domain' },
  { said: 'verify + domain, prove + domain', means: 'organization domain', does: 'verify get' },
  { said: 'own the domain, owns the domain, domain ownership', means: 'domain', does: 'verify get' },

  // sso and directory_sync
  { said: 'directory sync, directory sync connection', means: 'directory' },
  { said: 'sso', hints: 'connection' },
  { said: 'connection', means: 'connection sso' },
  { said: 'okta, entra, azure ad', hints: 'connection' },
  { said: 'synced, synchronised, synchronized, came over, pushed, pushes', means: 'directory synced' },
  {
    said: 'directory + member, directory + user, directory + group + member, directory + group + user',
    means: 'directory user',
  },

  {
    said: 'directory + group + member, directory + group + user',
    tools: 'list_directory_users get_directory_group',
  },

  // users and memberships
  { said: 'user + by email', tools: 'list_users' },
  { said: 'sign up a user, sign up a new user, sign up user, register a user, register user', tools: 'create_user' },
  { said: 'hashed password, password hash', tools: 'create_user' },
  { said: 'has … confirmed, has … verified, is … email verified', tools: 'get_user' },
  { said: 'first name, last name, full name, profile picture, locale', means: 'user' },
  { said: 'member', means: 'membership', hints: 'organization' },
  {
    said: 'user + organization, member + organization, joins, user + belongs to + organization, works at, works for, work at',
    means: 'organization membership',
    hints: 'user',
  },
  { said: 'from … organization, out of … organization', hints: 'membership' },
  { said: 'user + from + organization, user + out of + organization', means: 'organization membership' },
  { said: 'restore + access, returned', tools: 'reactivate_organization_membership' },
  { said: 'offboard, leaves, left us', hints: 'organization membership', does: 'delete deactivate' },
  { said: 'user + membership, inactive member, inactive user', means: 'organization membership' },
  { said: 'part of, belongs to', hints: 'membership' },
  { said: 'promote … to, demote … to, downgrade … to, downgrade … from', tools: 'update_organization_membership' },
  {
    said: 'give + user + role, give + member + role, user + have + role',
    tools: 'update_organization_membership assign_membership_role',
  },
  { said: 'make … admin, make … owner, make … member, role of a member', tools: 'update_organization_membership' },
  { said: 'admin, owner', hints: 'role' },
  { said: 'email verification, verify … email code, email + verify, email + confirm', means: 'email verification' },
  {
    said: 'different email, new email, change … email, email address change, switch … email',
    tools: 'send_email_change confirm_email_change',
  },
  { said: 'password + reset, password + forgot, forgotten + password', means: 'password reset', does: 'create' },
  {
    said: 'finish + password, complete + password, password reset + token, reset token',
    tools: 'confirm_password_reset',
  },
  { said: 'social + login, linked account, social account, google login', tools: 'list_user_identities' },

  // roles and permissions
  { said: 'replace + permission + role, overwrite + permission + role', means: 'role permission', does: 'set' },
  { said: 'role of … member, change + role + member, change + role + user', tools: 'update_organization_membership' },
  { said: 'role + permission', means: 'role permission' },
  { said: 'give + role + permission, grant + role + permission', means: 'role permission', does: 'add' },
  { said: 'custom role', means: 'organization role custom' },
  { said: 'custom role for, role for one, role … only for', means: 'organization role custom', does: 'create list' },
  {
    said: 'what may … role do, what can … role do, what permissions … role, permissions of the … role, which permissions … role, permissions … role has',
    tools: 'get_role get_organization_role',
  },

  // audit_logs
  { said: 'everything … did, what … did, what did', tools: 'export_audit_logs start_audit_export list_events' },
  { said: 'audit trail, audit log, activity log, compliance, audit', means: 'audit log' },
  {
    said: 'who deleted, who changed, who did, who removed, who exported, who created, who accessed, who downloaded',
    tools: 'export_audit_logs start_audit_export list_events',
    anything: true,
  },
  { said: 'audit + csv, audit + download', means: 'audit log', tools: 'export_audit_logs start_audit_export' },
  { said: 'log streaming, log stream, siem', means: 'audit log configuration streaming', does: 'get' },
  {
    said: 'log + keep, log + kept, audit + keep, audit + kept, audit + days, retain, retained',
    means: 'audit log retention',
  },
  {
    said: 'keep logs for, log + keep + day, audit + keep + day, keep … for a year, retain … for, for a year',
    means: 'audit log retention',
    does: 'set',
  },
  { said: 'how long, how many days', means: 'retention', does: 'get' },
  {
    said: 'audit + ready, export + ready, export + progress, export + status, export + done, export + finished',
    tools: 'poll_audit_export',
  },
  { said: 'start + export, create + export', tools: 'start_audit_export' },
  { said: 'download + export', tools: 'download_audit_export export_audit_logs' },
  { said: 'audit action', means: 'audit log action' },
  { said: 'action schema, event schema', means: 'audit log schema' },
  { said: 'write + audit, record + audit, emit + audit, audit … entry', tools: 'create_audit_log_event' },
  { said: 'log an event, log event, log the event', tools: 'create_audit_log_event' },

  // invitations
  { said: 'invite, invited', does: 'send' },
  { said: 'has … accepted, who accepted, who has accepted', means: 'invitation', does: 'list get' },
  {
    said: 'invitation + never got, invitation + again, invitation + expired, invitation + fresh, invitation + remind',
    tools: 'resend_invitation send_invitation',
  },
  { said: 'cancel + invitation, withdraw + invitation', means: 'invitation', does: 'revoke' },
  { said: 'outstanding invitation, pending invitation, open invitation', means: 'invitation', does: 'list' },

  // groups
  {
    said: 'empty + group, clear + group, everyone + out of + group',
    tools: 'remove_group_member list_group_members delete_group',
  },
  { said: 'member + group, user + group, belongs to … group', means: 'group member' },
  { said: 'which groups + directory user', tools: 'list_directory_groups get_directory_user' },
  {
    said: 'which groups is, which groups … member, which groups … user, groups a member, groups a user, groups of a member, groups of a user, groups … user in, groups … member of, groups … member in',
    tools: 'list_organization_membership_groups',
  },

  // portal
  {
    said: 'admin portal, portal link, setup link, setup uri, configuration link, onboarding link, self-serve, self-service, it admin, it contact, it department, it team, organization … set up, organization … configure, admin … configure, admin … set up, themselves, on their own, organization a link, link so … configure, link so … set up, link … configure, link … set up, link to … organization',
    tools: 'generate_portal_link',
  },
  {
    said: 'set up … sso, configure … sso, onboard … sso, set up … connection, set up … directory',
    tools: 'generate_portal_link',
  },
  { said: 'widget, embed, embedded', means: 'widget token', does: 'create' },
  { said: 'graphql', means: 'client token' },

  // fga
  { said: 'fga, fine-grained, rebac, zanzibar', means: 'fga resource', hints: 'authorization' },
  { said: 'resource', means: 'fga resource' },
  {
    said: 'does … have permission, does … have access, has … permission, permission check, access check, check + permission, check + access, is allowed, is … allowed to, can this, can user, can a user, can the user, can member, can he, can she, may this, may the user, has permission, can … view, can … edit, can … open, can … read, can … delete, can … access, can … see',
    tools: 'check_authorization',
    anything: true,
  },
  {
    said: 'which … can a user, which … can user, which … can the user, which … can this',
    does: 'list',
  },
  {
    said: 'which member can … see, which member can … view, which member can … edit, which member can … access, which user can … edit, which user can … view, which user can … see, which user can … open, which user can … access, who has access, who can, who may, user with access, user with + permission, member with + permission',
    means: 'resource member',
    tools: 'list_fga_resource_members check_authorization',
  },
  {
    said: 'resource … can, which … can … see, which … can … access, which … can … open, which … can … edit, which … can … view, what … can … see, what … can … access',
    tools: 'list_fga_membership_resources',
  },
  { said: 'everything … can do, what can … do, what may … do, effective permission', tools: 'list_fga_permissions' },
  {
    said: 'share, grant … access, give … access, resource + grant, resource + give',
    does: 'assign',
    tools: 'assign_membership_role',
  },
  {
    said: 'revoke … access, remove … access, unshare, stop sharing',
    does: 'remove',
    tools: 'remove_membership_role remove_membership_role_assignment',
  },
  { said: 'role on', hints: 'membership' },
  { said: 'assigned, granted, handed out, assignments', hints: 'assignment' },
  {
    said: 'resource + role + given, resource + role + handed out, resource + role + granted, resource + role + assigned',
    means: 'fga resource assignment',
    does: 'list',
  },
  {
    said: 'roles does … have, which roles … member, what roles … member, roles of … member, which roles … user, roles of … user',
    means: 'membership role assignment',
    does: 'list',
  },
  { said: 'give + group + role, assign + group + role, grant + group + role', tools: 'assign_group_role' },
  { said: 'replace + roles + group', tools: 'replace_group_role_assignments' },
  { said: 'group + role', means: 'group role', hints: 'assignment' },

  // feature_flags
  { said: 'flag, kill switch, early access', means: 'feature flag' },
  { said: 'roll out, for everyone, for everybody', hints: 'feature flag', does: 'enable' },
  {
    said: 'roll out + one, roll out + organization, enable + flag + organization, enable + flag + for a user, enable + flag + for this user',
    means: 'feature flag target',
    does: 'add',
  },
  {
    said: 'disable + flag + organization, stop + flag + organization, disable + flag + for a user, disable + flag + for this user',
    means: 'feature flag target',
    does: 'remove',
  },
  { said: 'flag … for one', means: 'feature flag target' },
  {
    said: 'turn … on … for one, turn … on … for a, into … flag',
    means: 'feature flag target',
    does: 'add',
  },
  { said: 'access + flag, user + add + flag, organization + add + flag', means: 'feature flag target', does: 'add' },
  { said: 'remove + access + flag', means: 'feature flag target', does: 'remove' },
  { said: 'out of … flag', means: 'feature flag target', does: 'remove' },

  // events
  { said: 'webhook, web hook, push notification', means: 'webhook endpoint' },
  {
    anything: true,
    said: 'notify + server, notify + backend, be told when, post events, get notified',
    tools: 'create_webhook_endpoint',
  },
  { said: 'event types', means: 'webhook endpoint', does: 'update' },
  { said: 'callback', hints: 'webhook endpoint redirect uri' },
  {
    said: 'what happened, why was, why did, why is, recent activity, activity feed, stream of, changes to, last hour, login history, history of login, login + failed, login + blocked, login + denied',
    tools: 'list_events',
  },

  // api_keys
  { said: 'api token, personal access token, api key, api credential, service token', means: 'api key' },
  { said: 'whose key, whose is it, api key … valid', means: 'api key', does: 'validate' },
  { said: 'leaked, compromised', does: 'delete expire revoke' },
  { said: 'ai agent, agent', means: 'agent' },

  // authentication
  {
    said: 'kick out, kick … out, sign out, sign … out, log out, log … out, force logout, login again, every device, all devices, user + everywhere, out + everywhere, stolen laptop, lost laptop, hijacked, all sessions, kill + session, end + session, end + login, stolen + account, hijacked + account, compromised + account',
    anything: true,
    does: 'revoke',
    tools: 'revoke_session list_user_sessions get_logout_url',
  },
  {
    said: 'logout uri, logout link, sign-out uri, sign-out link, uri + log + out, uri + sign + out',
    tools: 'get_logout_url get_sso_logout_url',
  },
  { said: 'uri + log + out + sso, sso logout uri, sso logout link', tools: 'get_sso_logout_url' },
  {
    said: 'single logout, slo, sign out at, logout + identity provider',
    tools: 'create_sso_logout_token get_sso_logout_url',
  },
  { said: 'impersonate, impersonation, act as … user', tools: 'list_user_sessions list_events' },
  {
    said: 'where … signed in, where … logged in, currently signed in, currently logged in, signed in right now, logged in right now, active device, open session',
    means: 'user session',
    does: 'list',
  },
  {
    said: 'magic link, passwordless, magic code, login code, one-time code … email, email … one-time code, one-time email code, email code',
    means: 'magic auth code',
    does: 'create',
  },
  {
    said: 'jwks, public key, verify + token, token verification, token + signature, jwt + signature, signing key',
    tools: 'get_jwks',
  },
  {
    said: 'login uri, login link, login page uri, authorize uri, hosted login',
    tools: 'get_authorization_url get_sso_authorization_url',
  },
  { said: 'own login page, our login page, external login, custom login page', tools: 'complete_external_auth' },
  { said: 'device code, device flow, cli login, smart tv', means: 'device authorization', does: 'start' },
  { said: 'login, log … in, sign … in, refresh … token, grant type', hints: 'sign user', does: 'authenticate' },
  {
    said: 'login + password, log … in with, log … user in, login user, refresh token + exchange, refresh token + new',
    tools: 'authenticate_user',
  },
  { said: 'sso callback, sso code, code for a profile', tools: 'exchange_sso_code' },

  // authkit
  { said: 'cors, cross-origin, allowed origin, web origin', means: 'cors origin' },
  { said: 'cors error, cors blocked', means: 'cors origin', does: 'create list' },
  { said: 'redirect uri, return uri, callback uri, callback address', means: 'redirect uri' },
  {
    said: 'callback + login, localhost, redirect mismatch, invalid redirect',
    means: 'redirect uri',
    does: 'create list',
  },
  { said: 'jwt, custom claim, token claim, token template', means: 'jwt template', hints: 'claim' },
  { said: 'put … claim, add … claim', means: 'jwt template', does: 'update' },

  // mfa
  { said: 'mfa', means: 'auth factor' },
  { said: 'phone number, register + phone, set up … mfa, mfa app', means: 'auth factor', does: 'enroll' },
  { said: 'mfa + reset, lost + phone, mfa + lost, new phone', means: 'auth factor', does: 'delete' },
  {
    said: 'mfa code, check … code, verify a code, verify the code, code … correct',
    means: 'auth challenge',
    does: 'verify',
  },
  { said: 'text message, sms', means: 'sms', hints: 'challenge factor' },
  { said: 'one-time code, text … a code, text them', tools: 'challenge_auth_factor send_radar_sms_challenge' },

  // connect
  { said: 'client', hints: 'connect application client' },
  {
    said: 'oauth application, oauth client, m2m, machine, machine-to-machine, service account, client credentials',
    means: 'connect application',
  },
  { said: 'client secret, application secret', means: 'connect application secret' },
  {
    said: 'application + access, application + consent, access + application + revoke',
    means: 'authorized application',
  },
  { said: 'application + user + connect', means: 'user authorized application', does: 'list' },
  { said: 'user + application, organization + application', hints: 'authorized' },
  {
    said: 'third-party application, approve, approved, consent, authorized application',
    means: 'authorized application',
  },

  // pipes
  { said: 'pipes, third-party connection, integration', means: 'data integration' },
  { said: 'provider', hints: 'connected account data integration' },
  { said: 'google drive, google calendar, sharepoint, onedrive', means: 'provider', hints: 'connected account' },
  {
    said: 'provider + token, google + token, microsoft + token, call … provider, provider + on behalf',
    tools: 'get_data_integration_token',
  },
  { said: 'import + token, already hold, existing … token', means: 'connected account', does: 'import' },
  { said: 'connected account, linked provider, disconnect … provider', means: 'connected account' },
  { said: 'connected account', hints: 'data integration' },
  { said: 'still connected, is … connected', tools: 'get_connected_account' },
  { said: 'third-party provider, supported provider, provider … support', tools: 'list_data_integrations' },
  { said: 'integration + provider', means: 'data integration' },
  {
    said: 'which providers, which providers can a user',
    means: 'user data provider',
    does: 'list',
    tools: 'list_user_data_providers list_data_integrations',
  },
  { said: 'provider + account, provider + connection', means: 'connected account' },
  { said: 'unlink … account', means: 'connected account', does: 'delete' },
  {
    said: 'link where, link … connect, connect their, connect + provider + link, connect + provider + uri',
    tools: 'get_data_integration_auth_url',
  },
  { said: 'new provider, offer … provider', means: 'data integration provider', does: 'create' },

  // radar
  { said: 'bot, fraud, risk, abuse, credential stuffing, brute force, suspicious', means: 'radar', hints: 'attempt' },
  {
    said: 'risk score, risk verdict, is … fraud, is … bot, is … suspicious, is … risky, assess',
    tools: 'create_radar_attempt',
  },
  { said: 'attempt + succeeded, was successful, false positive', means: 'radar attempt', does: 'update' },
  {
    said: 'block, blocked, ban, banned, blocklist, deny, denylist, blacklist, allowlist',
    means: 'radar list entry',
    does: 'add',
  },
  { said: 'unblock, unban', means: 'radar list entry', does: 'remove' },
  { said: 'ip, ip address, ip range, user agent, country', hints: 'radar list entry' },

  // vault
  { said: 'key … vault, vault … hold, vault … contain, in the vault', means: 'vault object' },
  { said: 'kms, byok, data key, customer key, customer-managed key, envelope encryption', means: 'vault data key' },
  { said: 'secret, encrypted value, stored value, key-value', means: 'vault object', hints: 'secret' },
  { said: 'encrypt data', tools: 'create_vault_data_key create_vault_object' },
  { said: 'encrypt, encrypted, encryption, cipher', means: 'vault', hints: 'encrypt' },
  { said: 'version, older version, previous version, earlier value', means: 'version', does: 'list' },
  { said: 'without decrypting, without … value', hints: 'metadata' },
  { said: 'different context, new context, another context', means: 'vault data key', does: 'rekey' },

  // the connector itself
  {
    said: 'is … working, connector, connectivity, 401, unauthorized, proxy, key … rejected, diagnose, troubleshoot, doctor, health check',
    tools: 'check_connector',
  },
];

/** Words that say nothing about which tool is meant. Phrases above may still contain them. */
export const fillers: ReadonlySet<string> = new Set(
  `a an the this that these those it its i me my we us our you your he him his she her they them their one ones
  to of for in on at by with without from into onto out off up over about as than then so too also just only still
  is are was were be been being am has have had do does did can could may might will would shall should must let lets
  and or but if when while because not no dont cant please hi hello hey thanks thank want need like how what why whose
  id which own owns there here now right today some any each way got get go going tell know us using use via per really wants`.split(
    /\s+/,
  ),
);
