// A session that both WorkOS's emulator and the sandbox must pass, as steps that call this server's tools. The emulator is known
// to differ from the API: it ignores plain `domains`, updates roles with PUT instead of PATCH, answers DELETE with 204, and
// answers 409 for a user that already exists. The steps rely only on what all three have in common.

const ORGANIZATION_COUNT = 35;

export function expect(condition, expected, actual) {
  if (!condition) throw new Error(`expected ${expected}, got ${JSON.stringify(actual)?.slice(0, 600)}`);
}

/** The main session: what both have in common. */
export async function session({ call, fail, list, create }, step) {
  let organization;
  let user;
  let membership;
  let connection;

  await step('The server lists its core tools', async () => {
    const names = await list();
    for (const name of ['list_organizations', 'create_user', 'check_connector', 'find_tools'])
      expect(names.includes(name), name, names);
    return `${names.length} tools`;
  });
  await step('check_connector finds the connection healthy', async () => {
    const checked = await call('check_connector');
    expect(checked.healthy === true, 'healthy', checked);
    const problems = checked.findings.filter((finding) => finding.status === 'problem');
    expect(problems.length === 0, 'no problems', problems);
    expect(!/sk_test_(default|sandbox)/.test(JSON.stringify(checked)), 'no key in the findings', checked);
    return checked.summary;
  });

  await step('An organization is created with plain domains', async () => {
    organization = await call('create_organization', { name: 'Juniper Books', domains: ['juniper.example'] });
    expect(/^org_/.test(organization.id), 'an id', organization);
    const [domain] = organization.domains;
    expect(domain?.domain === 'juniper.example' && domain.state === 'pending', 'a pending domain', organization);
    return organization.id;
  });
  await step('The organization is read back', async () => {
    const read = await call('get_organization', { organization_id: organization.id });
    expect(read.name === 'Juniper Books', 'its name', read);
  });
  await step('The organization is renamed with an unlisted tool', async () => {
    await call('call_write_tool', {
      tool: 'update_organization',
      arguments: { organization_id: organization.id, name: 'Juniper & Sons', external_id: 'juniper/1' },
    });
    const read = await call('get_organization', { organization_id: organization.id });
    expect(read.name === 'Juniper & Sons', 'the new name', read);
  });
  await step('The organization is found by an external id that contains a slash', async () => {
    const found = await call('call_read_tool', {
      tool: 'get_organization_by_external_id',
      arguments: { external_id: 'juniper/1' },
    });
    expect(found.id === organization.id, 'the same organization', found);
  });
  await step('The organization is in the list', async () => {
    const { data } = await call('list_organizations', { limit: 100 });
    expect(
      data.some(({ id }) => id === organization.id),
      'it',
      data,
    );
  });

  await step('A user is created', async () => {
    user = await call('create_user', { email: 'ada@juniper.example', first_name: 'Ada', email_verified: true });
    expect(/^user_/.test(user.id) && user.email_verified === true, 'a user with a verified email address', user);
  });
  await step('The user is updated, and fields that were left out are kept', async () => {
    const changed = await call('update_user', { user_id: user.id, last_name: 'Nkemelu' });
    expect(changed.first_name === 'Ada' && changed.last_name === 'Nkemelu', 'both names', changed);
  });
  await step('The user is found by email address', async () => {
    const { data } = await call('list_users', { email: 'ada@juniper.example' });
    expect(data.length === 1 && data[0].id === user.id, 'one user', data);
  });
  await step('A second user with the same email address is rejected', async () => {
    const error = await fail('create_user', { email: 'ada@juniper.example' });
    // The emulator answers 409, the API 400 with user_creation_error.
    expect(['conflict', 'input'].includes(error.kind), 'conflict or input', error);
    return `${error.kind} ${error.status}`;
  });

  await step('A role is created and listed', async () => {
    await call('call_write_tool', { tool: 'create_role', arguments: { slug: 'editor', name: 'Editor' } });
    const { data } = await call('list_roles');
    expect(
      data.some(({ slug }) => slug === 'editor'),
      'editor',
      data,
    );
  });
  await step('The role is read by its slug and by its id', async () => {
    const bySlug = await call('get_role', { role_slug: 'editor' });
    const byId = await call('get_role', { role_slug: bySlug.id });
    expect(byId.slug === 'editor', 'editor', byId);
  });
  await step('The user joins the organization with that role', async () => {
    membership = await call('create_organization_membership', {
      user_id: user.id,
      organization_id: organization.id,
      role_slug: 'editor',
    });
    expect(membership.role?.slug === 'editor', 'the role', membership);
  });
  await step('The membership is listed for its organization and for its user', async () => {
    for (const filter of [{ organization_id: organization.id }, { user_id: user.id }]) {
      const { data } = await call('list_organization_memberships', filter);
      expect(data.length === 1 && data[0].id === membership.id, 'it', data);
    }
  });
  await step('A connection is listed and read', async () => {
    connection = await create('/connections', {
      name: 'Juniper Okta',
      connection_type: 'OktaSAML',
      organization_id: organization.id,
      saml_options: { idp_metadata_url: 'https://okta.example/metadata' },
    });
    const { data } = await call('list_connections', { organization_id: organization.id });
    expect(data.length === 1 && data[0].id === connection.id, 'one connection', data);
    const read = await call('get_connection', { connection_id: connection.id });
    expect(read.name === 'Juniper Okta', 'its name', read);
  });

  await step(`${ORGANIZATION_COUNT} organizations are created in one call`, async () => {
    const names = Array.from({ length: ORGANIZATION_COUNT }, (_, at) => ({
      name: `Branch ${String(at).padStart(2, '0')}`,
    }));
    const batch = await call('call_write_tool', { tool: 'create_organization', arguments: names });
    expect(batch.succeeded === ORGANIZATION_COUNT && batch.failed === 0, 'all to succeed', batch);
    expect(
      batch.rows.every(({ index, value }, at) => index === at && value.name === names[at].name),
      'rows in the order of the arguments',
      batch,
    );
  });
  await step('Following the cursor ten at a time covers every organization once', async () => {
    const seen = [];
    let after;
    do {
      const page = await call('list_organizations', { limit: 10, ...(after && { after }) });
      seen.push(...page.data.map(({ id }) => id));
      after = page.list_metadata?.after;
    } while (after && seen.length < 200);
    expect(
      seen.length === ORGANIZATION_COUNT + 1 && new Set(seen).size === ORGANIZATION_COUNT + 1,
      `${ORGANIZATION_COUNT + 1} distinct ids`,
      seen.length,
    );
    return `${seen.length} organizations`;
  });
  await step('all_pages with a query returns one number instead of the pages', async () => {
    const counted = await call('list_organizations', { all_pages: true, limit: 10, query: 'length(data)' });
    expect(
      counted.result === ORGANIZATION_COUNT + 1 && counted.stopped === 'end',
      `${ORGANIZATION_COUNT + 1}`,
      counted,
    );
  });
  await step('all_pages stops at max_items, and its cursor continues from there', async () => {
    const first = await call('list_organizations', { all_pages: true, limit: 10, max_items: 25 });
    expect(first.items === 25 && first.stopped === 'max_items', '25', first);
    const rest = await call('list_organizations', { all_pages: true, after: first.list_metadata.after });
    const ids = new Set([...first.data, ...rest.data].map(({ id }) => id));
    expect(ids.size === ORGANIZATION_COUNT + 1 && rest.items === ORGANIZATION_COUNT + 1 - 25, 'the rest', rest);
  });
  await step('Ascending order is the reverse of descending order', async () => {
    const [down, up] = await Promise.all(
      ['desc', 'asc'].map((order) => call('list_organizations', { order, limit: 100, query: 'data[].id' })),
    );
    expect(down.result.join() === up.result.toReversed().join(), 'the reverse', [down.result[0], up.result[0]]);
  });
  await step('A query picks fields from one page', async () => {
    const { result } = await call('list_organizations', { limit: 100, query: "data[?name=='Branch 07'].name" });
    expect(result.length === 1, 'one', result);
  });

  await step('An unknown id is reported as not_found with the tool that lists ids', async () => {
    const error = await fail('get_organization', { organization_id: 'org_nowhere' });
    expect(error.kind === 'not_found' && error.status === 404, '404', error);
    expect(error.hint.includes('list_organizations'), 'list_organizations', error.hint);
  });
  await step('A membership list without a filter is rejected before it is sent', async () => {
    const error = await fail('list_organization_memberships', {});
    expect(error.kind === 'input' && error.status === undefined, 'input', error);
  });
  await step('An id that would traverse the path is rejected before it is sent', async () => {
    const error = await fail('get_organization', { organization_id: '..' });
    expect(error.kind === 'input' && error.status === undefined, 'input', error);
  });

  await step('The connection, membership and user are deleted', async () => {
    await call('delete_connection', { connection_id: connection.id });
    await call('delete_organization_membership', { organization_membership_id: membership.id });
    await call('delete_user', { user_id: user.id });
    const errors = [
      await fail('get_connection', { connection_id: connection.id }),
      await fail('get_user', { user_id: user.id }),
    ];
    expect(
      errors.every(({ status }) => status === 404),
      '404 for both',
      errors,
    );
    const { data } = await call('list_organization_memberships', { organization_id: organization.id });
    expect(data.length === 0, 'no members', data);
  });
  await step('The organization is deleted', async () => {
    const deleted = await call('delete_organization', { organization_id: organization.id });
    expect(deleted.ok === true, 'ok', deleted);
    const error = await fail('get_organization', { organization_id: organization.id });
    expect(error.status === 404, '404', error);
  });
  await step('Several organizations are deleted in one destructive call', async () => {
    const { result } = await call('list_organizations', { limit: 5, query: 'data[].{organization_id: id}' });
    const batch = await call('call_destructive_tool', { tool: 'delete_organization', arguments: result });
    expect(batch.succeeded === 5, 'five', batch);
    const left = await call('list_organizations', { all_pages: true, query: 'length(data)' });
    expect(left.result === ORGANIZATION_COUNT - 5, `${ORGANIZATION_COUNT - 5} left`, left);
  });
}

