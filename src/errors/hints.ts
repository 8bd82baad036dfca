import type { ApiError, ErrorKind } from './errors.ts';

/** The facts about a failed call that its hint depends on. */
export interface HintedCall {
  tool: string;
  /** The arguments of the call, in order. */
  fields: readonly string[];
  /** The tool's own hints, by the code or kind of an error. */
  hints: Readonly<Record<string, string>>;
  /** True if the feature is not enabled in every environment. */
  notEverywhere: boolean;
  /** The tool that shows what the call would have changed. */
  reader: string | undefined;
  /** The variables that hold the key and the client id, if they are not the default ones. */
  variables?: { key: string; clientId: string };
  /** Whether the settings allow a tool. */
  allows(tool: string): boolean;
}

/** A hint about what to do next after a response that is not a success. */
export function hintFor(kind: ErrorKind, error: ApiError, call: HintedCall): string {
  const { row } = error.circumstances ?? {};
  const before = row === undefined ? '' : `No row was changed: this is about arguments[${row}]. `;
  const hint = `${before}${hintWithDefaults(kind, error, call)}`;
  const { variables } = call;
  if (!variables) return hint;
  return hint.replaceAll('WORKOS_TOKEN', variables.key).replaceAll('WORKOS_CLIENT_ID', variables.clientId);
}

/** The hint, with the default names of the variables. */
function hintWithDefaults(kind: ErrorKind, error: ApiError, call: HintedCall): string {
  const cursor = cursorHint(kind, error, call);
  if (error.circumstances?.deleted && kind === 'not_found') return DELETED;
  const { elsewhere = [] } = error.circumstances ?? {};
  if (elsewhere.length > 0) return foundElsewhere(elsewhere);
  if (cursor?.certain) return cursor.hint;
  if (kind === 'not_found' && call.fields.includes('user_id') && isAboutAddress(error)) return ADDRESS;
  const hint = particular(kind, error, call) ?? `${general(kind, error, call)}${sourcesFor(kind, call)}`;
  return cursor ? `${hint} ${cursor.hint}` : hint;
}

const ADDRESS = 'user_id must be an id, not an email address. list_users with email finds it.';

function isAboutAddress({ request, details }: ApiError): boolean {
  return request.path.includes('%40') || String(details?.['entity_id']).includes('@');
}

const DELETED = 'An earlier call of this server deleted it. WorkOS returns this for deleted objects; nothing is wrong.';

/** The most environments that a hint names. */
const MOST_NAMED = 5;

