import { describe, expect, it } from 'vitest';
import { placeholders } from '../../src/client/request-plan.ts';
import { tools } from '../../src/tools/catalog.ts';
import { anonymous, compareFields, definitions, operations, pairs, policies, routesOf } from '../operations.ts';

type Reasons = Readonly<Record<string, string>>;

/** Operations without a tool. */
const NOT_A_TOOL: Reasons = {};

/** Fields of the API that a tool leaves out. */
const LEFT_OUT: Reasons = {
  'list_authkit_oauth_resources.order': 'the document does not say which values it takes',
  'authenticate_user.client_secret': 'the configured key is sent as client_secret',
  'exchange_sso_code.client_secret': 'the configured key is sent as client_secret',
};

/** Arguments the API does not have. */
const OUR_OWN: Reasons = {
  'get_sso_profile.access_token': 'sent as the Bearer token',
  'poll_audit_export.wait_seconds': 'how long to wait for the export',
  'get_sso_authorization_url.code_challenge': 'PKCE, in the official SDKs only',
  'get_sso_authorization_url.code_challenge_method': 'PKCE, in the official SDKs only',
  'exchange_sso_code.code_verifier': 'PKCE, in the official SDKs only',
  'authenticate_user.link_authorization_code': 'in the official SDKs, and in an error code of the document',
  'create_connection.organization_id': 'the document names it in prose and leaves out its schema',
  'create_connection.connection_type': 'the document names it in its error codes and leaves out its schema',
  'create_connection.external_id': 'the document names it in prose and leaves out its schema',
  'update_connection.external_id': 'the document names it in its error codes and leaves out its schema',
};

/** Fields that are required only by the tool or only by the API. */
const REQUIRED_DIFFERS: Reasons = {
  '*.client_id': 'WORKOS_CLIENT_ID is used if omitted',
  'exchange_sso_code.grant_type': 'authorization_code is meant if omitted',
  'get_sso_authorization_url.response_type': 'it has only one value',
  'get_authorization_url.response_type': 'it has only one value',
  'enroll_user_auth_factor.type': 'it has only one value',
  'link_agent_claim_to_user.type': 'it has only one value',
  'list_events.events': 'the live API returns 400 without it',
};

/** Fields whose type differs from the API's. */
const TYPES_DIFFER: Reasons = {
  'update_organization.stripe_customer_id is null|string, the API says string':
    'the official SDK sends null: https://github.com/workos/workos-node/blob/main/src/organizations/interfaces/update-organization-options.interface.ts',
  'update_organization.metadata.* is null|string, the API says string': 'null deletes the key',
  'update_user.metadata.* is null|string, the API says string': 'null deletes the key',
};

/** Strings whose choices the API keeps extending, so a closed list would soon refuse valid ones. */
const GROWING: Reasons = {
  'list_connections.connection_type': '50 identity providers',
  'get_sso_authorization_url.provider': '13 identity providers',
  'get_authorization_url.provider': '14 identity providers',
  'send_invitation.locale': '90 languages',
  'resend_invitation.locale': '90 languages',
  'create_webhook_endpoint.events[]': '93 events',
  'update_webhook_endpoint.events[]': '93 events',
  'create_widget_token.scopes[]': 'one more for each new widget',
  'generate_portal_link.intent': 'one more for each new page of the portal',
  'add_radar_list_entry.type': 'one more for each new signal',
  'remove_radar_list_entry.type': 'one more for each new signal',
};

/** Choices named only in the API's descriptions. */
const CLOSED_IN_WORDS: Reasons = {};

/** Limits that differ from the API's. */
const BOUNDS_DIFFER: Reasons = {
  'send_invitation.expires_in_days has minimum 1, the API none': 'its description says 1 to 30',
  'send_invitation.expires_in_days has maximum 30, the API none': 'its description says 1 to 30',
  'list_vault_objects.limit has maximum 100, the API none': 'every other list has a maximum of 100',
};

/** Secret arguments that operations.json does not list. */
const MORE_SECRETS: Reasons = {
  'authenticate_user.email_completion_token': 'it signs somebody in',
  'authenticate_user.link_authorization_code': 'it signs somebody in',
  'exchange_sso_code.code_verifier': 'the secret half of PKCE',
  'exchange_sso_code.subject_token': 'an ID token',
  'create_connection.oidc_options.jwt_signing_key_pair.key': 'a private key',
  'create_connection.saml_options.sp_encryption_key_pairs[]': 'private keys',
  'update_org_owned_data_integration.api_key.secret': 'an API key',
};