/** The session with a server that asks before it deletes. */
export async function confirmationSession(server, step) {
  await step('With --confirm always, a delete first returns a preview and changes nothing', async () => {
    const { id } = await server.call('create_organization', { name: 'Short-lived' });
    const preview = await server.call('delete_organization', { organization_id: id });
    expect(preview.changed === false && preview.confirmation, 'a preview', preview);
    expect(preview.preview[0].target.includes('Short-lived'), 'its name', preview);
    await server.call('get_organization', { organization_id: id });
    await server.call('delete_organization', { organization_id: id, confirmation: preview.confirmation });
    const error = await server.fail('get_organization', { organization_id: id });
    expect(error.status === 404, '404', error);
  });
}

/** The session with an unknown key. */
export async function wrongKeySession(server, step) {
  await step('A wrong key is reported as an auth error that points to check_connector', async () => {
    const error = await server.fail('list_organizations', {});
    expect(error.kind === 'auth' && error.status === 401, '401', error);
    expect(error.hint.includes('check_connector'), 'check_connector', error.hint);
  });
  await step('check_connector reports that the key was rejected and shows at most four of its characters', async () => {
    const checked = await server.call('check_connector');
    expect(checked.healthy === false, 'not healthy', checked);
    const finding = checked.findings.find(({ check }) => check === 'key');
    expect(finding?.status === 'problem' && finding.fix, 'a problem with a fix', finding);
    expect(!JSON.stringify(checked).includes('stranger'), 'no key', checked);
  });
}