function foundElsewhere(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  const shown = `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
  return `The object is in ${shown}, not in this environment. If you meant that one, call again with environment ${names.length > 1 ? 'set to one of them' : shown}; otherwise find the id here.`;
}

const CURSOR = "If after or before did not come from this list's list_metadata, leave it out.";

const MAY_LACK: ReadonlySet<ErrorKind> = new Set(['permission', 'not_found']);
const NOT_EVERYWHERE =
  'This environment may not have the feature: it is not enabled everywhere, and WorkOS returns this if it is off.';

/** A hint that the cursor may be wrong. `certain` if the error says so, or the cursor is the only argument that can be wrong. */
function cursorHint(
  kind: ErrorKind,
  error: ApiError,
  { notEverywhere }: HintedCall,
): { certain: boolean; hint: string } | undefined {
  const cursor = error.circumstances?.cursor;
  if (cursor === undefined || (kind !== 'input' && kind !== 'not_found')) return undefined;
  const said = `${error.code} ${error.message} ${JSON.stringify(error.errors)}`;
  const alone = cursor === 'only' && !(notEverywhere && kind === 'not_found');
  return { certain: alone || POINTS_TO_CURSOR.test(said), hint: CURSOR };
}

/** Requires quotes around `after` and `before`, because both words also occur in other sentences. */
const POINTS_TO_CURSOR = /["'`](?:after|before)["'`]|cursor|pagination/i;

function particular(
  kind: ErrorKind,
  { code: outer = '', errors, mayHaveSucceeded }: ApiError,
  { tool, hints, notEverywhere, reader }: HintedCall,
) {
  const code =
    [outer, ...codesIn(errors)].find((one) => Object.hasOwn(hints, one) || Object.hasOwn(BY_CODE, one)) ?? outer;
  if (Object.hasOwn(hints, code)) return hints[code];
  if (Object.hasOwn(hints, kind))
    return notEverywhere && MAY_LACK.has(kind) ? `${hints[kind]} Or: ${NOT_EVERYWHERE}` : hints[kind];
  // If the request may have succeeded, the code does not show that nothing was done.
  if (Object.hasOwn(BY_CODE, code) && !mayHaveSucceeded) return BY_CODE[code];
  if (notEverywhere && kind === 'permission')
    return `${NOT_EVERYWHERE} Or the key lacks the permission. Ask the operator.`;
  if (kind !== 'conflict' || reader === undefined || reader === tool) return undefined;
  return `The change conflicts with the current state: it may already be in place. Check with ${reader} first.`;
}

/** The codes of the single errors, such as email_not_available in a body whose own code is user_creation_error. */
function codesIn(errors: unknown): string[] {
  return [errors].flat().flatMap((one) => {
    const { code }: { code?: unknown } = Object(one);
    return typeof code === 'string' ? [code] : [];
  });
}

/** Codes that mean the same for every tool. https://workos.com/docs/reference */
const BY_CODE: Readonly<Record<string, string>> = {
  account_selection_required:
    'Several accounts match. Choose one with connected_account_id: list_user_data_providers or list_org_data_providers shows them with supports_multiple_connections true.',
  already_claimed: 'This is already done.',
  auth_method_disabled: 'The method is turned off in this environment. The dashboard has its settings.',
  claim_denied: 'The claim was refused. The agent has to start a new one.',
  email_password_auth_disabled: 'Passwords are turned off in this environment. The dashboard has the setting.',
  email_change_not_allowed: 'WorkOS does not allow changing this email address. The message says why.',
  password_reset_not_allowed: 'WorkOS does not allow a password reset for this user. The message says why.',
  api_key_already_expired: 'The key has already expired. Nothing is left to do.',
  domain_already_exists: 'The domain already exists. get_organization shows the domains of an organization.',
  duplicate_endpoint:
    'An endpoint with this URL exists. Find it with list_webhook_endpoints and change it with update_webhook_endpoint.',
  duplicate_cors_origin: 'The origin is already allowed. list_cors_origins shows it.',
  duplicate_group_role_assignment: 'The group already has this role. list_group_role_assignments shows it.',
  role_slug_conflict: 'A role with this slug exists. list_roles shows it; choose another slug or update that role.',
  organization_role_slug_conflict:
    'A role with this slug exists. list_organization_roles shows it; choose another slug or update that role.',
  permission_slug_conflict:
    'A permission with this slug exists. list_permissions shows it; choose another slug or update that permission.',
  authorization_resource_external_id_conflict:
    'A resource of this type has this external_id. get_fga_resource_by_external_id shows it; update that one.',
  connection_deletion_in_progress:
    'WorkOS is still deleting a connection with this external_id. Wait a minute, then call again.',
  it_contact_already_exists: 'The organization has a contact with this email address. list_it_contacts shows it.',
  it_contact_invitation_already_active:
    'An invitation is active, and an organization can have one. revoke_it_contact_invitation ends it.',
  name_already_in_use: 'Something has this name. Choose another, or find that one in the list and update it.',
  resource_has_dependents:
    'The resource has descendants or role assignments. With cascade_delete true they are deleted too; ask the user first.',
  role_has_assignments:
    'Members still have this role. Give them another with update_organization_membership, then delete it.',
  role_has_group_role_mappings:
    'Directory groups still map to this role. Change the mapping in the dashboard, then delete it.',
  sp_signing_cert_already_exists: 'There can be only one. Delete it first with delete_saml_signing_certificate.',
  too_many_sp_encryption_certs: 'The limit is reached. delete_saml_encryption_certificate removes an old one.',
  user_already_exists: 'A user with this email address exists. Use another address.',
  invalid_client:
    "client_id and the key do not belong together. Set WORKOS_CLIENT_ID to the client id of the key's environment.",
  unauthorized_client: 'This application may not use this sign-in method. Its settings are in the dashboard.',
  invalid_grant:
    'The code or token was used already, has expired, or belongs to another client. Each works once: start the sign-in again.',
  email_change_code_previously_used: 'The code was used already. send_email_change sends a new one.',
  no_pending_email_change: 'There is no change to confirm. send_email_change starts one.',
  email_change_not_needed: 'The user already has this email address. Nothing is left to do.',
  email_not_available: 'Another user has this email address. list_users with email finds them.',
  user_deletion_not_allowed: 'WorkOS does not allow deleting this user. The message says why.',
  resource_type_update_in_progress: 'WorkOS is still changing the resource type. Wait a minute, then call again.',
  lock_timeout: 'Another change was in progress. Call again.',
};

function general(kind: ErrorKind, error: ApiError, { fields, notEverywhere }: HintedCall): string {
  switch (kind) {
    case 'auth':
      return 'WorkOS rejected the key. Run check_connector, then set WORKOS_TOKEN to a secret key of this environment.';
    case 'permission':
      return 'The key lacks the permission, or the environment lacks the feature; WorkOS does not say which. Ask the operator.';
    case 'not_found':
      return notFound(fields, notEverywhere);
    case 'conflict':
      return 'The change conflicts with the current state. Read the current state first.';
    case 'rate_limited':
      return error.code && /daily_quota|too_many_attempts/.test(error.code)
        ? 'A short wait does not lift this limit. Do not repeat the call today.'
        : `Wait ${error.retryAfter === undefined ? 'a minute' : `${Math.max(1, Math.ceil(error.retryAfter))} s`}, then make fewer calls at a time.`;
    case 'input':
      return 'WorkOS rejected the arguments. Correct the ones it names.';
    case 'sandbox':
      return 'The sandbox does not simulate this operation. Use a sk_test_ key without --sandbox for it.';
    default:
      return error.status >= 500
        ? 'WorkOS returned a server error. Retry later; quote the request id to WorkOS support.'
        : 'Run check_connector, and check the base URL.';
  }
}

function notFound(fields: readonly string[], notEverywhere: boolean): string {
  const ids = fields.filter((field) => NAMES_SOMETHING.test(field));
  const missing =
    ids.length === 0
      ? ''
      : `Nothing in this key's environment has ${ids.length > 1 ? 'one of those ids' : 'that id'}. Test and live keys see different objects.`;
  if (notEverywhere) return `${missing && `${missing} Or: `}${NOT_EVERYWHERE}`;
  return missing || 'WorkOS does not know this path. Run check_connector, and check the base URL.';
}

const NAMES_SOMETHING = /(?:^|_)(?:id|ids|slug|slugs|name|token|organization|connection|directory|user|group)$/;

/** For each argument, the tool that lists its possible values. */
const SOURCE_OF_ARGUMENT: Readonly<Record<string, string>> = {
  organization_id: 'list_organizations',
  organization: 'list_organizations',
  connection_id: 'list_connections',
  directory_id: 'list_directories',
  directory: 'list_directories',
  directory_user_id: 'list_directory_users',
  directory_group_id: 'list_directory_groups',
  user_id: 'list_users',
  organization_membership_id: 'list_organization_memberships',
  role_slug: 'list_roles',
  permission_slug: 'list_permissions',
  audit_log_export_id: 'start_audit_export',
  action_name: 'list_audit_log_actions',
  invitation_id: 'list_invitations',
  group_id: 'list_groups',
  resource_id: 'list_fga_resources',
  feature_flag_slug: 'list_feature_flags',
  connect_application_id: 'list_connect_apps',
  application_id: 'list_user_authorized_apps',
  client_secret_id: 'list_connect_app_secrets',
  webhook_endpoint_id: 'list_webhook_endpoints',
  vault_object_id: 'list_vault_objects',
  redirect_uri_id: 'list_redirect_uris',
  provider_slug: 'list_data_integrations',
  authentication_factor_id: 'list_user_auth_factors',
  organization_domain_id: 'get_organization',
  api_key_id: 'list_organization_api_keys',
};

function sourcesFor(kind: ErrorKind, { fields, tool, allows }: HintedCall): string {
  if (kind !== 'not_found' && kind !== 'conflict' && kind !== 'input') return '';
  const sources = [...new Set(fields.flatMap((field) => SOURCE_OF_ARGUMENT[field] ?? []))].filter(
    (name) => name !== tool && allows(name),
  );
  return sources.length ? ` Find ids with ${sources.slice(0, 3).join(', ')}.` : '';
}
