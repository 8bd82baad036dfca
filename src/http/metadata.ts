import { WELL_KNOWN } from '../config/http-settings.ts';

/** The addresses of this server and what they answer. */
export interface Endpoints {
  /** What clients call the server, and tokens are for. */
  resource: string;
  /** The path of the MCP endpoint. */
  path: string;
  /** The URL of the metadata, for those who come without a token. */
  metadataUrl: string;
  /** The paths of the metadata. https://www.rfc-editor.org/rfc/rfc9728#section-3.1 */
  metadataPaths: readonly string[];
}

const METADATA = `${WELL_KNOWN}oauth-protected-resource`;

/** The path at which clients of an older protocol look for the authorization server. */
export const AUTHORIZATION_SERVER = `${WELL_KNOWN}oauth-authorization-server`;

/** Where a server with this public URL answers what. */
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

/** Whom tokens for this resource may name as their audience. A URL without a path is written in two ways. */
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
    // Clients ask for what stands here, and without the last one they get no refresh token: a sign-in would end with its first token.
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    resource_name: 'WorkOS',
  };
}

/** The challenge to somebody without a token, or with one that is not accepted. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export function challenge(metadataUrl: string, problem: string | undefined): string {
  const error = problem === undefined ? '' : `error="invalid_token", error_description="${problem}", `;
  return `Bearer ${error}resource_metadata="${metadataUrl}"`;
}
