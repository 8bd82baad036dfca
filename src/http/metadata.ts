import { WELL_KNOWN } from '../config/http-settings.ts';

/** The URLs and paths of this server. */
export interface Endpoints {
  /** The URL that clients use, which is also the audience of tokens. */
  resource: string;
  /** The path of the MCP endpoint. */
  path: string;
  /** The URL of the metadata, sent to clients without a token. */
  metadataUrl: string;
  /** The paths of the metadata. https://www.rfc-editor.org/rfc/rfc9728#section-3.1 */
  metadataPaths: readonly string[];
}

const METADATA = `${WELL_KNOWN}oauth-protected-resource`;

/** The path where clients of an older protocol look for the authorization server. */
export const AUTHORIZATION_SERVER = `${WELL_KNOWN}oauth-authorization-server`;

/** The endpoints of a server with this public URL. */
export function endpointsOf(publicUrl: string): Endpoints {
  const { origin, pathname } = new URL(publicUrl);
  const ofPath = pathname === '/' ? METADATA : METADATA + pathname;
  return {
    resource: publicUrl,
    path: pathname,
    metadataUrl: origin + ofPath,
    metadataPaths: [...new Set([METADATA, ofPath])],
  };
}

/** The audiences that tokens for this resource may name. A URL without a path can be written in two ways. */
export function audiencesOf(resource: string, clientId: string | undefined): string[] {
  const ways = new URL(resource).pathname === '/' ? [resource, `${resource}/`] : [resource];
  return clientId === undefined ? ways : [...ways, clientId];
}

/** The protected resource metadata. https://www.rfc-editor.org/rfc/rfc9728#section-2 */
export function resourceMetadata(resource: string, authkitDomain: string): Record<string, unknown> {
  return {
    resource,
    authorization_servers: [authkitDomain],
    bearer_methods_supported: ['header'],
    // Clients request these scopes. Without offline_access, they get no refresh token, and a sign-in ends with its first token.
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    resource_name: 'WorkOS',
  };
}

/** The challenge to a client without a token, or with one that is not accepted. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export function challenge(metadataUrl: string, problem: string | undefined): string {
  const error = problem === undefined ? '' : `error="invalid_token", error_description="${problem}", `;
  return `Bearer ${error}resource_metadata="${metadataUrl}"`;
}
