/**
 * What operators say and what WorkOS calls it: the data behind `find_tools`.
 *
 * `phrases` are separated by commas. Within a phrase, `…` stands for up to three words, and `+` joins parts that may come
 * in any order. Words that match a longer phrase are not matched by shorter ones.
 */
export interface Concept {
  readonly phrases: string;
  /** Words of tool names and descriptions that the phrases stand for. */
  readonly means?: string;
  /** Like `means`, but with half the weight. */
  readonly hints?: string;
  /** The verbs that matching tools' names start with, best first. */
  readonly does?: string;
  /** The matching tools themselves, best first, for phrases that are idioms. */
  readonly tools?: string;
  /** The question may be about any object: `who deleted`, `can … open`. */
  readonly anyObject?: true;
}

/** What people want done. */
export const verbs: readonly Concept[] = [
  {
    phrases:
      'delete, disconnect, destroy, erase, wipe, purge, terminate, eliminate, discard, scrap, trash, kill, get rid of, tear down, shut down, close, retire',
    does: 'delete remove revoke',
  },
  { phrases: 'forget, for good, forever, permanently, decommission, offboard, churn', does: 'delete remove' },
  {
    phrases: 'remove, drop, kick, detach, strip, pull, unassign, eject, unlink, clear, undo, deprovision',
    does: 'remove delete revoke',
  },
  { phrases: 'empty', does: 'remove' },
  {
    phrases: 'take … away, take … out, take … off, take … from, take … back, get … out of',
    does: 'remove delete revoke',
  },
  { phrases: 'revoke, withdraw, cancel, rescind, invalidate, retract', does: 'revoke delete expire remove' },
  {
    phrases: 'create, make, write, record a, record an, record the, record that, build, issue, mint, spin up',
    does: 'create generate add',
  },
  { phrases: 'claim a, claim the', does: 'create' },
  { phrases: 'set up, onboard, define, introduce', does: 'create configure enroll add' },
  {
    phrases: 'key for, token for, secret for, credentials for, link for, role for, application for',
    does: 'create list',
  },
  { phrases: 'sign up, signup', does: 'create' },
  { phrases: 'register, enroll, enrol', does: 'create enroll' },
  { phrases: 'generate, produce', does: 'generate create' },
  { phrases: 'add, put, attach, append, include, another, one more', does: 'add create assign' },
  {
    phrases:
      'get, show, fetch, read, retrieve, view, inspect, display, describe, examine, look up, lookup, look at, see, pull up, bring up',
    does: 'get list',
  },
  { phrases: 'details, detail, info, information', does: 'get' },
  { phrases: 'status, state of', does: 'list get' },
  { phrases: 'list, enumerate, browse, overview', does: 'list' },
  { phrases: 'how many, count, number of, what … are there, do we have, we have', does: 'list' },
  { phrases: 'find, look for, locate, where', does: 'list get' },
  { phrases: 'search', does: 'list' },
  {
    phrases: 'update, change, edit, rename, modify, adjust, fix, correct, alter, amend, revise, tweak',
    does: 'update set configure',
  },
  { phrases: 'convert, move, transfer, reassign, demote, downgrade, upgrade', does: 'update set' },
  { phrases: 'set, configure, customize, customise, override', does: 'set configure update' },
  { phrases: 'reduce, shorten, lower, extend, increase, raise, lengthen, limit', does: 'set update configure' },
  { phrases: 'replace, overwrite, swap out', does: 'replace set update' },
  { phrases: 'swap, exchange, trade', does: 'exchange replace set' },
  {
    phrases: 'finish, complete, finalize, finalise, redeem, submit, mark, with … code',
    does: 'confirm complete verify accept',
  },
  { phrases: 'enable, switch … on, turn … on, activate', does: 'enable reactivate add configure enroll' },
  { phrases: 'disable, switch … off, turn … off, stop', does: 'disable deactivate remove update delete revoke' },
  { phrases: 'pause', does: 'disable update deactivate' },
  { phrases: 'end', does: 'revoke expire delete' },
  { phrases: 'suspend, deactivate, freeze, block … access', does: 'deactivate disable expire' },
  { phrases: 'come back, temporarily, for now, on leave', does: 'deactivate disable' },
  { phrases: 'reactivate, unsuspend, bring … back, restore, reinstate, unfreeze', does: 'reactivate enable' },
  { phrases: 'assign, grant, give, promote', does: 'assign add' },
  { phrases: 'send', does: 'send create' },
  { phrases: 'resend, send … again, never got, never arrived, did not get, fresh one, once more', does: 'resend send' },
  { phrases: 'verify, prove, confirm', does: 'verify confirm validate check' },
  { phrases: 'check, validate, valid, test', does: 'check validate verify get' },
  { phrases: 'start, begin, kick off, trigger, initiate', does: 'start create send' },
  { phrases: 'export, download, dump, csv', does: 'export download start' },
  { phrases: 'import, migrate, bring over', does: 'import create' },
  { phrases: 'rotate, renew, roll over', does: 'update set rekey create delete' },
  { phrases: 'accept', does: 'accept' },
  { phrases: 'decrypt, decryption, unseal, unwrap', does: 'decrypt get' },
  { phrases: 're-encrypt, rewrap, rekey', does: 'rekey' },
  { phrases: 'expire, expiry, expiration, run out, time out', does: 'expire' },
  { phrases: 'subscribe', does: 'update create' },
  { phrases: 'unsubscribe, stop sending', does: 'delete update' },
  { phrases: 'allow, permit, whitelist', does: 'create add' },
  { phrases: 'store, save', does: 'create set update' },
  { phrases: 'report', does: 'create' },
  { phrases: 'encrypt a, encrypt data, encrypt the', does: 'create' },
];

