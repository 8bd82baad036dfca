import { isObject, isString, isStringArray, optionalField, requiredString } from '../http/body-fields.ts';
import { documentedRequest } from '../http/check-request.ts';
import { apiError, validationError } from '../http/errors.ts';
import { matchesSearch } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { Connection } from '../resources/organizations.ts';
import { generatedCertificate, readCertificate } from '../saml-certificate.ts';
import type { State } from '../state.ts';
import {
  givenOptions,
  isComplete,
  mergeOptions,
  type Options,
  type Protocol,
  protocolOf,
} from './connection-options.ts';
import { domainsOf } from './domains.ts';
import { get, remove, respond, respondList } from './resource-routes.ts';
import { addCertificate, readValidCertificate } from './saml-certificates.ts';

export const connectionRoutes: Route[] = [
  ['GET /connections', listConnections],
  ['POST /connections', createConnection],
  ['GET /connections/{id}', get('connections')],
  ['PATCH /connections/{id}', updateConnection],
  ['DELETE /connections/{id}', remove('connections')],
];

function listConnections(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const type = query.get('connection_type');
  const organizationId = query.get('organization_id');
  const domain = query.get('domain')?.toLowerCase();
  const found = state
    .where('connections')
    .filter(
      (connection) =>
        (type === null || connection.connection_type === type) &&
        (organizationId === null || connection.organization_id === organizationId) &&
        (domain === undefined || connection.domains.some((candidate) => candidate.domain === domain)) &&
        matchesSearch(connection.name, query.get('search')),
    );
  return respondList(request, state, 'connections', found);
}

/** If the organization already has a connection with this external id, returns that one instead. */
function createConnection({ body }: ApiRequest, state: State): ApiResponse {
  const { type, protocol, options } = parseNewConnection(body);
  const organization = state.find('organizations', requiredString(body, 'organization_id'));
  const externalId = optionalField(body, 'external_id', isString);
  const existing = externalId === undefined ? undefined : connectionByExternalId(state, externalId);
  if (existing && existing.organization_id !== organization.id) throw externalIdInUse(externalId);
  if (existing) return respond(state, 'connections', existing);
  const stored = mergeOptions(protocol, undefined, options);
  const certificates = protocol === 'saml_options' ? parseCertificates(state, options, stored) : [];
  const connection = state.add('connections', {
    organization_id: organization.id,
    connection_type: type,
    // SDKs and the emulator send a name, which the document does not list.
    name: optionalField(body, 'name', isString) ?? `${organization.name} ${type}`,
    state: 'active',
    status: 'linked',
    domains: domainsOf(state, organization.id)
      .filter((domain) => domain.state === 'verified')
      .map(({ domain }) => ({ id: state.ids.next('conn_domain', state.now()), object: 'connection_domain', domain })),
    ...(externalId !== undefined && { _external_id: externalId }),
    _options: stored,
  });
  for (const { table, fields } of certificates) addCertificate(state, table, connection, fields);
  emit(state, 'connection.activated', connection);
  return respond(state, 'connections', connection);
}

function updateConnection({ id, body }: ApiRequest, state: State): ApiResponse {
  const connection = state.find('connections', id);
  const protocol = protocolOf(connection.connection_type);
  const given = givenOptions(body);
  if (given && given.protocol !== protocol) throw conflictingType(connection.connection_type, given.protocol);
  const type = optionalField(body, 'connection_type', isString);
  if (type !== undefined && type !== connection.connection_type) {
    throw apiError(422, 'connection_type_not_updatable', 'The type of a connection cannot be changed.');
  }
  const externalId = optionalField(body, 'external_id', isString);
  const owner = externalId === undefined ? undefined : connectionByExternalId(state, externalId);
  if (owner && owner.id !== id) throw externalIdInUse(externalId);
  const before = connection._options ?? {};
  const after = given ? mergeOptions(given.protocol, before, given.options) : before;
  state.change('connections', connection, {
    ...(externalId !== undefined && { _external_id: externalId }),
    _options: after,
  });
  if (protocol) updateState(state, connection, isComplete(protocol, before), isComplete(protocol, after));
  return respond(state, 'connections', connection);
}

/** A connection becomes active when its options are complete, and inactive when they no longer are. */
function updateState(state: State, connection: Connection, wasComplete: boolean, complete: boolean): void {
  if (complete && connection.state !== 'active') {
    state.change('connections', connection, { state: 'active', status: 'linked' });
    emit(state, 'connection.activated', connection);
  } else if (wasComplete && !complete) {
    state.change('connections', connection, { state: 'inactive', status: 'unlinked' });
    emit(state, 'connection.deactivated', connection);
  }
}

/** The type of a new connection and its options. Without a type, it follows from the options. */
function parseNewConnection(body: Record<string, unknown>): { type: string; protocol: Protocol; options: Options } {
  const given = givenOptions(body);
  const type = optionalField(body, 'connection_type', isString);
  if (!given) throw apiError(400, 'connection_type_or_options_required', 'Provide saml_options or oidc_options.');
  if (type === undefined) {
    return { ...given, type: given.protocol === 'saml_options' ? 'GenericSAML' : 'GenericOIDC' };
  }
  const known = documentedRequest('GET /connections')?.query?.['connection_type']?.enum ?? [];
  if (!known.includes(type)) throw validationError('connection_type', `has an invalid value: '${type}'`);
  const protocol = protocolOf(type);
  if (protocol === undefined) {
    throw apiError(400, 'connection_type_not_supported', `A connection of the type ${type} cannot be created.`);
  }
  if (protocol !== given.protocol) throw conflictingType(type, given.protocol);
  return { ...given, type };
}

/** The certificates of a new SAML connection: the identity provider's, and one for each of the connection's key pairs. */
function parseCertificates(state: State, options: Options, stored: Options) {
  const given = optionalField(options, 'idp_signing_certs', isStringArray) ?? [];
  const byMetadata = isString(stored['idp_metadata_url']);
  if (!isComplete('saml_options', stored) || (!byMetadata && given.length === 0)) {
    const message = 'Provide idp_metadata_url, or idp_entity_id, idp_sso_url and idp_signing_certs.';
    throw apiError(400, 'incomplete_saml_options', message);
  }
  const imported = byMetadata ? [generatedCertificate()] : given.map((value) => readValidCertificate(state, value));
  const pair = options['sp_signing_key_pair'];
  const signing = isObject(pair) ? readCertificate(requiredString(pair, 'cert')) : generatedCertificate();
  return [
    ...imported.map((fields) => ({ table: 'saml_idp_signing_certs' as const, fields })),
    { table: 'saml_sp_signing_cert' as const, fields: signing },
    { table: 'saml_sp_encryption_certs' as const, fields: generatedCertificate() },
  ];
}

function connectionByExternalId(state: State, externalId: string): Connection | undefined {
  return state.where('connections', { _external_id: externalId })[0];
}

function externalIdInUse(externalId: string | undefined) {
  return apiError(400, 'external_id_already_in_use', `The external ID '${externalId}' is already in use.`);
}

function conflictingType(type: string, protocol: Protocol) {
  return apiError(
    400,
    'connection_type_conflicts_with_options',
    `A connection of the type ${type} has no ${protocol}.`,
  );
}

/** The data of these events has an `external_key`, which the API does not return with connections. */
function emit(state: State, event: string, connection: Connection): void {
  state.emit(event, { ...present(state, 'connections', connection), external_key: connection.id.slice(-16) });
}
