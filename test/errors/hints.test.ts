import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeletedObjects } from '../../src/call/deleted-objects.ts';
import { ApiError, copyOf } from '../../src/errors/errors.ts';
import { hintFor } from '../../src/errors/hints.ts';
import { tools } from '../../src/tools/catalog.ts';
import { routeOf } from '../../src/tools/define.ts';
import { type Connected, connect, type Reply } from '../harness.ts';
import { exampleOf } from '../trust/examples.ts';
import { dispatcherOf } from '../trust/fake-secrets.ts';

let server: Connected;
beforeAll(async () => {
  server = await connect({ flags: ['--toolsets', 'all', '--max-retries', '0', '--confirm', 'never'] });
});
afterAll(() => server.close());
beforeEach(() => server.api.respondWith(() => undefined));

async function hintOf(reply: Reply, tool: string, input: Record<string, unknown> = {}): Promise<string> {
  server.api.respondWith(() => reply);
  const { error } = await server.call(tool, input);
  expect(error?.status).toBe(reply.status);
  return error?.hint ?? '';
}

const missing: Reply = { status: 404, body: { message: 'Not Found' } };

describe('the hint about a wrong cursor', () => {
  const CURSOR = "If after or before did not come from this list's list_metadata, leave it out.";

  it.each<[string, Reply, string, Record<string, unknown>]>([
    ['nothing else was given', { status: 400, body: { message: 'Bad Request' } }, 'list_organizations', { after: 'x' }],
    ['nothing else but paging was given', missing, 'list_users', { before: 'x', limit: 2, order: 'asc' }],
    [
      'the message says so',
      { status: 422, body: { message: "No such object: 'after'." } },
      'list_users',
      { after: 'x', email: 'ada@acme.example' },
    ],
    [
      'the errors say so',
      { status: 422, body: { message: 'Invalid', errors: [{ code: 'invalid', field: 'before' }] } },
      'list_user_sessions',
      { user_id: 'user_1', before: 'x' },
    ],
    [
      'the code says so',
      { status: 400, body: { message: 'Invalid', code: 'invalid_cursor' } },
      'list_user_sessions',
      { user_id: 'user_1', after: 'x' },
    ],
  ])('stands alone if %s', async (_, reply, tool, input) => {
    expect(await hintOf(reply, tool, input)).toBe(CURSOR);
  });

  it('is given through call_read_tool too', async () => {
    const hint = await hintOf(missing, 'call_read_tool', { tool: 'list_users', arguments: { after: 'x' } });
    expect(hint).toBe(CURSOR);
  });

  it('is added to the hint about a feature that may be off', async () => {
    expect(await hintOf(missing, 'list_agent_sessions', { after: 'x' })).toMatch(
      /not enabled everywhere.*leave it out/,
    );
  });

  it('is added to what else may be wrong', async () => {
    const hint = await hintOf(missing, 'list_user_sessions', { user_id: 'user_1', after: 'x' });
    expect(hint).toBe(
      `Nothing in this key's environment has that id. Test and live keys see different objects. Find ids with list_users. ${CURSOR}`,
    );
  });

  it.each<[string, Reply, string, Record<string, unknown>]>([
    ['no cursor was given', missing, 'list_user_sessions', { user_id: 'user_1' }],
    [
      'a sentence is about something else',
      { status: 422, body: { message: 'range_end must not be before the beginning' } },
      'list_user_sessions',
      { user_id: 'user_1' },
    ],
    ['WorkOS failed', { status: 500, body: { message: 'after' } }, 'list_users', { after: 'x' }],
    ['the key was rejected', { status: 401, body: { message: 'Unauthorized' } }, 'list_users', { after: 'x' }],
  ])('is absent if %s', async (_, reply, tool, input) => {
    expect(await hintOf(reply, tool, input)).not.toContain('leave it out');
  });
});