/** Synonyms of a word. They apply within phrases as well: `user + group` also matches "people of the team". */
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

/** Abbreviations and spelling variants. They are replaced in tools and in questions. */
export const spellings: Readonly<Record<string, string>> = {
  org: 'organization',
  organisation: 'organization',
  app: 'application',
  perm: 'permission',
  url: 'uri',
  mail: 'email',
};

/** What the prefix of an id stands for. */
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

/** What people talk about. */
export const topics: readonly Concept[] = [
  // any toolset
  { phrases: 'new', does: 'create' },
  { phrases: 'all, every, pending, outstanding, history', does: 'list' },

  // organizations
  { phrases: 'account', hints: 'organization user' },
  { phrases: 'gdpr, erasure, forget + data, erase + data', tools: 'delete_user' },
  { phrases: 'ban + user', tools: 'deactivate_organization_membership delete_user' },
  { phrases: 'stripe', tools: 'update_organization' },
  {
    phrases: 'set + external id, change + external id, add + external id',
    tools: 'update_organization update_user',
  },
  { phrases: 'external id', means: 'external id' },
  { phrases: 'the id we, own … id, our … id, our id, internal id, own system', means: 'external id' },
  { phrases: 'list domains, which domains, domains … has', tools: 'list_organizations get_organization' },
  {
    phrases:
      'organization + by domain, organization + for the domain, organization + with the domain, organization + by name',
    tools: 'list_organizations',
  },
  { phrases: 'dns, cname', means: 'dns domain', hints: 'verify' },
  { phrases: 'txt record, dns record', tools: 'get_organization_domain verify_organization_domain' },
  { phrases: 'verify + domain, prove + domain', means: 'organization domain', does: 'verify get' },
  { phrases: 'own the domain, owns the domain, domain ownership', means: 'domain', does: 'verify get' },

  // sso and directory_sync
  { phrases: 'directory sync, directory sync connection', means: 'directory' },
  { phrases: 'sso', hints: 'connection' },
  { phrases: 'connection', means: 'connection sso' },
  { phrases: 'okta, entra, azure ad', hints: 'connection' },
  { phrases: 'synced, synchronised, synchronized, came over, pushed, pushes', means: 'directory synced' },
  {
    phrases: 'directory + member, directory + user, directory + group + member, directory + group + user',
    means: 'directory user',
  },

  {
    phrases: 'directory + group + member, directory + group + user',
    tools: 'list_directory_users get_directory_group',
  },

  // users and memberships
  { phrases: 'user + by email', tools: 'list_users' },
  { phrases: 'sign up a user, sign up a new user, sign up user, register a user, register user', tools: 'create_user' },
  { phrases: 'hashed password, password hash', tools: 'create_user' },
  { phrases: 'has … confirmed, has … verified, is … email verified', tools: 'get_user' },
  { phrases: 'first name, last name, full name, profile picture, locale', means: 'user' },
  { phrases: 'member', means: 'membership', hints: 'organization' },
  {
    phrases:
      'user + organization, member + organization, joins, user + belongs to + organization, works at, works for, work at',
    means: 'organization membership',
    hints: 'user',
  },
  { phrases: 'from … organization, out of … organization', hints: 'membership' },
  { phrases: 'user + from + organization, user + out of + organization', means: 'organization membership' },
  { phrases: 'restore + access, returned', tools: 'reactivate_organization_membership' },
  { phrases: 'offboard, leaves, left us', hints: 'organization membership', does: 'delete deactivate' },
  { phrases: 'user + membership, inactive member, inactive user', means: 'organization membership' },
  { phrases: 'part of, belongs to', hints: 'membership' },
  { phrases: 'promote … to, demote … to, downgrade … to, downgrade … from', tools: 'update_organization_membership' },
  {
    phrases: 'give + user + role, give + member + role, user + have + role',
    tools: 'update_organization_membership assign_membership_role',
  },
  { phrases: 'make … admin, make … owner, make … member, role of a member', tools: 'update_organization_membership' },
  { phrases: 'admin, owner', hints: 'role' },
  { phrases: 'email verification, verify … email code, email + verify, email + confirm', means: 'email verification' },
  {
    phrases: 'different email, new email, change … email, email address change, switch … email',
    tools: 'send_email_change confirm_email_change',
  },
  { phrases: 'password + reset, password + forgot, forgotten + password', means: 'password reset', does: 'create' },
  {
    phrases: 'finish + password, complete + password, password reset + token, reset token',
    tools: 'confirm_password_reset',
  },
  { phrases: 'social + login, linked account, social account, google login', tools: 'list_user_identities' },

  // roles and permissions
  { phrases: 'replace + permission + role, overwrite + permission + role', means: 'role permission', does: 'set' },
  {
    phrases: 'role of … member, change + role + member, change + role + user',
    tools: 'update_organization_membership',
  },
  { phrases: 'role + permission', means: 'role permission' },
  { phrases: 'give + role + permission, grant + role + permission', means: 'role permission', does: 'add' },
  { phrases: 'custom role', means: 'organization role custom' },
  { phrases: 'custom role for, role for one, role … only for', means: 'organization role custom', does: 'create list' },
  {
    phrases:
      'what may … role do, what can … role do, what permissions … role, permissions of the … role, which permissions … role, permissions … role has',
    tools: 'get_role get_organization_role',
  },

  // audit_logs
  { phrases: 'everything … did, what … did, what did', tools: 'export_audit_logs start_audit_export list_events' },
  { phrases: 'audit trail, audit log, activity log, compliance, audit', means: 'audit log' },
  {
    phrases: 'who deleted, who changed, who did, who removed, who exported, who created, who accessed, who downloaded',
    tools: 'export_audit_logs start_audit_export list_events',
    anyObject: true,
  },
  { phrases: 'audit + csv, audit + download', means: 'audit log', tools: 'export_audit_logs start_audit_export' },
  { phrases: 'log streaming, log stream, siem', means: 'audit log configuration streaming', does: 'get' },
  {
    phrases: 'log + keep, log + kept, audit + keep, audit + kept, audit + days, retain, retained',
    means: 'audit log retention',
  },
  {
    phrases: 'keep logs for, log + keep + day, audit + keep + day, keep … for a year, retain … for, for a year',
    means: 'audit log retention',
    does: 'set',
  },
  { phrases: 'how long, how many days', means: 'retention', does: 'get' },
  {
    phrases: 'audit + ready, export + ready, export + progress, export + status, export + done, export + finished',
    tools: 'poll_audit_export',
  },
  { phrases: 'start + export, create + export', tools: 'start_audit_export' },
  { phrases: 'download + export', tools: 'download_audit_export export_audit_logs' },
  { phrases: 'audit action', means: 'audit log action' },
  { phrases: 'action schema, event schema', means: 'audit log schema' },
  { phrases: 'write + audit, record + audit, emit + audit, audit … entry', tools: 'create_audit_log_event' },
  { phrases: 'log an event, log event, log the event', tools: 'create_audit_log_event' },

  // invitations
  { phrases: 'invite, invited', does: 'send' },
  { phrases: 'has … accepted, who accepted, who has accepted', means: 'invitation', does: 'list get' },
  {
    phrases:
      'invitation + never got, invitation + again, invitation + expired, invitation + fresh, invitation + remind',
    tools: 'resend_invitation send_invitation',
  },
  { phrases: 'cancel + invitation, withdraw + invitation', means: 'invitation', does: 'revoke' },
  { phrases: 'outstanding invitation, pending invitation, open invitation', means: 'invitation', does: 'list' },

  // groups
  {
    phrases: 'empty + group, clear + group, everyone + out of + group',
    tools: 'remove_group_member list_group_members delete_group',
  },
  { phrases: 'member + group, user + group, belongs to … group', means: 'group member' },
  { phrases: 'which groups + directory user', tools: 'list_directory_groups get_directory_user' },
  {
    phrases:
      'which groups is, which groups … member, which groups … user, groups a member, groups a user, groups of a member, groups of a user, groups … user in, groups … member of, groups … member in',
    tools: 'list_organization_membership_groups',
  },

  // portal
  {
    phrases:
      'admin portal, portal link, setup link, setup uri, configuration link, onboarding link, self-serve, self-service, it admin, it contact, it department, it team, organization … set up, organization … configure, admin … configure, admin … set up, themselves, on their own, organization a link, link so … configure, link so … set up, link … configure, link … set up, link to … organization',
    tools: 'generate_portal_link',
  },
  {
    phrases: 'set up … sso, configure … sso, onboard … sso, set up … connection, set up … directory',
    tools: 'generate_portal_link',
  },
  { phrases: 'widget, embed, embedded', means: 'widget token', does: 'create' },
  { phrases: 'graphql', means: 'client token' },

  // fga
  { phrases: 'fga, fine-grained, rebac, zanzibar', means: 'fga resource', hints: 'authorization' },
  { phrases: 'resource', means: 'fga resource' },
  {
    phrases:
      'does … have permission, does … have access, has … permission, permission check, access check, check + permission, check + access, is allowed, is … allowed to, can this, can user, can a user, can the user, can member, can he, can she, may this, may the user, has permission, can … view, can … edit, can … open, can … read, can … delete, can … access, can … see',
    tools: 'check_authorization',
    anyObject: true,
  },
  {
    phrases: 'which … can a user, which … can user, which … can the user, which … can this',
    does: 'list',
  },
  {
    phrases:
      'which member can … see, which member can … view, which member can … edit, which member can … access, which user can … edit, which user can … view, which user can … see, which user can … open, which user can … access, who has access, who can, who may, user with access, user with + permission, member with + permission',
    means: 'resource member',
    tools: 'list_fga_resource_members check_authorization',
  },
  {
    phrases:
      'resource … can, which … can … see, which … can … access, which … can … open, which … can … edit, which … can … view, what … can … see, what … can … access',
    tools: 'list_fga_membership_resources',
  },
  { phrases: 'everything … can do, what can … do, what may … do, effective permission', tools: 'list_fga_permissions' },
  {
    phrases: 'share, grant … access, give … access, resource + grant, resource + give',
    does: 'assign',
    tools: 'assign_membership_role',
  },
  {
    phrases: 'revoke … access, remove … access, unshare, stop sharing',
    does: 'remove',
    tools: 'remove_membership_role remove_membership_role_assignment',
  },
  { phrases: 'role on', hints: 'membership' },
  { phrases: 'assigned, granted, handed out, assignments', hints: 'assignment' },
  {
    phrases:
      'resource + role + given, resource + role + handed out, resource + role + granted, resource + role + assigned',
    means: 'fga resource assignment',
    does: 'list',
  },
  {
    phrases:
      'roles does … have, which roles … member, what roles … member, roles of … member, which roles … user, roles of … user',
    means: 'membership role assignment',
    does: 'list',
  },
  { phrases: 'give + group + role, assign + group + role, grant + group + role', tools: 'assign_group_role' },
  { phrases: 'replace + roles + group', tools: 'replace_group_role_assignments' },
  { phrases: 'group + role', means: 'group role', hints: 'assignment' },

  // feature_flags
  { phrases: 'flag, kill switch, early access', means: 'feature flag' },
  { phrases: 'roll out, for everyone, for everybody', hints: 'feature flag', does: 'enable' },
  {
    phrases:
      'roll out + one, roll out + organization, enable + flag + organization, enable + flag + for a user, enable + flag + for this user',
    means: 'feature flag target',
    does: 'add',
  },
  {
    phrases:
      'disable + flag + organization, stop + flag + organization, disable + flag + for a user, disable + flag + for this user',
    means: 'feature flag target',
    does: 'remove',
  },
  { phrases: 'flag … for one', means: 'feature flag target' },
  {
    phrases: 'turn … on … for one, turn … on … for a, into … flag',
    means: 'feature flag target',
    does: 'add',
  },
  { phrases: 'access + flag, user + add + flag, organization + add + flag', means: 'feature flag target', does: 'add' },
  { phrases: 'remove + access + flag', means: 'feature flag target', does: 'remove' },
  { phrases: 'out of … flag', means: 'feature flag target', does: 'remove' },

  // events
  { phrases: 'webhook, web hook, push notification', means: 'webhook endpoint' },
  {
    anyObject: true,
    phrases: 'notify + server, notify + backend, be told when, post events, get notified',
    tools: 'create_webhook_endpoint',
  },
  { phrases: 'event types', means: 'webhook endpoint', does: 'update' },
  { phrases: 'callback', hints: 'webhook endpoint redirect uri' },
  {
    phrases:
      'what happened, why was, why did, why is, recent activity, activity feed, stream of, changes to, last hour, login history, history of login, login + failed, login + blocked, login + denied',
    tools: 'list_events',
  },

  // api_keys
  { phrases: 'api token, personal access token, api key, api credential, service token', means: 'api key' },
  { phrases: 'whose key, whose is it, api key … valid', means: 'api key', does: 'validate' },
  { phrases: 'leaked, compromised', does: 'delete expire revoke' },
  { phrases: 'ai agent, agent', means: 'agent' },

  // authentication
  {
    phrases:
      'kick out, kick … out, sign out, sign … out, log out, log … out, force logout, login again, every device, all devices, user + everywhere, out + everywhere, stolen laptop, lost laptop, hijacked, all sessions, kill + session, end + session, end + login, stolen + account, hijacked + account, compromised + account',
    anyObject: true,
    does: 'revoke',
    tools: 'revoke_session list_user_sessions get_logout_url',
  },
  {
    phrases: 'logout uri, logout link, sign-out uri, sign-out link, uri + log + out, uri + sign + out',
    tools: 'get_logout_url get_sso_logout_url',
  },
  { phrases: 'uri + log + out + sso, sso logout uri, sso logout link', tools: 'get_sso_logout_url' },
  {
    phrases: 'single logout, slo, sign out at, logout + identity provider',
    tools: 'create_sso_logout_token get_sso_logout_url',
  },
  { phrases: 'impersonate, impersonation, act as … user', tools: 'list_user_sessions list_events' },
  {
    phrases:
      'where … signed in, where … logged in, currently signed in, currently logged in, signed in right now, logged in right now, active device, open session',
    means: 'user session',
    does: 'list',
  },
  {
    phrases:
      'magic link, passwordless, magic code, login code, one-time code … email, email … one-time code, one-time email code, email code',
    means: 'magic auth code',
    does: 'create',
  },
  {
    phrases: 'jwks, public key, verify + token, token verification, token + signature, jwt + signature, signing key',
    tools: 'get_jwks',
  },
  {
    phrases: 'login uri, login link, login page uri, authorize uri, hosted login',
    tools: 'get_authorization_url get_sso_authorization_url',
  },
  { phrases: 'own login page, our login page, external login, custom login page', tools: 'complete_external_auth' },
  { phrases: 'device code, device flow, cli login, smart tv', means: 'device authorization', does: 'start' },
  { phrases: 'login, log … in, sign … in, refresh … token, grant type', hints: 'sign user', does: 'authenticate' },
  {
    phrases:
      'login + password, log … in with, log … user in, login user, refresh token + exchange, refresh token + new',
    tools: 'authenticate_user',
  },
  { phrases: 'sso callback, sso code, code for a profile', tools: 'exchange_sso_code' },

  // authkit
  { phrases: 'cors, cross-origin, allowed origin, web origin', means: 'cors origin' },
  { phrases: 'cors error, cors blocked', means: 'cors origin', does: 'create list' },
  { phrases: 'redirect uri, return uri, callback uri, callback address', means: 'redirect uri' },
  {
    phrases: 'callback + login, localhost, redirect mismatch, invalid redirect',
    means: 'redirect uri',
    does: 'create list',
  },
  { phrases: 'jwt, custom claim, token claim, token template', means: 'jwt template', hints: 'claim' },
  { phrases: 'put … claim, add … claim', means: 'jwt template', does: 'update' },

  // mfa
  { phrases: 'mfa', means: 'auth factor' },
  { phrases: 'phone number, register + phone, set up … mfa, mfa app', means: 'auth factor', does: 'enroll' },
  { phrases: 'mfa + reset, lost + phone, mfa + lost, new phone', means: 'auth factor', does: 'delete' },
  {
    phrases: 'mfa code, check … code, verify a code, verify the code, code … correct',
    means: 'auth challenge',
    does: 'verify',
  },
  { phrases: 'text message, sms', means: 'sms', hints: 'challenge factor' },
  { phrases: 'one-time code, text … a code, text them', tools: 'challenge_auth_factor send_radar_sms_challenge' },

  // connect
  { phrases: 'client', hints: 'connect application client' },
  {
    phrases: 'oauth application, oauth client, m2m, machine, machine-to-machine, service account, client credentials',
    means: 'connect application',
  },
  { phrases: 'client secret, application secret', means: 'connect application secret' },
  {
    phrases: 'application + access, application + consent, access + application + revoke',
    means: 'authorized application',
  },
  { phrases: 'application + user + connect', means: 'user authorized application', does: 'list' },
  { phrases: 'user + application, organization + application', hints: 'authorized' },
  {
    phrases: 'third-party application, approve, approved, consent, authorized application',
    means: 'authorized application',
  },

  // pipes
  { phrases: 'pipes, third-party connection, integration', means: 'data integration' },
  { phrases: 'provider', hints: 'connected account data integration' },
  { phrases: 'google drive, google calendar, sharepoint, onedrive', means: 'provider', hints: 'connected account' },
  {
    phrases: 'provider + token, google + token, microsoft + token, call … provider, provider + on behalf',
    tools: 'get_data_integration_token',
  },
  { phrases: 'import + token, already hold, existing … token', means: 'connected account', does: 'import' },
  { phrases: 'connected account, linked provider, disconnect … provider', means: 'connected account' },
  { phrases: 'connected account', hints: 'data integration' },
  { phrases: 'still connected, is … connected', tools: 'get_connected_account' },
  { phrases: 'third-party provider, supported provider, provider … support', tools: 'list_data_integrations' },
  { phrases: 'integration + provider', means: 'data integration' },
  {
    phrases: 'which providers, which providers can a user',
    means: 'user data provider',
    does: 'list',
    tools: 'list_user_data_providers list_data_integrations',
  },
  { phrases: 'provider + account, provider + connection', means: 'connected account' },
  { phrases: 'unlink … account', means: 'connected account', does: 'delete' },
  {
    phrases: 'link where, link … connect, connect their, connect + provider + link, connect + provider + uri',
    tools: 'get_data_integration_auth_url',
  },
  { phrases: 'new provider, offer … provider', means: 'data integration provider', does: 'create' },

  // radar
  {
    phrases: 'bot, fraud, risk, abuse, credential stuffing, brute force, suspicious',
    means: 'radar',
    hints: 'attempt',
  },
  {
    phrases: 'risk score, risk verdict, is … fraud, is … bot, is … suspicious, is … risky, assess',
    tools: 'create_radar_attempt',
  },
  { phrases: 'attempt + succeeded, was successful, false positive', means: 'radar attempt', does: 'update' },
  {
    phrases: 'block, blocked, ban, banned, blocklist, deny, denylist, blacklist, allowlist',
    means: 'radar list entry',
    does: 'add',
  },
  { phrases: 'unblock, unban', means: 'radar list entry', does: 'remove' },
  { phrases: 'ip, ip address, ip range, user agent, country', hints: 'radar list entry' },

  // vault
  { phrases: 'key … vault, vault … hold, vault … contain, in the vault', means: 'vault object' },
  { phrases: 'kms, byok, data key, customer key, customer-managed key, envelope encryption', means: 'vault data key' },
  { phrases: 'secret, encrypted value, stored value, key-value', means: 'vault object', hints: 'secret' },
  { phrases: 'encrypt data', tools: 'create_vault_data_key create_vault_object' },
  { phrases: 'encrypt, encrypted, encryption, cipher', means: 'vault', hints: 'encrypt' },
  { phrases: 'version, older version, previous version, earlier value', means: 'version', does: 'list' },
  { phrases: 'without decrypting, without … value', hints: 'metadata' },
  { phrases: 'different context, new context, another context', means: 'vault data key', does: 'rekey' },

  // the connector itself
  {
    phrases:
      'is … working, connector, connectivity, 401, unauthorized, proxy, key … rejected, diagnose, troubleshoot, doctor, health check',
    tools: 'check_connector',
  },
];

/** Stop words. Phrases may still contain them. */
export const fillers: ReadonlySet<string> = new Set(
  `a an the this that these those it its i me my we us our you your he him his she her they them their one ones
  to of for in on at by with without from into onto out off up over about as than then so too also just only still
  is are was were be been being am has have had do does did can could may might will would shall should must let lets
  and or but if when while because not no dont cant please hi hello hey thanks thank want need like how what why whose
  id which own owns there here now right today some any each way got get go going tell know us using use via per really wants`.split(
    /\s+/,
  ),
);