/** Paths in operations.json that the document does not have. */
const NOT_A_FIELD: Reasons = {
  'create_connection.saml_options.sp_encryption_key_pair.key': 'it is called sp_encryption_key_pairs and is a list',
};

/** Other fields that a check needs besides those that exclude each other. */
const BESIDE: Readonly<Record<string, Record<string, string>>> = {
  list_fga_resources: { organization_id: 'org_1' },
};

describe('compared with the OpenAPI document, the tools', () => {
  it('cover every operation on its own route', () => {
    const missing = policies
      .filter(({ tool, operation }) => !routesOf(tools.get(tool)).map(anonymous).includes(anonymous(operation)))
      .map(({ tool, operation }) => `${tool}: ${operation}`);
    expectExactly(missing, NOT_A_TOOL);
    expect(policies.map(({ operation }) => operation).sort()).toEqual(Object.keys(operations).sort());
  });

  it('use only routes of operations, each by one tool', () => {
    const known = new Set(Object.keys(operations).map(anonymous));
    const documented = [...tools.values()].filter(({ undocumented }) => !undocumented);
    const used = documented.flatMap((tool) => routesOf(tool).map((route) => [anonymous(route), tool.name]));
    expect(used.filter(([route = '']) => !known.has(route))).toEqual([]);
    const routes = used.map(([route]) => route);
    expect(used.filter(([route], index) => routes.indexOf(route) !== index)).toEqual([]);
  });

  it('name path arguments as operations.json does', () => {
    const renamed = pairs.flatMap(({ name, tool, policy }) =>
      routesOf(tool)
        .filter((route) => anonymous(route) === anonymous(policy.operation))
        .map((route) => [name, placeholders(route)] as const)
        .filter(([, names]) => names.join() !== placeholders(`GET /${policy.path}`).join()),
    );
    expect(renamed).toEqual([]);
  });

  it('accept every field that is not deprecated', () => {
    const missing = compareFields((path, want, have) => (!have && !want?.deprecated ? [path] : []));
    expectExactly(missing, LEFT_OUT);
  });

  it('accept no field that the API does not have', () => {
    expectExactly(
      compareFields((path, want) => (want ? [] : [path])),
      OUR_OWN,
    );
  });

  it('require what the API requires', () => {
    const differing = compareFields((path, want, have) =>
      want && have && (want.required ?? false) !== (have.required ?? false) ? [path] : [],
    );
    expectExactly(differing, REQUIRED_DIFFERS);
  });

  it('accept the types of the API, including null', () => {
    const differing = compareFields((path, want, have) => {
      if (!want || !have || want.types.length === 0) return [];
      const [theirs, ours] = [want.types.join('|'), have.types.join('|')];
      return theirs === ours ? [] : [`${path} is ${ours || 'anything'}, the API says ${theirs}`];
    });
    expectExactly(differing, TYPES_DIFFER);
  });

  it('offer the choices of the API, or any string if it keeps adding choices', () => {
    const differing = compareFields((path, want, have) => {
      if (!want || !have) return [];
      // WorkOS also documents `normal`, which is another name for one of the other two.
      const theirs = want.enum?.filter((choice) => !(path.endsWith('.order') && choice === 'normal'));
      if (have.enum) {
        return have.enum.join() === theirs?.join()
          ? []
          : [`${path} is ${have.enum.join('|')}, not ${theirs?.join('|') ?? 'anything'}`];
      }
      return theirs ? [path] : [];
    });
    expectExactly(differing, { ...GROWING, ...CLOSED_IN_WORDS });
  });

  it('have the same limits as the API', () => {
    const differing = compareFields((path, want, have) => {
      if (!want || !have) return [];
      return [
        ...(['minimum', 'minLength', 'minItems'] as const).filter((bound) =>
          have[bound] === undefined ? want[bound] !== undefined : have[bound] > (want[bound] ?? -Infinity),
        ),
        ...(['maximum', 'maxLength', 'maxItems'] as const).filter((bound) =>
          have[bound] === undefined ? want[bound] !== undefined : have[bound] < (want[bound] ?? Infinity),
        ),
      ].map((bound) => `${path} has ${bound} ${have[bound] ?? 'none'}, the API ${want[bound] ?? 'none'}`);
    });
    expectExactly(differing, BOUNDS_DIFFER);
  });

  it('send each field where the API reads it', () => {
    const misplaced = pairs.flatMap(({ name, tool, operation: { query = {}, body } }) => {
      if (tool.kind !== 'endpoint') return [];
      const wrongBody =
        tool.hasBody !== (body !== undefined) ? [`${name} ${tool.hasBody ? 'has a' : 'lacks its'} body`] : [];
      const inBody = new Set(Object.keys(body ?? {}));
      const strays = tool.fields
        .filter((field) => !placeholders(tool.route).includes(field))
        .filter((field) =>
          tool.send === 'body' && !tool.queryFields.includes(field)
            ? !inBody.has(field) && field in query
            : !(field in query) && inBody.has(field),
        );
      return [...wrongBody, ...strays.map((field) => `${name}.${field} travels in the ${tool.send}`)];
    });
    expect(misplaced).toEqual([]);
  });
});

