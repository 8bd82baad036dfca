import { authkit } from '../../src/tools/authkit.ts';
import { sends } from '../harness.ts';

sends(authkit, [
  [
    'list_redirect_uris',
    { limit: 5, before: 'ruri_b', after: 'ruri_a', order: 'asc' },
    'GET /user_management/redirect_uris?order=asc&limit=5&before=ruri_b&after=ruri_a',
  ],
  ['list_redirect_uris', {}, 'GET /user_management/redirect_uris?order=desc'],
  [
    'create_redirect_uri',
    { uri: 'https://app.acme.com/callback' },
    'POST /user_management/redirect_uris',
    { uri: 'https://app.acme.com/callback' },
  ],
  ['delete_redirect_uri', { redirect_uri_id: 'ruri_1' }, 'DELETE /user_management/redirect_uris/ruri_1'],
  [
    'list_cors_origins',
    { limit: 5, before: 'cors_b', after: 'cors_a', order: 'asc' },
    'GET /user_management/cors_origins?order=asc&limit=5&before=cors_b&after=cors_a',
  ],
  ['list_cors_origins', {}, 'GET /user_management/cors_origins?order=desc'],
  [
    'create_cors_origin',
    { origin: 'https://app.acme.com' },
    'POST /user_management/cors_origins',
    { origin: 'https://app.acme.com' },
  ],
  ['get_jwt_template', {}, 'GET /user_management/jwt_template'],
  [
    'update_jwt_template',
    { content: '{"role": {{organization_membership.role}}}' },
    'PUT /user_management/jwt_template',
    { content: '{"role": {{organization_membership.role}}}' },
  ],
  [
    'list_authkit_oauth_resources',
    { limit: 5, before: 'b', after: 'a' },
    'GET /user_management/authkit_oauth_resources?order=desc&limit=5&before=b&after=a',
  ],
  [
    'create_authkit_oauth_resource',
    { uri: 'https://mcp.acme.com', default: true },
    'POST /user_management/authkit_oauth_resources',
    { uri: 'https://mcp.acme.com', default: true },
  ],
  [
    'delete_authkit_oauth_resource',
    { oauth_resource_id: 'res_1' },
    'DELETE /user_management/authkit_oauth_resources/res_1',
  ],
]);
