import { quoteUntrusted } from '../text/quote-untrusted.ts';

/** The closed list of reasons a call can fail for; clients may switch on it. */
export type Kind =
  | 'input'
  | 'config'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'conflict'
  | 'rate_limited'
  | 'api'
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'refused'
  | 'sandbox';

/** One failure as a client sees it. */
export interface Explanation {
  kind: Kind;
  /** What was tried and what came back. */
  message: string;
  /** What to do next, naming the tool to do it with. */
  hint: string;
  tool: string;
  status?: number;
  code?: string;
  errors?: unknown;
  request_id?: string;
  retry_after_s?: number;
  attempts?: number;
}

/** Arguments that cannot be sent; nothing was. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly fields: readonly string[];
  readonly hint: string | undefined;
  constructor(message: string, fields: readonly string[] = [], hint?: string) {
    super(message);
    this.fields = fields;
    this.hint = hint;
  }
}

/** A failure whose thrower knows best what to do next. */
class Hinted extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A setting that is missing or wrong for this call. */
export class ConfigError extends Hinted {
  override readonly name = 'ConfigError';
}

/** The settings or the caller's user forbid this call; nothing was changed. */
export class RefusedError extends Hinted {
  override readonly name = 'RefusedError';
}

/** The caller gave up; what was in flight is aborted. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor(message = 'The call was cancelled') {
    super(message);
  }
}

/** A pre-signed link that the storage host no longer accepts. */
export class LinkExpiredError extends Error {
  override readonly name = 'LinkExpiredError';
}

/** What both failed requests share. */
interface Tried {
  method: string;
  path: string;
  attempts: number;
}

/** WorkOS answered, but not with success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly tried: Tried;
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: unknown;
  readonly requestId: string | undefined;
  /** Seconds, from the Retry-After header. */
  readonly retryAfter: number | undefined;
  /** An earlier attempt, or this one, may have been carried out although no success came back. */
  readonly mayHaveHappened: boolean;
  constructor(
    message: string,
    detail: {
      tried: Tried;
      status: number;
      code?: string | undefined;
      errors?: unknown;
      requestId?: string | undefined;
      retryAfter?: number | undefined;
      mayHaveHappened?: boolean;
    },
  ) {
    super(message);
    this.tried = detail.tried;
    this.status = detail.status;
    this.code = detail.code;
    this.errors = detail.errors;
    this.requestId = detail.requestId;
    this.retryAfter = detail.retryAfter;
    this.mayHaveHappened = detail.mayHaveHappened ?? false;
  }
}

/** No complete answer arrived. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly tried: Tried;
  readonly timedOut: boolean;
  /** False where the request certainly never reached WorkOS. */
  readonly mayHaveHappened: boolean;
  readonly code: string | undefined;
  constructor(
    message: string,
    detail: { tried: Tried; timedOut?: boolean; mayHaveHappened: boolean; code?: string | undefined; cause?: unknown },
  ) {
    super(message, { cause: detail.cause });
    this.tried = detail.tried;
    this.timedOut = detail.timedOut ?? false;
    this.mayHaveHappened = detail.mayHaveHappened;
    this.code = detail.code;
  }
}

