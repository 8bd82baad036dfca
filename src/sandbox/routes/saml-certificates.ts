import { requiredString } from '../http/body-fields.ts';
import { apiError, notFound } from '../http/errors.ts';
import { compareAge } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Handler, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { Connection } from '../resources/organizations.ts';
import type { SamlCertificate, SamlCertificateTables } from '../resources/saml-certificates.ts';
import { type CertificateFields, generatedCertificate, readCertificate } from '../saml-certificate.ts';
import type { State } from '../state.ts';
import { KINDS } from '../tables.ts';
import { respond } from './resource-routes.ts';

type Table = keyof SamlCertificateTables;

const ROOT = '/connections/{connectionId}';

export const samlCertificateRoutes: Route[] = [
  [`GET ${ROOT}/saml_idp_signing_certs`, listCertificates('saml_idp_signing_certs')],
  [`POST ${ROOT}/saml_idp_signing_certs`, addIdpCertificate],
  [`DELETE ${ROOT}/saml_idp_signing_certs/{certificateId}`, removeCertificate('saml_idp_signing_certs')],
  [`GET ${ROOT}/saml_sp_encryption_certs`, listCertificates('saml_sp_encryption_certs')],
  [`POST ${ROOT}/saml_sp_encryption_certs`, generateCertificate('saml_sp_encryption_certs')],
  [`DELETE ${ROOT}/saml_sp_encryption_certs/{certificateId}`, removeCertificate('saml_sp_encryption_certs')],
  [`GET ${ROOT}/saml_sp_signing_cert`, getSigningCertificate],
  [`POST ${ROOT}/saml_sp_signing_cert`, generateCertificate('saml_sp_signing_cert')],
  [`DELETE ${ROOT}/saml_sp_signing_cert/{certificateId}`, removeCertificate('saml_sp_signing_cert')],
];

/** How many certificates of each kind that WorkOS generates a connection may have, and the error code beyond that. */
const LIMITS: Partial<Record<Table, { most: number; code: string }>> = {
  saml_sp_encryption_certs: { most: 5, code: 'too_many_sp_encryption_certs' },
  saml_sp_signing_cert: { most: 1, code: 'sp_signing_cert_already_exists' },
};

export function addCertificate(state: State, table: Table, connection: Connection, fields: CertificateFields) {
  return state.add(table, {
    ...fields,
    connection_id: connection.id,
    _organization_id: connection.organization_id ?? '',
  });
}

/** A connection's certificates of one kind, oldest first. */
export function certificatesOf(state: State, table: Table, connectionId: string): SamlCertificate[] {
  return state.where(table, { connection_id: connectionId }).sort(compareAge);
}

/** Reads a certificate. @throws HttpError 400 if it is invalid or has expired */
export function readValidCertificate(state: State, value: string): CertificateFields {
  const fields = readCertificate(value);
  if (Date.parse(fields.not_after) <= state.now()) {
    throw apiError(400, 'certificate_expired', `The certificate expired on ${fields.not_after}.`);
  }
  return fields;
}

function samlConnection(state: State, id: string | undefined): Connection {
  const connection = state.find('connections', id ?? '');
  if (!connection.connection_type.endsWith('SAML')) {
    throw apiError(400, 'connection_is_not_saml', `The connection '${connection.id}' is not a SAML connection.`);
  }
  return connection;
}

function listCertificates(table: Table): Handler {
  return ({ params }, state) => {
    const certificates = certificatesOf(state, table, samlConnection(state, params['connectionId']).id);
    return { body: { object: 'list', data: certificates.map((certificate) => present(state, table, certificate)) } };
  };
}

function addIdpCertificate({ params, body }: ApiRequest, state: State): ApiResponse {
  const connection = samlConnection(state, params['connectionId']);
  const fields = readValidCertificate(state, requiredString(body, 'value'));
  const certificate = addCertificate(state, 'saml_idp_signing_certs', connection, fields);
  return respond(state, 'saml_idp_signing_certs', certificate);
}

function generateCertificate(table: Table): Handler {
  return ({ params }, state) => {
    const connection = samlConnection(state, params['connectionId']);
    const limit = LIMITS[table];
    if (limit && certificatesOf(state, table, connection.id).length >= limit.most) {
      throw apiError(
        409,
        limit.code,
        `The connection has ${limit.most} of these certificates already. Delete one first.`,
      );
    }
    return respond(state, table, addCertificate(state, table, connection, generatedCertificate()));
  };
}

function getSigningCertificate({ params }: ApiRequest, state: State): ApiResponse {
  const connection = samlConnection(state, params['connectionId']);
  const [certificate] = certificatesOf(state, 'saml_sp_signing_cert', connection.id);
  if (!certificate) throw notFound(KINDS.saml_sp_signing_cert.noun, connection.id);
  return respond(state, 'saml_sp_signing_cert', certificate);
}

function removeCertificate(table: Table): Handler {
  return ({ params, id }, state) => {
    const connection = samlConnection(state, params['connectionId']);
    const certificates = certificatesOf(state, table, connection.id);
    if (!certificates.some((certificate) => certificate.id === id)) throw notFound(KINDS[table].noun, id);
    if (table === 'saml_idp_signing_certs' && certificates.length === 1) {
      throw apiError(400, 'cannot_delete_last_certificate', 'The last certificate of a connection cannot be deleted.');
    }
    state.remove(table, id);
    return {};
  };
}
