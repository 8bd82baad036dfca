import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { connect } from '../../src/tools/connect.ts';
import { sends } from '../harness.ts';

const oauth = {
  application_type: 'oauth',
  name: 'Acme',
  description: 'Their portal',
  scopes: ['openid', 'profile'],
  organization_id: 'org_1',
  is_first_party: false,
  redirect_uris: [
    { uri: 'https://example.com/callback', default: true },
    { uri: 'https://example.com/b', default: null },
  ],
  uses_pkce: true,
};

const externalSignIn = {
  external_auth_id: 'ext_auth_1',
  user: {
    id: 'u-1',
    email: 'ada@example.com',
    first_name: 'Ada',
    last_name: 'Lovelace',
    name: 'Ada Lovelace',
    metadata: { department: 'Engines' },
  },
  user_consent_options: [
    { claim: 'tos', type: 'enum', label: 'Terms', choices: [{ value: 'accepted', label: 'I accept' }] },
  ],
};

sends(connect, [
  [
    'list_connect_apps',
    {
      limit: 5,
      before: 'conn_app_b',
      after: 'conn_app_a',
      order: 'asc',
      registration_types: ['dynamic', 'authenticated'],
      organization_id: 'org_1',
    },
    'GET /connect/applications?order=asc&limit=5&before=conn_app_b&after=conn_app_a&registration_types=dynamic,authenticated&organization_id=org_1',
  ],
  ['list_connect_apps', {}, 'GET /connect/applications?order=desc'],
  ['create_connect_app', oauth, 'POST /connect/applications', oauth],
  [
    'create_connect_app',
    {
      application_type: 'oauth',
      name: 'Own',
      is_first_party: true,
      description: null,
      scopes: null,
      organization_id: null,
      redirect_uris: null,
      uses_pkce: null,
    },
    'POST /connect/applications',
    {
      application_type: 'oauth',
      name: 'Own',
      is_first_party: true,
      description: null,
      scopes: null,
      organization_id: null,
      redirect_uris: null,
      uses_pkce: null,
    },
  ],
  [
    'create_connect_app',
    { application_type: 'm2m', name: 'Robot', organization_id: 'org_1', scopes: [] },
    'POST /connect/applications',
    { application_type: 'm2m', name: 'Robot', organization_id: 'org_1', scopes: [] },
  ],
  ['get_connect_app', { connect_application_id: 'conn_app_1' }, 'GET /connect/applications/conn_app_1'],
  [
    'update_connect_app',
    {
      connect_application_id: 'conn_app_1',
      name: 'Acme',
      description: 'Portal',
      scopes: ['openid'],
      redirect_uris: [{ uri: 'https://example.com/callback' }],
    },
    'PUT /connect/applications/conn_app_1',
    {
      name: 'Acme',
      description: 'Portal',
      scopes: ['openid'],
      redirect_uris: [{ uri: 'https://example.com/callback' }],
    },
  ],
  [
    'update_connect_app',
    { connect_application_id: 'client_1', description: null, scopes: null, redirect_uris: null },
    'PUT /connect/applications/client_1',
    { description: null, scopes: null, redirect_uris: null },
  ],
  ['delete_connect_app', { connect_application_id: 'conn_app_1' }, 'DELETE /connect/applications/conn_app_1'],
  [
    'list_connect_app_secrets',
    { connect_application_id: 'conn_app_1' },
    'GET /connect/applications/conn_app_1/client_secrets',
  ],
  [
    'create_connect_app_secret',
    { connect_application_id: 'conn_app_1' },
    'POST /connect/applications/conn_app_1/client_secrets',
    {},
  ],
  ['delete_connect_app_secret', { client_secret_id: 'secret_1' }, 'DELETE /connect/client_secrets/secret_1'],
  [
    'list_organization_authorized_apps',
    { limit: 5, before: 'b', after: 'a', order: 'asc', organization_id: 'org_1' },
    'GET /organizations/org_1/authorized_applications?order=asc&limit=5&before=b&after=a',
  ],
  [
    'list_user_authorized_apps',
    { limit: 5, before: 'b', after: 'a', order: 'asc', user_id: 'user_1' },
    'GET /user_management/users/user_1/authorized_applications?order=asc&limit=5&before=b&after=a',
  ],
  [
    'revoke_user_authorized_app',
    { user_id: 'user_1', application_id: 'conn_app_1' },
    'DELETE /user_management/users/user_1/authorized_applications/conn_app_1',
  ],
  ['complete_external_auth', externalSignIn, 'POST /authkit/oauth2/complete', externalSignIn],
]);

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  ['create_connect_app', { application_type: 'oauth', name: 'A' }, /oauth needs is_first_party/],
  [
    'create_connect_app',
    { application_type: 'oauth', name: 'A', is_first_party: false },
    /is_first_party false needs organization_id/,
  ],
  ['create_connect_app', { application_type: 'm2m', name: 'A' }, /m2m needs organization_id/],
  [
    'create_connect_app',
    { application_type: 'm2m', name: 'A', organization_id: 'org_1', uses_pkce: true },
    /uses_pkce cannot be used with application_type m2m/,
  ],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = connect.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
