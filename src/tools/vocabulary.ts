/**
 * What operators say, and what WorkOS calls it: the knowledge behind `find_tools`, as data.
 *
 * `said` are words or phrases; `…` stands for up to three words in between. A longer phrase takes its words away from
 * shorter ones. `means` are words of tool names and descriptions, `hints` the same at half the weight, `does` the verbs
 * with which tool names start, best first, and `tools` the answer itself where a phrase is an idiom.
 */
export interface Concept {
  readonly said: readonly string[];
  readonly means?: string;
  readonly hints?: string;
  readonly does?: string;
  readonly tools?: readonly string[];
}

/** What is asked for: the verbs. */
const verbs: readonly Concept[] = [
  {
    said: ['delete', 'destroy', 'erase', 'wipe', 'purge', 'trash', 'kill', 'get rid of'],
    does: 'delete remove revoke',
  },
  { said: ['remove', 'drop', 'kick', 'detach', 'strip', 'pull', 'unassign', 'eject'], does: 'remove delete revoke' },
  { said: ['take … away', 'take … out', 'take … off', 'take … from', 'get … out of'], does: 'remove delete revoke' },
  { said: ['revoke', 'withdraw', 'cancel', 'rescind', 'invalidate', 'retract'], does: 'revoke delete expire remove' },
  { said: ['create', 'make', 'new', 'build', 'issue', 'mint', 'spin up'], does: 'create generate add' },
  { said: ['set up', 'onboard', 'define', 'introduce', 'provision a'], does: 'create configure enroll add' },
  { said: ['register', 'enroll', 'enrol'], does: 'create enroll' },
  { said: ['generate', 'produce'], does: 'generate create' },
  { said: ['add', 'put', 'attach', 'append', 'include', 'another', 'one more'], does: 'add create assign' },
  {
    said: ['get', 'show', 'fetch', 'read', 'retrieve', 'view', 'inspect', 'look up', 'lookup', 'look at'],
    does: 'get list',
  },
  { said: ['details of', 'detail', 'info', 'information', 'status', 'state of'], does: 'get list' },
  { said: ['list', 'which', 'all', 'every', 'enumerate', 'browse', 'who', 'overview'], does: 'list' },
  { said: ['how many', 'count', 'number of', 'what … are there', 'do we have', 'we have'], does: 'list' },
  { said: ['find', 'search', 'look for', 'locate', 'where'], does: 'list get' },
  {
    said: ['update', 'change', 'edit', 'rename', 'modify', 'adjust', 'fix', 'correct', 'alter'],
    does: 'update set configure',
  },
  { said: ['set', 'configure', 'customize', 'customise', 'override'], does: 'set configure update' },
  { said: ['replace', 'overwrite', 'swap out'], does: 'replace set update' },
  { said: ['swap', 'exchange', 'trade', 'redeem'], does: 'exchange' },
  { said: ['enable', 'switch … on', 'turn … on', 'activate'], does: 'enable reactivate add configure' },
  { said: ['disable', 'switch … off', 'turn … off', 'pause'], does: 'disable deactivate update' },
  { said: ['suspend', 'deactivate', 'freeze', 'block … access'], does: 'deactivate disable' },
  { said: ['reactivate', 'unsuspend', 'bring … back', 'restore', 'reinstate', 'unfreeze'], does: 'reactivate enable' },
  { said: ['assign', 'grant', 'give', 'promote'], does: 'assign add' },
  { said: ['send', 'mail'], does: 'send create' },
  {
    said: ['resend', 'send … again', 'send … once more', 're-send', 'never got', 'never arrived', 'did not get'],
    does: 'resend send',
  },
  { said: ['verify', 'prove', 'confirm'], does: 'verify confirm check' },
  { said: ['check', 'validate', 'valid', 'is … valid', 'test'], does: 'check validate verify get' },
  { said: ['start', 'begin', 'kick off', 'trigger', 'initiate'], does: 'start create send' },
  { said: ['export', 'download', 'dump', 'csv'], does: 'export download start' },
  { said: ['import', 'migrate', 'bring over', 'already hold'], does: 'import create' },
  { said: ['rotate', 'renew', 'roll over'], does: 'create update set rekey delete' },
  { said: ['accept'], does: 'accept' },
  { said: ['decrypt', 'decryption', 'unseal', 'unwrap'], does: 'decrypt get' },
  { said: ['re-encrypt', 'rewrap', 'rekey'], does: 'rekey' },
  { said: ['expire', 'run out', 'end at', 'time out'], does: 'expire' },
  { said: ['subscribe', 'pause … webhook'], does: 'update create' },
];

