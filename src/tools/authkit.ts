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
      input: { ...page },
    }),

    create_redirect_uri: endpoint('POST /user_management/redirect_uris', {
      title: 'Create redirect URI',
      description: 'Allow another callback URL for sign-ins.',
      input: { uri: z.string().describe('Such as https://app.example.com/callback') },
    }),

    delete_redirect_uri: endpoint('DELETE /user_management/redirect_uris/{redirect_uri_id}', {
      title: 'Delete redirect URI',
      description: 'Remove an allowed callback URL; sign-ins that use it fail. Answers 409 for the default one.',
      input: { redirect_uri_id: id() },
      readBack: 'list_redirect_uris',
    }),

    list_cors_origins: endpoint('GET /user_management/cors_origins', {
      title: 'List CORS origins',
      description: 'List the web origins whose scripts may call WorkOS.',
      input: { ...page },
    }),

    create_cors_origin: endpoint('POST /user_management/cors_origins', {
      title: 'Create CORS origin',
      description: 'Allow scripts from another web origin to call WorkOS. The API cannot remove it.',
      input: { origin: z.string().describe('Such as https://app.example.com') },
    }),

    list_authkit_oauth_resources: endpoint('GET /user_management/authkit_oauth_resources', {
      title: 'List AuthKit OAuth resources',
      description: 'List the MCP resource indicators (RFC 8707) that AuthKit issues tokens for.',
      input: { ...page },
    }),

    create_authkit_oauth_resource: endpoint('POST /user_management/authkit_oauth_resources', {
      title: 'Create AuthKit OAuth resource',
      description: 'Let AuthKit issue tokens for one more MCP server. A duplicate is a 422.',
      input: {
        uri: z.string().describe("The MCP server's URL"),
        default: z.boolean().optional().describe('For clients that name no resource'),
      },
    }),

    delete_authkit_oauth_resource: endpoint('DELETE /user_management/authkit_oauth_resources/{oauth_resource_id}', {
      title: 'Delete AuthKit OAuth resource',
      description: 'Remove a resource indicator and the consents given for it.',
      input: { oauth_resource_id: id() },
      readBack: 'list_authkit_oauth_resources',
    }),

    get_jwt_template: endpoint('GET /user_management/jwt_template', {
      title: 'Get JWT template',
      description: 'Get the template for custom claims in access tokens. Answers 404 if none is set.',
      input: {},
    }),

    update_jwt_template: endpoint('PUT /user_management/jwt_template', {
      title: 'Update JWT template',
      description:
        'Replace the template for custom claims in every new access token. Apps may rely on its claims: save get_jwt_template first.',
      input: {
        content: z.string().describe('Liquid template that renders a JSON object'),
      },
      effect: 'delete',
      readBack: 'get_jwt_template',
      replaces: { content: {} },
    }),
  },
);
