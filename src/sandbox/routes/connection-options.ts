import { isObject, isString } from '../http/body-fields.ts';
import { apiError, validationError } from '../http/errors.ts';

export type Options = Record<string, unknown>;

export type Protocol = 'saml_options' | 'oidc_options';

/** Options that are never stored: secrets, keys, and certificates, which have a separate table. */
const NOT_STORED: readonly string[] = [
  'client_secret',
  'jwt_signing_key_pair',
  'sp_signing_key_pair',
  'sp_encryption_key_pairs',
  'idp_signing_certs',
];

/**
 * The SAML or OIDC options of a request body. Undefined if there are none.
 * @throws HttpError 400 if there are both
 */
export function givenOptions(body: Record<string, unknown>): { protocol: Protocol; options: Options } | undefined {
  const { saml_options: saml, oidc_options: oidc } = body;
  if (isObject(saml) && isObject(oidc)) {
    throw apiError(400, 'both_saml_and_oidc_options_provided', 'Provide either saml_options or oidc_options.');
  }
  if (isObject(saml)) return { protocol: 'saml_options', options: saml };
  return isObject(oidc) ? { protocol: 'oidc_options', options: oidc } : undefined;
}

/** The protocol of a type such as `OktaSAML` or `EntraIdOIDC`. Undefined for `GoogleOAuth` and the like. */
export function protocolOf(type: string): Protocol | undefined {
  if (type.endsWith('SAML')) return 'saml_options';
  return /oidc$/i.test(type) ? 'oidc_options' : undefined;
}

/**
 * Checks the options of a request together with the stored ones.
 * @param stored undefined for a new connection
 * @returns the options to store
 * @throws HttpError 400 or 422
 */
export function mergeOptions(protocol: Protocol, stored: Options | undefined, given: Options): Options {
  const storable = Object.entries(given).filter(([name]) => !NOT_STORED.includes(name));
  const merged = { ...stored, ...Object.fromEntries(storable) };
  if (protocol === 'saml_options') checkSaml(given);
  else checkOidc(stored, merged, given);
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** Whether users can sign in with these options. */
export function isComplete(protocol: Protocol, options: Options): boolean {
  if (protocol === 'oidc_options') return isString(options['discovery_endpoint']) && isString(options['client_id']);
  return (
    isString(options['idp_metadata_url']) || (isString(options['idp_entity_id']) && isString(options['idp_sso_url']))
  );
}

/** Rejects metadata of an identity provider combined with the same values given by hand, and malformed URLs. */
function checkSaml(given: Options): void {
  const byHand = ['idp_entity_id', 'idp_sso_url', 'idp_signing_certs'].some((field) => given[field] !== undefined);
  if (isString(given['idp_metadata_url']) && byHand) {
    const message = 'Provide either idp_metadata_url or the fields of the identity provider.';
    throw apiError(400, 'ambiguous_saml_options', message);
  }
  requireUrl('idp_metadata_url', given['idp_metadata_url']);
  requireUrl('acs_url', given['acs_url']);
  const { idp_sso_url: ssoUrl } = given;
  if (isString(ssoUrl) && !URL.canParse(ssoUrl)) {
    throw apiError(422, 'invalid_idp_sso_url', `The idp_sso_url '${ssoUrl}' is not a URL.`);
  }
}

/** Checks URLs and credentials. A new connection, and one that stops using a private key, needs a client secret. */
function checkOidc(stored: Options | undefined, merged: Options, given: Options): void {
  const endpoint = merged['discovery_endpoint'];
  requireUrl('discovery_endpoint', endpoint);
  requireUrl('redirect_uri', given['redirect_uri']);
  if (isString(endpoint) && !endpoint.startsWith('https:')) {
    throw apiError(400, 'discovery_endpoint_must_use_https', 'The discovery_endpoint must use https.');
  }
  const usesKey = usesPrivateKey(merged);
  if (!usesKey && (!stored || usesPrivateKey(stored)) && given['client_secret'] === undefined) {
    throw apiError(400, 'client_secret_required', 'A client_secret is required unless private_key_jwt is used.');
  }
  if (usesKey && given['client_secret'] !== undefined) {
    throw apiError(400, 'client_secret_not_accepted', 'private_key_jwt takes no client_secret.');
  }
  if (!usesKey && given['jwt_signing_key_pair'] !== undefined) {
    throw apiError(400, 'key_pair_not_accepted', 'A jwt_signing_key_pair is only for private_key_jwt.');
  }
}

function usesPrivateKey(options: Options): boolean {
  return options['token_authentication_method'] === 'private_key_jwt';
}

function requireUrl(field: string, value: unknown): void {
  if (isString(value) && !URL.canParse(value)) throw validationError(field, 'must be a URL');
}
