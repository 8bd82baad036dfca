import type { Kinds, Row } from './kind.ts';

/** The public certificate of a key pair. The sandbox keeps no private keys. */
export interface SamlCertificate extends Row {
  object: string;
  connection_id: string;
  /** In PEM. */
  value: string;
  not_before: string;
  not_after: string;
  _organization_id: string;
}

/** One table per purpose of the key pair, named like the paths of the API. */
export interface SamlCertificateTables {
  saml_idp_signing_certs: SamlCertificate;
  saml_sp_encryption_certs: SamlCertificate;
  saml_sp_signing_cert: SamlCertificate;
}

export const samlCertificateKinds: Kinds<SamlCertificateTables> = {
  saml_idp_signing_certs: {
    object: 'saml_idp_signing_certificate',
    prefix: 'saml_idp_signing_cert',
    noun: 'SAML IdP Signing Certificate',
  },
  saml_sp_encryption_certs: {
    object: 'saml_sp_encryption_certificate',
    prefix: 'saml_sp_encryption_cert',
    noun: 'SAML SP Encryption Certificate',
  },
  saml_sp_signing_cert: {
    object: 'saml_sp_signing_certificate',
    prefix: 'saml_sp_signing_cert',
    noun: 'SAML SP Signing Certificate',
  },
};
