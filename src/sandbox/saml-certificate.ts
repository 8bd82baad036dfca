import { X509Certificate } from 'node:crypto';
import { apiError } from './http/errors.ts';
import type { SamlCertificate } from './resources/saml-certificates.ts';

/** The fields stored for a certificate. */
export type CertificateFields = Pick<SamlCertificate, 'value' | 'not_before' | 'not_after'>;

/**
 * The certificate of every key pair that the sandbox generates, because Node cannot create certificates. Nobody has its private
 * key.
 */
const GENERATED = `-----BEGIN CERTIFICATE-----
MIICuzCCAaMCFAa+RqZuk49pnSB0ecIQn8bJ/v5VMA0GCSqGSIb3DQEBCwUAMBkx
FzAVBgNVBAMMDldvcmtPUyBTYW5kYm94MCAXDTI2MDEwMTAwMDAwMFoYDzIwNTEw
MTAxMDAwMDAwWjAZMRcwFQYDVQQDDA5Xb3JrT1MgU2FuZGJveDCCASIwDQYJKoZI
hvcNAQEBBQADggEPADCCAQoCggEBAIjkfk13at2BNht473LTreWTbOC50ikEP0cv
lck1BYq6dN8mEKOGvy8KRvKjbiHNCi2D/zBPOaCRXA7CljxRplV26NUwuuLJnZv1
ejvV62ykQtM3RkNbOe8hwIfc5rxvJy/e3PbGgy4TiPbboiQucO7jZXgUXCh+yLMa
BP2fIw55pDKw9ZM4rzYkJCjD0j9cSX3izw3zpekNoTzllr/vULL8454YnK/gogt+
CoY7qaoUELyTWTN7b8iLq61qqp4gPxZQn997Z3uivuw9g0OQKsSXuDN+2oA9OMY9
1eNLc/SbOEmLssSc1MJsPLqO9izsgSionlsmIGIqzcERXEYoez0CAwEAATANBgkq
hkiG9w0BAQsFAAOCAQEAHsG2yz5hf5kCM3lm4oggUkxfsuzVOGDPxdjQJzUZ8Ujb
KoKqVfpKD3zD7k20k3cX7lcOoAt0Gw91mQsmUmSI/96Dy0IIrg9dpi1QEw07RBf6
kBeuLmEfrreKmc9vfG9SkGIwA+XS9XThAbgls6PbCkJoUx8durZLkr3UgNdgAB8a
nfMRNe8b24vRZSBw8e8UzM1cjT1SSFKwmJWSnrRwQiXG5G0VP0YRNP5lwdxvqt8o
pWDZMEnr9V08RXCEWIwXT3WJGBgSWXKXuyFZWl8KCDqX0PHPLihllw2BBF/0X+Ra
aOjKemLKJn3QPD/B8GrT1fkTpwWcJ8o6UFP2XcPntg==
-----END CERTIFICATE-----`;

export function generatedCertificate(): CertificateFields {
  return readCertificate(GENERATED);
}

/**
 * Reads an X.509 certificate, in PEM or as bare base64.
 * @throws HttpError 400 if it is not a certificate
 */
export function readCertificate(text: string): CertificateFields {
  try {
    const isPem = text.includes('-----BEGIN');
    const certificate = new X509Certificate(isPem ? text.trim() : Buffer.from(text, 'base64'));
    return {
      value: certificate.toString().trim(),
      not_before: new Date(certificate.validFrom).toISOString(),
      not_after: new Date(certificate.validTo).toISOString(),
    };
  } catch {
    throw apiError(400, 'invalid_certificate', 'The value is not a valid X.509 certificate.');
  }
}