/**
 * The session of the diagnoses, on records that both have. It is not compared request by request, because the emulator returns
 * events of every type if several types are requested.
 */
export async function diagnosisSession({ call, create }, step) {
  const domain_data = [{ domain: 'cedar.example', state: 'verified' }];
  const { id: organization } = await create('/organizations', { name: 'Cedar Tools', domain_data });
  const { id: user } = await create('/user_management/users', { email: 'ada@cedar.example', email_verified: true });
  const membership = { user_id: user, organization_id: organization };
  const { id: om } = await create('/user_management/organization_memberships', membership);
  await create('/user_management/invitations', { email: 'bea@cedar.example', organization_id: organization });
  const first = async (tool, input) => {
    const { findings } = await call(tool, input);
    return `${findings[0].check} ${findings[0].status}`;
  };
  await step('diagnose_sign_in finds nothing that keeps a member out', async () => {
    const found = await first('diagnose_sign_in', { user: 'ada@cedar.example' });
    expect(found === 'sign_in warning', 'that they have never signed in', found);
  });
  await step('diagnose_sign_in finds an invitation that was not accepted', async () => {
    const found = await first('diagnose_sign_in', { user: 'bea@cedar.example', organization });
    expect(found === 'invitation problem', 'the invitation', found);
  });
  await step('diagnose_sign_in finds an inactive membership', async () => {
    await call('call_destructive_tool', {
      tool: 'deactivate_organization_membership',
      arguments: { organization_membership_id: om },
    });
    const found = await first('diagnose_sign_in', { user, organization });
    expect(found === 'membership problem', 'the membership', found);
  });
  await step('diagnose_sign_in finds that a user was deleted', async () => {
    await call('delete_user', { user_id: user });
    const found = await first('diagnose_sign_in', { user });
    expect(found === 'user problem', 'the user', found);
  });
  await step('diagnose_organization finds that nobody is a member', async () => {
    const { findings } = await call('diagnose_organization', { organization: 'cedar.example' });
    const members = findings.find(({ check }) => check === 'members');
    expect(members?.detail === 'no members', 'no members', findings);
  });
}