/** Where the id in an argument comes from. */
const FIND: Readonly<Record<string, string>> = {
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

/** What explain() needs to know of the call besides the error. */
export interface Situation {
  tool: string;
  /** The tool's own arguments, in order. */
  fields: readonly string[];
  reads: boolean;
  /** The tool that shows whether a write happened, if there is one. */
  look: string | undefined;
}

/** True for an error that nobody foresaw: a fault of this server. */
export function isFault(error: unknown): boolean {
  const foreseen = [ApiError, NetworkError, InputError, ConfigError, RefusedError, CancelledError, LinkExpiredError];
  return !foreseen.some((one) => error instanceof one);
}

/** What a client is told of a failure. Pure; nothing in it is a secret that the error did not hold. */
export function explain(error: unknown, situation: Situation): Explanation {
  const { tool } = situation;
  if (error instanceof ApiError) return explainAnswer(error, situation);
  if (error instanceof NetworkError) return explainSilence(error, situation);
  if (error instanceof InputError) {
    return {
      kind: 'input',
      message: error.message,
      hint: error.hint ?? 'Correct the arguments; nothing was sent.',
      tool,
    };
  }
  if (error instanceof ConfigError) return { kind: 'config', message: error.message, hint: error.hint, tool };
  if (error instanceof RefusedError) return { kind: 'refused', message: error.message, hint: error.hint, tool };
  if (error instanceof CancelledError) {
    return {
      kind: 'cancelled',
      message: error.message,
      hint: uncertain(true, situation) || 'Nothing more is running.',
      tool,
    };
  }
  if (error instanceof LinkExpiredError) {
    return {
      kind: 'api',
      message: `The download link was not accepted: ${error.message}`,
      hint: 'Call download_audit_export again; each call signs a new link.',
      tool,
    };
  }
  const said = error instanceof Error ? error.message : String(error);
  return {
    kind: 'api',
    message: `${tool} failed inside this server: ${quoteUntrusted(said, 600)}`,
    hint: 'This is a fault of workos-mcp; try other arguments and report it.',
    tool,
  };
}

function explainAnswer(error: ApiError, situation: Situation): Explanation {
  const { method, path, attempts } = error.tried;
  const kind = kindOf(error);
  return {
    kind,
    message: `${method} ${shortPath(path)} answered ${error.status}: ${quoteUntrusted(error.message, 600)}`,
    hint: [uncertain(error.mayHaveHappened, situation), hintFor(kind, error, situation)].filter(Boolean).join(' '),
    tool: situation.tool,
    status: error.status,
    ...(error.code !== undefined && { code: error.code.slice(0, 100) }),
    ...(error.errors !== undefined && { errors: shortErrors(error.errors) }),
    ...(error.requestId !== undefined && { request_id: error.requestId }),
    ...(error.retryAfter !== undefined && { retry_after_s: Math.ceil(error.retryAfter) }),
    attempts,
  };
}

function explainSilence(error: NetworkError, situation: Situation): Explanation {
  const { method, path, attempts } = error.tried;
  const next = 'Run check_connector to see which part of the connection fails.';
  return {
    kind: error.timedOut ? 'timeout' : 'network',
    message: `${method} ${shortPath(path)} got no answer: ${error.message}`,
    hint: [uncertain(error.mayHaveHappened, situation), next].filter(Boolean).join(' '),
    tool: situation.tool,
    ...(error.code !== undefined && { code: error.code }),
    attempts,
  };
}

const LONGEST_PATH = 300;
const MOST_ERRORS = 4_000;

/** A path is encoded, so it needs no quotes; but it may be long. */
function shortPath(path: string): string {
  return path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path;
}

/** The details as WorkOS sent them, as many as fit beside a message. */
function shortErrors(errors: unknown): unknown {
  const text = jsonOf(errors);
  if (text === undefined) return 'nested too deep to show';
  if (text.length <= MOST_ERRORS) return errors;
  if (!Array.isArray(errors)) return `${text.slice(0, MOST_ERRORS)}…`;
  let room = MOST_ERRORS;
  const first = errors.findIndex((one) => {
    room -= JSON.stringify(one).length;
    return room < 0;
  });
  return [...errors.slice(0, first), `… ${errors.length - first} more`];
}

/** Nesting has no limit when it is read, but has one when it is written. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The sentence about a write whose outcome nobody knows. */
function uncertain(mayHaveHappened: boolean, { reads, look }: Situation): string {
  if (reads || !mayHaveHappened) return '';
  return `It may have been carried out all the same: look${look ? ` with ${look}` : ''} before you repeat it.`;
}

function kindOf({ status, code }: ApiError): Kind {
  if (code === 'not_simulated') return 'sandbox';
  if (status === 400 || status === 422 || status === 413) return 'input';
  if (status === 401) return 'auth';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 409) return 'conflict';
  if (status === 429) return 'rate_limited';
  return 'api';
}

function hintFor(kind: Kind, error: ApiError, { fields, tool }: Situation): string {
  const sources = [...new Set(fields.flatMap((field) => FIND[field] ?? []))].filter((name) => name !== tool);
  const find = sources.length ? ` Find ids with ${sources.slice(0, 3).join(', ')}.` : '';
  switch (kind) {
    case 'auth':
      return 'WorkOS does not accept the key: run check_connector, then set WORKOS_TOKEN to a secret key of this environment.';
    case 'permission':
      return 'The key may not do this, or the environment lacks the feature; WorkOS does not say which. Ask the operator.';
    case 'not_found':
      return `Nothing has this id in the key's environment; test and live keys see different objects.${find}`;
    case 'conflict':
      return `It clashes with what exists; read the current state first.${find}`;
    case 'rate_limited':
      return error.code && /daily_quota|too_many_attempts/.test(error.code)
        ? 'This limit does not lift by waiting a little; do not repeat it today.'
        : `Wait ${error.retryAfter === undefined ? 'a minute' : `${Math.ceil(error.retryAfter)} s`}, then call again with fewer calls at a time.`;
    case 'input':
      return `WorkOS rejected the arguments; correct what it names.${find}`;
    case 'sandbox':
      return 'The sandbox simulates the core operations only: use a sk_test_ key without --sandbox for the rest.';
    default:
      return error.status >= 500
        ? 'WorkOS has trouble; try again later and give its support the request id.'
        : 'Run check_connector, and check the base URL.';
  }
}