/** What it is about: the things of WorkOS under the names that people give them. */
const things: readonly Concept[] = [
  // organizations
  {
    said: ['tenant', 'customer', 'company', 'workspace', 'business', 'enterprise', 'employer', 'client company'],
    means: 'organization',
  },
  { said: ['account'], hints: 'organization user' },
  { said: ['offboard', 'churn', 'gdpr', 'erasure', 'right to be forgotten'], does: 'delete' },
  { said: ['own id', 'our id', 'our own … id', 'internal id', 'own system', 'foreign key'], means: 'external id' },
  { said: ['dns', 'txt record', 'cname'], means: 'dns domain', hints: 'verify' },
  { said: ['domain verification', 'verify … domain', 'prove … domain'], tools: ['verify_organization_domain'] },
  { said: ['own the domain', 'domain ownership', 'owns the domain'], means: 'domain', hints: 'verify ownership' },

  // sso
  { said: ['saml', 'oidc', 'openid', 'adfs', 'onelogin', 'pingfederate'], means: 'connection sso' },
  { said: ['identity provider', 'idp', 'single sign-on', 'enterprise login'], means: 'connection sso' },
  { said: ['sso'], hints: 'connection' },

  // directory sync
  { said: ['scim', 'provisioning', 'deprovisioning', 'directory sync', 'dsync'], means: 'directory' },
  {
    said: ['okta', 'entra', 'azure ad', 'active directory', 'workday', 'hris', 'hr'],
    means: 'directory',
    hints: 'connection',
  },
  { said: ['synced', 'synchronised', 'synchronized', 'came over'], means: 'directory synced' },

  // users and memberships
  { said: ['person', 'people', 'employee', 'staff', 'somebody', 'someone', 'login account'], means: 'user' },
  { said: ['first name', 'last name', 'full name', 'profile picture', 'locale'], means: 'user' },
  {
    said: ['member', 'teammate', 'seat', 'colleague', 'coworker', 'collaborator'],
    means: 'membership',
    hints: 'organization member',
  },
  {
    said: ['user … organization', 'user … tenant', 'user … customer', 'user … company', 'person … company', 'joins'],
    means: 'organization membership',
    hints: 'user',
  },
  {
    said: ['make … admin', 'promote … admin', 'role of a member', 'demote', "member's role"],
    tools: ['update_organization_membership'],
  },
  { said: ['admin', 'owner', 'editor', 'viewer'], hints: 'role' },
  {
    said: ['email verification', 'verify … email', 'verification mail', 'confirm … email'],
    means: 'email verification',
  },
  {
    said: ['different email', 'new email', 'change … email', 'email address change', 'switch … email'],
    tools: ['send_email_change'],
  },
  {
    said: ['forgot password', 'forgotten password', 'reset … password', 'password reset', 'locked out'],
    means: 'password reset',
    does: 'create',
  },
  {
    said: ['social login', 'linked account', 'social account', 'google login'],
    means: 'identity',
    does: 'list',
    tools: ['list_user_identities'],
  },

  // roles and permissions
  { said: ['rbac', 'access level', 'job function'], means: 'role' },
  { said: ['privilege', 'entitlement', 'scope of a role', 'right'], means: 'permission' },
  { said: ['custom role', 'role for one'], means: 'organization role custom' },
  { said: ['what may … role', 'what can … role'], tools: ['get_role', 'get_organization_role'] },

  // audit logs
  { said: ['audit trail', 'audit log', 'activity log', 'compliance', 'siem', 'audit'], means: 'audit log' },
  {
    said: [
      'who deleted',
      'who changed',
      'who did',
      'who removed',
      'who exported',
      'who created',
      'who accessed',
      'who … viewed',
    ],
    tools: ['export_audit_logs', 'start_audit_export', 'list_events'],
  },
  {
    said: ['audit trail … csv', 'audit log … csv', 'download … audit'],
    means: 'audit log',
    tools: ['export_audit_logs'],
  },
  { said: ['log streaming', 'log stream', 'siem'], means: 'audit log configuration streaming', does: 'get' },
  { said: ['keep logs', 'logs … kept', 'keep … logs', 'retain', 'how long … kept'], means: 'audit log retention' },
  {
    said: ['keep logs for', 'keep … for a year', 'retain … for', 'for a year'],
    means: 'audit log retention',
    does: 'set',
  },
  { said: ['how long'], means: 'retention', does: 'get' },
  { said: ['audit … ready', 'export … ready', 'export … done', 'export … finished'], tools: ['poll_audit_export'] },
  { said: ['audit action', 'action schema', 'event schema'], means: 'audit log action schema' },
  {
    said: ['write … audit', 'record … audit', 'emit … audit', 'log an action', 'audit … entry'],
    tools: ['create_audit_log_event'],
  },

  // invitations
  { said: ['invite', 'invited'], means: 'invitation', does: 'send create' },
  { said: ['cancel … invite', 'withdraw … invite'], means: 'invitation', does: 'revoke' },
  { said: ['accept … invite'], means: 'invitation', does: 'accept' },
  { said: ['pending', 'outstanding', 'open invites'], does: 'list' },
  {
    said: ['outstanding invites', 'pending invites', 'open invites', 'invites … pending'],
    means: 'invitation',
    does: 'list',
  },
  { said: ['never got … invite', 'resend … invite', 'invite … again', 'remind'], means: 'invitation', does: 'resend' },

  // groups
  { said: ['team', 'department', 'squad', 'user group'], means: 'group' },
  { said: ['member … group', 'belongs to … group', 'in … group', 'user … group'], means: 'group member' },

  // portal
  {
    said: [
      'admin portal',
      'setup link',
      'self-serve',
      'self-service',
      'it admin',
      'it contact',
      'it department',
      'customer … set up',
    ],
    tools: ['generate_portal_link'],
  },
  {
    said: ['set up sso', 'set up saml', 'configure sso', 'set up scim', 'onboard … sso', 'set up a directory'],
    tools: ['generate_portal_link'],
  },
  { said: ['widget', 'embedded', 'embed'], means: 'widget token', does: 'create' },
  { said: ['graphql'], means: 'client token' },

  // fga
  { said: ['fga', 'fine-grained', 'rebac', 'zanzibar'], means: 'fga resource', hints: 'authorization' },
  {
    said: [
      'permission check',
      'access check',
      'check permission',
      'is allowed',
      'is … allowed to',
      'check access',
      'can this',
      'can user',
      'can a user',
      'can member',
      'may this',
      'can the user',
      'can he',
      'can she',
      'has permission',
    ],
    tools: ['check_authorization'],
  },
  { said: ['document', 'project', 'folder', 'object of our app', 'file', 'repository'], means: 'resource' },
  {
    said: ['who has access', 'who can', 'who may', 'people with access'],
    means: 'resource member',
    does: 'list',
    tools: ['list_fga_resource_members'],
  },
  {
    said: [
      'which … can she',
      'which … can he',
      'which … can this',
      'which … can user',
      'which … can a user',
      'what … can see',
    ],
    tools: ['list_fga_membership_resources'],
  },
  {
    said: ['everything … can do', 'what can … do', 'effective permission', 'what may … do'],
    tools: ['list_fga_permissions'],
  },
  {
    said: ['share', 'grant access', 'give access', 'give … access', 'viewer role', 'editor role on'],
    tools: ['assign_membership_role'],
  },
  { said: ['group … role', 'role … group'], means: 'group role' },

  // feature flags
  {
    said: ['feature', 'feature toggle', 'toggle', 'rollout', 'beta', 'kill switch', 'early access', 'experiment'],
    means: 'feature flag',
  },
  {
    said: ['roll out', 'release to everybody', 'for everyone', 'for everybody'],
    hints: 'feature flag',
    does: 'enable disable',
  },
  {
    said: [
      'turn on … for one',
      'enable … for one',
      'turn on … for a',
      'enable … for a',
      'feature … for one',
      'feature … for a',
      'out of the beta',
      'into the beta',
      'beta … rollout',
    ],
    means: 'feature flag target',
    does: 'add remove',
  },

  // events and webhooks
  { said: ['webhook', 'web hook', 'callback', 'push notification'], means: 'webhook endpoint' },
  {
    said: ['notify … server', 'notify … backend', 'be told when', 'post events', 'get notified'],
    tools: ['create_webhook_endpoint'],
  },
  { said: ['stop sending', 'unsubscribe'], does: 'delete update' },
  {
    said: [
      'what happened',
      'why was',
      'why did',
      'why is',
      'sign-in history',
      'login history',
      'failed logins',
      'failed sign-ins',
      'recent activity',
      'sign-in … blocked',
      'login … blocked',
      'last hour',
    ],
    tools: ['list_events'],
  },

  // API keys and agents
  {
    said: [
      'api token',
      'access token of a user',
      'personal access token',
      'api key',
      'api credential',
      'service token',
    ],
    means: 'api key',
  },
  { said: ['whose key', 'whose is it', 'api key valid', 'api key … valid'], means: 'api key', does: 'validate' },
  { said: ['leak', 'leaked', 'compromised'], does: 'delete expire revoke' },
  { said: ['ai agent', 'agent', 'mcp client'], means: 'agent' },

  // authentication
  {
    said: [
      'kick out',
      'kick … out',
      'sign out',
      'sign … out',
      'log out',
      'log … out',
      'force logout',
      'logout everywhere',
      'end … session',
    ],
    tools: ['revoke_session', 'list_user_sessions', 'get_logout_url'],
  },
  {
    said: ['logout url', 'logout link', 'sign-out url', 'sign-out link'],
    tools: ['get_logout_url', 'get_sso_logout_url'],
  },
  { said: ['signed in', 'logged in', 'active device', 'logged-in devices'], means: 'session', does: 'list' },
  {
    said: ['magic link', 'passwordless', 'magic code', 'one-time email code', 'email code'],
    means: 'magic auth code',
    does: 'create',
  },
  {
    said: [
      'jwks',
      'public key',
      'verify token',
      'verify … tokens',
      'token verification',
      'token signature',
      'jwt signature',
      'signing key',
    ],
    tools: ['get_jwks'],
  },
  {
    said: ['login url', 'sign-in url', 'sign-in link', 'login link', 'login page url', 'authorize url', 'hosted login'],
    tools: ['get_authorization_url', 'get_sso_authorization_url'],
  },
  { said: ['device code', 'device flow', 'cli login', 'smart tv'], means: 'device authorization', does: 'start' },
  {
    said: ['log … in', 'sign … in', 'login', 'signin', 'refresh token', 'refresh … token', 'grant type'],
    means: 'authenticate',
    hints: 'sign',
  },
  { said: ['sso callback', 'sso code', 'code for a profile'], tools: ['exchange_sso_code'] },

  // AuthKit settings
  { said: ['cors', 'cross-origin', 'allowed origin', 'web origin'], means: 'cors origin' },
  { said: ['cors error', 'cors blocked'], means: 'cors origin', does: 'create list' },
  { said: ['redirect uri', 'redirect url', 'return url', 'callback url', 'callback uri'], means: 'redirect uri' },
  { said: ['allow', 'permit', 'whitelist'], does: 'create add' },
  {
    said: ['jwt', 'claim', 'custom claim', 'token template', 'access token claim'],
    means: 'jwt template',
    hints: 'claim',
  },
  { said: ['put … claim', 'add … claim'], means: 'jwt template', does: 'update' },

  // MFA
  {
    said: ['mfa', '2fa', 'second factor', 'two-factor', 'multi-factor', 'totp', 'authenticator', 'otp'],
    means: 'auth factor',
  },
  { said: ['authenticator app'], means: 'auth factor', does: 'enroll' },
  {
    said: ['reset … 2fa', 'reset … mfa', 'lost … phone', 'lost … authenticator', 'new phone'],
    means: 'auth factor',
    does: 'delete',
  },
  {
    said: ['totp code', 'otp code', 'check … code', 'verify … code', 'code … correct'],
    means: 'auth challenge',
    does: 'verify',
  },
  {
    said: ['text message', 'text them', 'text … a code', 'sms', 'sms code'],
    means: 'sms',
    hints: 'challenge factor',
    does: 'challenge send',
  },

  // Connect
  {
    said: [
      'oauth app',
      'oauth application',
      'oauth client',
      'm2m',
      'machine',
      'machine-to-machine',
      'service account',
      'client credentials',
    ],
    means: 'connect application',
  },
  { said: ['client secret', 'app secret', 'application secret'], means: 'connect application secret' },
  {
    said: ['third-party app', 'third party app', 'approved', 'approve', 'consent', 'authorized app', 'granted app'],
    means: 'authorized application',
  },

  // Pipes
  { said: ['pipes', 'third-party connection', 'third party connection', 'integration'], means: 'data integration' },
  {
    said: [
      'slack',
      'github',
      'gitlab',
      'google drive',
      'salesforce',
      'hubspot',
      'notion',
      'jira',
      'linear',
      'google calendar',
      'dropbox',
      'gmail',
    ],
    hints: 'connected account data integration provider',
  },
  {
    said: ['github … token', 'slack … token', 'google … token', "user's token", 'token of a user', 'token … on behalf'],
    tools: ['get_data_integration_token'],
  },
  { said: ['still connected', 'is … connected'], means: 'connected account', does: 'get' },
  { said: ['disconnect', 'unlink'], means: 'connected account', does: 'delete' },
  {
    said: ['link where', 'link … connect', 'connect their', 'connect … account'],
    tools: ['get_data_integration_auth_url'],
  },
  { said: ['new provider', 'offer … provider'], means: 'data integration provider', does: 'create' },

  // Radar
  {
    said: ['bot', 'fraud', 'risk', 'abuse', 'credential stuffing', 'bot protection', 'brute force', 'suspicious'],
    means: 'radar',
    hints: 'attempt',
  },
  { said: ['risk score', 'risk verdict', 'is … fraud', 'is … bot', 'assess'], tools: ['create_radar_attempt'] },
  {
    said: ['block', 'ban', 'blocklist', 'deny', 'denylist', 'blacklist', 'allowlist'],
    means: 'radar list entry',
    does: 'add',
  },
  { said: ['unblock', 'unban'], means: 'radar list entry', does: 'remove' },
  { said: ['ip', 'ip address', 'ip range', 'user agent', 'country'], hints: 'radar list entry' },

  // Vault
  {
    said: ['kms', 'byok', 'data key', 'customer key', 'customer-managed key', 'hyok', 'envelope encryption'],
    means: 'vault data key',
  },
  {
    said: ['secret', 'encrypted value', 'stored value', 'token vault', 'key-value'],
    means: 'vault object',
    hints: 'secret',
  },
  { said: ['encrypt', 'encryption', 'cipher'], means: 'vault encrypt', does: 'create' },
  { said: ['store', 'stored', 'save', 'keep'], does: 'create' },

  // the connector itself
  {
    said: ['is … working', 'connector', 'diagnose', 'troubleshoot', 'doctor', 'health check'],
    tools: ['check_connector'],
  },
];

export const concepts: readonly Concept[] = [...verbs, ...things];

/** Spellings that are the same word to the search, in questions and tools alike. */
export const spellings: Readonly<Record<string, string>> = {
  org: 'organization',
  organisation: 'organization',
  app: 'application',
  auth: 'auth',
  url: 'uri',
  perm: 'permission',
  mail: 'email',
  colour: 'color',
  admins: 'admin',
};

/** Words that say nothing about which tool is meant. Phrases above may still contain them. */
export const fillers: ReadonlySet<string> = new Set(
  `a an the this that these those it its i me my we us our you your he him his she her they them their one ones
  to of for in on at by with without from into onto out off up over about as than then so too also just only still
  is are was were be been being am has have had do does did can could may might will would shall should must let lets
  and or but if when while because not no dont cant please hi hello hey thanks thank want need like how what why whose
  there here now right today some any each way got get go going tell know us using use via per really wants`.split(
    /\s+/,
  ),
);
