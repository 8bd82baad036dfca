import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page } from './schemas.ts';

export const authkit = toolset(
  'authkit',
  'AuthKit: redirect URIs, CORS origins, OAuth resources and the JWT template',
  {
    list_redirect_uris: endpoint('GET /user_management/redirect_uris', {
      title: 'List redirect URIs',
      description: 'List the callback URLs that sign-ins may redirect to.',
      also: [
        'redirect mismatch',
        'allowed return addresses',
        'invalid, refused or rejected redirect',
        'login callback addresses',
      ],
      input: { ...page },
    }),

    create_redirect_uri: endpoint('POST /user_management/redirect_uris', {
      title: 'Create redirect URI',
      description: 'Allow another callback URL for sign-ins.',
      also: [
        'whitelist a return address',
        'localhost or preview callback refused',
        'invalid redirect error, mismatch',
        'new environment, deployment cannot log in',
        'login callback address',
      ],
      input: { uri: z.string().describe('Such as https://app.example.com/callback') },
    }),

    delete_redirect_uri: endpoint('DELETE /user_management/redirect_uris/{redirect_uri_id}', {
      title: 'Delete redirect URI',
      description: 'Remove an allowed callback URL; sign-ins that use it fail. Returns 409 for the default one.',
      also: ['old return address', 'disallow a callback'],
      input: { redirect_uri_id: id() },
      readBack: 'list_redirect_uris',
      hints: { conflict: 'It is the default, which cannot be deleted. Make another one the default in the dashboard.' },
    }),

    list_cors_origins: endpoint('GET /user_management/cors_origins', {
      title: 'List CORS origins',
      description: 'List the web origins whose scripts may call WorkOS.',
      also: ['allowed domains for the browser', 'CORS error, blocked', 'allowlist of frontends'],
      input: { ...page },
    }),

    create_cors_origin: endpoint('POST /user_management/cors_origins', {
      title: 'Create CORS origin',
      description: 'Allow scripts from another web origin to call WorkOS. The API cannot remove it.',
      also: [
        'CORS error in the browser',
        'frontend, JavaScript blocked, fetch fails',
        'allow localhost',
        'whitelist a domain',
      ],
      input: { origin: z.string().describe('Such as https://app.example.com') },
    }),

    list_authkit_oauth_resources: endpoint('GET /user_management/authkit_oauth_resources', {
      title: 'List AuthKit OAuth resources',
      description: 'List the MCP resource indicators (RFC 8707) that AuthKit issues tokens for.',
      also: ['MCP servers we protect', 'token audiences'],
      // The OpenAPI document does not say which values `order` takes here, so it is sent as for other lists but cannot be chosen.
      input: { limit: page.limit, before: page.before, after: page.after },
    }),

    create_authkit_oauth_resource: endpoint('POST /user_management/authkit_oauth_resources', {
      title: 'Create AuthKit OAuth resource',
      description: 'Let AuthKit issue tokens for one more MCP server. A duplicate is a 422.',
      also: ['protect an MCP server', 'let MCP clients log in', 'new audience'],
      input: {
        uri: z.string().describe("The MCP server's URL"),
        default: z.boolean().optional().describe('For clients that name no resource'),
      },
    }),

    delete_authkit_oauth_resource: endpoint('DELETE /user_management/authkit_oauth_resources/{oauth_resource_id}', {
      title: 'Delete AuthKit OAuth resource',
      description: 'Remove a resource indicator and the consents given for it.',
      also: ['stop protecting an MCP server', 'remove an audience'],
      input: { oauth_resource_id: id() },
      readBack: 'list_authkit_oauth_resources',
    }),

    get_jwt_template: endpoint('GET /user_management/jwt_template', {
      title: 'Get JWT template',
      description: 'Get the template for custom claims in access tokens. Returns 404 if none is set.',
      also: ['what is in the token', 'token contents, missing claim or field', 'session claims'],
      input: {},
      hints: { not_found: 'No template is set. update_jwt_template sets one.' },
    }),

    update_jwt_template: endpoint('PUT /user_management/jwt_template', {
      title: 'Update JWT template',
      description:
        'Replace the template for custom claims in every new access token. Apps may rely on its claims: save get_jwt_template first.',
      also: [
        'put, add or include a field, name or attribute in the token',
        'customize the JWT',
        'roles, permissions or department missing in the session token',
        'change claims',
      ],
      input: {
        content: z.string().describe('Liquid template that renders a JSON object'),
      },
      grantsAccess: 'always',
      effect: 'delete',
      readBack: 'get_jwt_template',
      replaces: { content: {} },
    }),
  },
);