describe('fields that exclude each other', () => {
  const groups = pairs.flatMap(({ tool, operation }) =>
    Object.entries(operation.exclusive ?? {}).map(([group, rule]) => ({ name: tool.name, tool, group, ...rule })),
  );
  const filled = (tool: string, names: readonly string[]) => ({
    ...BESIDE[tool],
    ...Object.fromEntries(names.map((name) => [name, 'x'])),
  });

  it.each(groups)('are refused in combination by $name ($group)', ({ name, tool, variants }) => {
    const all = Object.values(variants);
    const accepted = all.flatMap((one, index) =>
      all.slice(index + 1).filter((other) => tool.check?.(filled(name, [...one, ...other])) === undefined),
    );
    expect(accepted).toEqual([]);
  });

  it.each(groups)(
    'are accepted one variant at a time by $name ($group)',
    ({ name, tool, variants, optional, optionalFields }) => {
      for (const [variant, names] of Object.entries(variants)) {
        expect(tool.check?.(filled(name, names))).toBeUndefined();
        const needed = names.filter((name) => !optionalFields?.[variant]?.includes(name));
        expect(tool.check?.(filled(name, needed))).toBeUndefined();
        if (needed.length < 2) continue;
        for (const left of needed) {
          expect(
            tool.check?.(
              filled(
                name,
                needed.filter((one) => one !== left),
              ),
            ),
            `${variant} without ${left}`,
          ).toBeDefined();
        }
      }
      expect(tool.check?.(filled(name, [])) === undefined).toBe(optional);
    },
  );
});

describe('every tool', () => {
  it.each(pairs)('$name matches its entry in operations.json', ({ name, tool, policy }) => {
    const hints = definitions.get(name)?.annotations;
    const { secrets } = tool;
    expect({
      toolset: tool.toolset,
      core: tool.core,
      readOnly: hints?.readOnlyHint,
      destructive: hints?.destructiveHint,
      idempotent: hints?.idempotentHint,
      paginated: tool.paged,
      auth: tool.kind === 'endpoint' ? tool.auth : 'api_key',
      redirect: tool.kind === 'endpoint' && tool.redirect,
      secretIn: (secrets.in ?? []).filter((field) => !(`${name}.${field}` in MORE_SECRETS)).sort(),
      secretOut: [...(secrets.out ?? [])].sort(),
      secretClass: secrets.class ?? 'none',
      consentFor: tool.consentFor,
    }).toEqual({
      toolset: policy.toolset,
      core: policy.core,
      readOnly: policy.readOnly,
      destructive: policy.destructive,
      idempotent: policy.idempotent,
      paginated: policy.paginated,
      auth: policy.auth === 'client_secret_body' ? 'client_secret' : policy.auth,
      redirect: policy.redirect,
      secretIn: policy.secretIn.filter((field) => !(`${name}.${field}` in { ...LEFT_OUT, ...NOT_A_FIELD })).sort(),
      secretOut: [...policy.secretOut].sort(),
      secretClass: policy.secretClass,
      consentFor: policy.consentFor ?? {},
    });
  });
});

/** Expects a reason for everything found, and no reason that is no longer needed. */
function expectExactly(found: readonly string[], reasons: Reasons): void {
  const anywhere = (one: string) => `*${one.slice(one.indexOf('.'))}`;
  expect(found.filter((one) => !(one in reasons) && !(anywhere(one) in reasons))).toEqual([]);
  const used = new Set(found.flatMap((one) => [one, anywhere(one)]));
  expect(Object.keys(reasons).filter((one) => !used.has(one))).toEqual([]);
}