describe('the hint that this server deleted an object', () => {
  const DELETED = /^An earlier call of this server deleted it/;
  const gone = async (tool: string, input: Record<string, unknown>) => {
    server.api.respondWith(() => ({ status: 204, body: '' }));
    expect((await server.call(tool, input)).error).toBeUndefined();
  };

  it.each<[string, string, Record<string, unknown>, string]>([
    ['read', 'delete_user', { user_id: 'user_read' }, 'get_user'],
    ['read in part', 'delete_user', { user_id: 'user_part' }, 'list_user_sessions'],
    ['deleted again', 'delete_user', { user_id: 'user_twice' }, 'delete_user'],
    ['read at another path', 'delete_vault_object', { vault_object_id: 'v_1' }, 'get_vault_object_metadata'],
  ])('is given when the object is %s', async (_, remover, input, reader) => {
    await gone(remover, input);
    expect(await hintOf(missing, reader, input)).toMatch(DELETED);
  });

  it('is absent for other objects, after a failed deletion, and once the object exists again', async () => {
    await gone('delete_user', { user_id: 'user_a' });
    expect(await hintOf(missing, 'get_user', { user_id: 'user_ab' })).not.toMatch(DELETED);
    await hintOf({ status: 403, body: { message: 'no' } }, 'delete_user', { user_id: 'user_c' });
    expect(await hintOf(missing, 'get_user', { user_id: 'user_c' })).not.toMatch(DELETED);
    server.api.respondWith(() => ({ body: { id: 'user_a' } }));
    await server.call('get_user', { user_id: 'user_a' });
    expect(await hintOf(missing, 'get_user', { user_id: 'user_a' })).not.toMatch(DELETED);
  });

  it('is absent for a list from which an item was removed', async () => {
    const role = { group_id: 'group_1', role_slug: 'editor' };
    await gone('remove_group_role', role);
    expect(await hintOf(missing, 'list_group_role_assignments', { group_id: 'group_1' })).not.toMatch(DELETED);
  });

  it('covers the last thousand objects', () => {
    const deleted = new DeletedObjects();
    for (let number = 0; number <= 1_000; number++) deleted.note('DELETE /users/{user_id}', `/users/${number}`);
    expect(['/users/0', '/users/1', '/users/1000/sessions', '/users'].map((path) => deleted.has(path))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('a feature that is not enabled everywhere', () => {
  const FEATURE = /not enabled everywhere/;
  const all = [...tools.values()].filter((tool) => routeOf(tool) !== undefined);

  it.each(all.filter(({ notEverywhere }) => notEverywhere).map((tool) => [tool.name, tool] as const))(
    'may be the reason for a 403 or 404 from %s, called directly or through a dispatcher',
    async (name, tool) => {
      for (const status of [403, 404]) {
        const reply = { status, body: { message: 'no' } };
        expect(await hintOf(reply, name, exampleOf(tool))).toMatch(FEATURE);
        const call = { tool: name, arguments: exampleOf(tool) };
        expect(await hintOf(reply, dispatcherOf(tool), call)).toMatch(FEATURE);
      }
    },
  );

  it('is mentioned in the description of every such tool, and of no other', () => {
    const said = all.filter(({ description }) => FEATURE.test(description.toLowerCase()));
    expect(said.map(({ name }) => name)).toEqual(all.flatMap(({ name, notEverywhere }) => (notEverywhere ? name : [])));
  });
});

describe('a hint fits', () => {
  it.each<[string, number, string | undefined, RegExp]>([
    ['create_role', 409, 'role_slug_conflict', /slug exists.*list_roles/],
    ['create_organization_membership', 409, undefined, /already be in place.*list_organization_memberships/],
    ['create_vault_object', 409, undefined, /has this name.*update_vault_object/],
    ['update_vault_object', 409, undefined, /changed since.*get_vault_object_metadata/],
    ['delete_fga_resource', 409, 'resource_has_dependents', /cascade_delete/],
    ['delete_organization_role', 409, 'role_has_assignments', /update_organization_membership/],
    ['get_org_connected_account', 409, 'account_selection_required', /connected_account_id/],
    ['get_jwt_template', 404, undefined, /No template.*update_jwt_template/],
    ['create_password_reset', 404, undefined, /email address.*list_users/],
    ['create_organization_membership', 404, undefined, /one of those ids.*list_organizations/],
    ['send_invitation', 404, undefined, /one of those ids.*list_organizations/],
    ['list_permissions', 404, undefined, /check_connector/],
    ['get_sso_profile', 401, undefined, /access_token, not the key.*exchange_sso_code/],
    ['exchange_sso_code', 400, 'invalid_grant', /works once/],
    ['authenticate_user', 400, 'invalid_client', /WORKOS_CLIENT_ID/],
  ])('%s answered with %i %s', async (name, status, code, hint) => {
    const tool = tools.get(name);
    const reply = { status, body: { message: 'no', code } };
    expect(await hintOf(reply, name, tool && exampleOf(tool))).toMatch(hint);
    expect(
      await hintOf(reply, dispatcherOf(tool ?? fail()), { tool: name, arguments: exampleOf(tool ?? fail()) }),
    ).toMatch(hint);
  });

  // Every code that the OpenAPI document has for a 403, 409 or 410 of a tool.
  it.each<[string, number, string]>([
    ['link_agent_claim_to_user', 409, 'organization_selection_required email_already_in_use already_claimed'],
    ['link_agent_claim_to_user', 410, 'claim_expired user_code_expired'],
    ['link_agent_claim_to_user', 403, 'claim_denied auth_method_disabled'],
    ['expire_api_key', 409, 'api_key_already_expired'],
    ['assign_group_role', 409, 'duplicate_group_role_assignment'],
    ['create_organization_role', 409, 'organization_role_slug_conflict'],
    ['delete_organization_role', 409, 'role_has_assignments role_has_group_role_mappings'],
    ['delete_fga_resource', 409, 'resource_has_dependents resource_type_update_in_progress'],
    ['create_permission', 409, 'permission_slug_conflict'],
    ['create_fga_resource', 409, 'authorization_resource_external_id_conflict'],
    ['create_role', 409, 'role_slug_conflict'],
    ['create_connection', 409, 'connection_deletion_in_progress'],
    ['create_organization_domain', 409, 'domain_already_exists'],
    ['create_password_reset', 403, 'email_password_auth_disabled password_reset_not_allowed'],
    ['delete_user', 409, 'user_deletion_not_allowed'],
    ['confirm_email_change', 409, 'no_pending_email_change email_change_code_previously_used email_not_available'],
    ['send_email_change', 409, 'email_change_not_needed email_change_not_allowed'],
    ['create_webhook_endpoint', 409, 'duplicate_endpoint'],
    ['create_agent_blueprint', 409, 'name_already_in_use'],
    ['create_saml_encryption_certificate', 409, 'too_many_sp_encryption_certs'],
    ['create_saml_signing_certificate', 409, 'sp_signing_cert_already_exists'],
    ['create_it_contact', 409, 'it_contact_already_exists'],
    ['invite_it_contact', 409, 'it_contact_invitation_already_active'],
    ['create_team', 409, 'user_already_exists'],
    ['start_device_authorization', 403, 'access_denied'],
    [
      'authenticate_user',
      403,
      'authentication_method_not_allowed email_password_auth_disabled passkey_progressive_enrollment application_consent_required',
    ],
  ])('%s answered with %i, whatever the code', async (name, status, codes) => {
    const tool = tools.get(name) ?? fail();
    for (const code of codes.split(' ')) {
      const hint = await hintOf({ status, body: { message: 'no', code } }, name, exampleOf(tool));
      expect(hint, code).not.toMatch(
        /lacks the permission|conflicts with the current state|has that id|one of those ids/,
      );
    }
  });

  it('and names only tools that exist', () => {
    const request = { method: 'POST', path: '/x', attempts: 1 };
    const call = { tool: 'x', fields: [], hints: {}, notEverywhere: false, reader: undefined, allows: () => true };
    const codes = ['role_slug_conflict', 'duplicate_endpoint', 'no_pending_email_change'];
    const general = codes.map((code) => hintFor('conflict', new ApiError('', { request, status: 409, code }), call));
    const own = [...tools.values()].flatMap(({ hints }) => Object.values(hints));
    const named = [...general, ...own].flatMap(
      (hint) =>
        hint.match(
          /\b(?:get|list|create|update|delete|send|start|revoke|enroll|challenge|authenticate|exchange)_[a-z_]+/g,
        ) ?? [],
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !tools.has(name))).toEqual([]);
  });

  it('and a copy of an error keeps its message and status', () => {
    const error = new ApiError('no', { request: { method: 'GET', path: '/x', attempts: 1 }, status: 404 });
    expect(copyOf(error, { shown: ['a'] })).toMatchObject({ message: 'no', status: 404, shown: ['a'] });
  });
});

function fail(): never {
  throw new Error('no such tool');
}

it.each([
  [[], 'Find ids with list_users.'],
  [['--exclude-tools', 'list_users'], undefined],
])('with %j a hint names only tools that the settings allow', async (flags, source) => {
  const server = await connect({ flags, replies: () => ({ status: 404, body: { message: 'User not found' } }) });
  const { error } = await server.call('get_user', { user_id: 'user_1' });
  await server.close();
  if (source) expect(error?.hint).toContain(source);
  else expect(error?.hint).not.toContain('list_users');
});

describe('a hint tells a model of its own mistake:', () => {
  const gone: Reply = { status: 404, body: { message: 'Not Found', entity_id: 'ada@acme.example' } };

  it.each([
    ['in the path', 'get_user', { user_id: 'ada@acme.example' }],
    ['in the body', 'create_organization_membership', { user_id: 'ada@acme.example', organization_id: 'org_1' }],
  ])('an email address instead of an id, %s', async (_, tool, input) => {
    const hint = 'user_id must be an id, not an email address. list_users with email finds it.';
    expect(await hintOf(gone, tool, input)).toBe(hint);
  });

  it('the code of a single error, if the code of the response says less', async () => {
    const errors = [{ code: 'email_not_available', message: 'Taken' }];
    const reply = { status: 400, body: { message: 'Could not create user.', code: 'user_creation_error', errors } };
    expect(await hintOf(reply, 'create_user', { email: 'ada@acme.example' })).toBe(
      'Another user has this email address. list_users with email finds them.',
    );
  });

  it('no row ran, because a target does not exist', async () => {
    const asking = await connect({ flags: ['--toolsets', 'all', '--max-retries', '0', '--confirm', 'always'] });
    asking.api.respondWith(({ url }) => (url.endsWith('user_2') ? missing : { body: { id: 'user_1' } }));
    const input = { tool: 'delete_user', arguments: [{ user_id: 'user_1' }, { user_id: 'user_2' }] };
    const { error } = await asking.call('call_destructive_tool', input);
    await asking.close();
    expect(error?.hint).toMatch(/^No row was changed: this is about arguments\[1\]\. /);
    expect(asking.api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});
