import type { Finding } from '../finding.ts';
import type { ChangedItem, KindDifference } from './comparison.ts';
import type { Kind } from './kinds.ts';
import { type Item, listIn, textsIn } from './landscape.ts';
import {
  byHand,
  commonFindings,
  fixedFindings,
  keptFindings,
  localFindings,
  named,
  stays,
  unclearFindings,
} from './promotion-findings.ts';
import { PromotionStep } from './steps.ts';

/** The steps that level two environments, and findings about everything else. */
export interface Promotion {
  steps: PromotionStep[];
  findings: Finding<string>[];
}

/** Options for {@link planPromotion}. */
interface PromotionOptions {
  /** The names of the two sides, for sentences. */
  from: string;
  to: string;
  only: readonly Kind[];
  /** The permissions that `to` has, including the built-in ones. Undefined if they could not be read. */
  permissions: ReadonlySet<string> | undefined;
}

/** The part of a plan that comes from one kind. */
interface Part {
  steps: readonly unknown[];
  findings?: readonly Finding<string>[];
}

/**
 * Plans the steps that give `to` what `from` has, in an order that works, with findings on what stays and what the API cannot do.
 * Nothing is deleted. Pure.
 */
export function planPromotion(differences: readonly KindDifference[], options: PromotionOptions): Promotion {
  const chosen = differences.filter(({ kind }) => options.only.includes(kind));
  const creates = chosen.find(({ kind }) => kind === 'permissions')?.onlyFrom.map(({ key }) => key) ?? [];
  const available = options.permissions && new Set([...options.permissions, ...creates]);
  const steps: PromotionStep[] = [];
  const findings: Finding<string>[] = [];
  for (const difference of chosen) {
    const part = partOf(difference, { ...options, permissions: available });
    const parsed = part.steps.map((step) => PromotionStep.safeParse(step));
    for (const { data } of parsed) if (data) steps.push(data);
    const unclear = parsed.filter(({ success }) => !success).length;
    const own = [...unclearFindings(difference.kind, unclear), ...(part.findings ?? [])];
    for (const finding of [...own, ...commonFindings(difference, options.to)]) findings.push(finding);
  }
  return { steps, findings };
}

function partOf(difference: KindDifference, options: PromotionOptions): Part {
  switch (difference.kind) {
    case 'permissions':
      return permissionsPart(difference);
    case 'roles':
      return rolesPart(difference, options);
    case 'feature_flags':
      return flagsPart(difference, options);
    case 'webhook_endpoints':
      return webhooksPart(difference, options);
    case 'redirect_uris':
      return redirectsPart(difference, options);
    case 'cors_origins':
      return {
        steps: difference.onlyFrom.map(({ key }) => ({ step: 'create_cors_origin', origin: key })),
        findings: localFindings(difference, options.to),
      };
    case 'jwt_template':
      return templatePart(difference);
    case 'audit_log_schemas':
      return schemasPart(difference);
    case 'connect_apps':
      return appsPart(difference, options);
  }
}

function permissionsPart({ onlyFrom, different }: KindDifference): Part {
  return {
    steps: [
      ...onlyFrom.map(({ key, values }) => ({ step: 'create_permission', slug: key, ...values })),
      ...different.flatMap((one) => renamed('update_permission', { permission_slug: one.key }, one)),
    ],
    findings: fixedFindings('permissions', different, ['resource_type_slug']),
  };
}

/** The most permissions in one step. More would not fit in a question. */
const GRANTS_PER_STEP = 40;

function rolesPart({ onlyFrom, different }: KindDifference, { to, permissions: available }: PromotionOptions): Part {
  const missing = new Set<string>();
  const adds = (role_slug: string, permissions: readonly string[]) => {
    const possible = permissions.filter((one) => available?.has(one) ?? true);
    for (const one of permissions) if (!possible.includes(one)) missing.add(one);
    return Array.from({ length: Math.ceil(possible.length / GRANTS_PER_STEP) }, (_, part) => ({
      step: 'add_role_permissions',
      role_slug,
      permissions: possible.slice(part * GRANTS_PER_STEP, (part + 1) * GRANTS_PER_STEP),
    }));
  };
  const created = onlyFrom.flatMap(({ key, values: { permissions: _, ...values }, fields }) => [
    { step: 'create_role', slug: key, ...values },
    ...adds(key, textsIn(fields['permissions'])),
  ]);
  const changed = different.flatMap((one) => {
    const [from, there] = [textsIn(one.from.fields['permissions']), textsIn(one.to.fields['permissions'])];
    const added = from.filter((slug) => !there.includes(slug));
    return [...renamed('update_role', { role_slug: one.key }, one), ...adds(one.key, added)];
  });
  const lacking: Finding<string>[] =
    missing.size > 0
      ? [
          {
            check: 'roles',
            status: 'warning',
            detail: `${to} lacks these permissions, so no role gets them: ${named([...missing].sort())}`,
            fix: 'Promote permissions too.',
          },
        ]
      : [];
  return {
    steps: [...created, ...changed],
    findings: [
      ...lacking,
      ...keptFindings('roles', different, 'permissions', 'role', to),
      ...fixedFindings('roles', different, ['resource_type_slug']),
    ],
  };
}

function flagsPart({ onlyFrom, different }: KindDifference, { to }: PromotionOptions): Part {
  const toggled = different.filter(({ fields }) => fields.includes('enabled'));
  return {
    steps: toggled.map(({ key, from }) => ({
      step: from.fields['enabled'] === true ? 'enable_feature_flag' : 'disable_feature_flag',
      feature_flag_slug: key,
    })),
    findings: [
      ...byHand('feature_flags', onlyFrom, `not in ${to}`, 'Create them in the dashboard, under Feature Flags.'),
      ...fixedFindings('feature_flags', different, ['name', 'description', 'tags', 'default_value']),
    ],
  };
}

function webhooksPart({ onlyFrom, different }: KindDifference, { to }: PromotionOptions): Part {
  const updates = different.map(({ key, from, to: there, fields }) => {
    const [here, own] = [textsIn(from.fields['events']), textsIn(there.fields['events'])];
    const added = here.filter((event) => !own.includes(event));
    const events = added.length > 0 ? { events: [...own, ...added].sort() } : {};
    const status = fields.includes('status') ? { status: from.fields['status'] } : {};
    const was = pick(there.fields, [...Object.keys(events), ...Object.keys(status)]);
    return {
      step: 'update_webhook_endpoint',
      endpoint_url: key,
      webhook_endpoint_id: there.id,
      ...events,
      ...status,
      was,
    };
  });
  const sends: Finding<string>[] =
    onlyFrom.length > 0
      ? [
          {
            check: 'webhook_endpoints',
            status: 'warning',
            detail: `Events of ${to} would be sent to ${named(onlyFrom.map(({ key }) => key))}`,
            fix: 'Each new endpoint gets a new secret, which goes to a file if the settings allow it; list_webhook_endpoints shows it again.',
          },
        ]
      : [];
  return {
    steps: [
      ...onlyFrom.map(({ key, fields }) => ({
        step: 'create_webhook_endpoint',
        endpoint_url: key,
        events: textsIn(fields['events']),
        ...(fields['status'] === 'disabled' && { status: 'disabled' }),
      })),
      // An update that would only remove events has no step: events that only `to` sends stay.
      ...updates.filter(({ was }) => Object.keys(was).length > 0),
    ],
    findings: [...sends, ...keptFindings('webhook_endpoints', different, 'events', 'endpoint', to)],
  };
}

function redirectsPart(difference: KindDifference, options: PromotionOptions): Part {
  const { onlyFrom, different } = difference;
  const isDefault = ({ fields }: Item) => fields['default'] === true;
  const other = [
    ...onlyFrom.filter(isDefault),
    ...different.filter(({ from }) => isDefault(from)).map(({ from }) => from),
  ];
  return {
    steps: onlyFrom.map(({ key }) => ({ step: 'create_redirect_uri', uri: key })),
    findings: [
      ...localFindings(difference, options.to),
      ...byHand(
        'redirect_uris',
        other,
        `the default in ${options.from}, but not in ${options.to}`,
        'To change the default, use the dashboard, under Redirects.',
      ),
    ],
  };
}

function templatePart({ onlyFrom, different }: KindDifference): Part {
  return {
    steps: [
      ...onlyFrom.map(({ values }) => ({ step: 'update_jwt_template', ...values })),
      ...different.map(({ from, to }) => ({ step: 'update_jwt_template', ...from.values, was: to.values })),
    ],
  };
}

/** A changed schema becomes a new version. Earlier versions stay. */
function schemasPart({ onlyFrom, different }: KindDifference): Part {
  return {
    steps: [
      ...onlyFrom.map(({ key, values }) => ({ step: 'create_audit_log_schema', action_name: key, ...values })),
      ...different.map(({ key, from, to, fields }) => ({
        step: 'create_audit_log_schema',
        action_name: key,
        ...from.values,
        was: pick(to.values, fields),
      })),
    ],
  };
}

function appsPart({ onlyFrom, different }: KindDifference, { to }: PromotionOptions): Part {
  const isOurs = ({ fields, ofOrganization }: Item) =>
    fields['application_type'] === 'oauth' && fields['is_first_party'] === true && !ofOrganization;
  const ours = onlyFrom.filter(isOurs);
  const updates = different.map(({ key, from, to: there, fields }) => {
    const changed = {
      ...(fields.includes('description') && { description: from.values['description'] ?? null }),
      ...union('scopes', from, there, (one) => String(one)),
      ...union('redirect_uris', from, there, (one) => String(Object(one)['uri'])),
    };
    const was = pick(there.values, Object.keys(changed));
    return {
      changed,
      step: { step: 'update_connect_app', name: key, connect_application_id: there.id, ...changed, was },
    };
  });
  const secrets: Finding<string>[] =
    ours.length > 0
      ? [
          stays(
            'connect_apps',
            `New applications have no client secret: ${named(ours.map(({ key }) => key))}`,
            'create_connect_app_secret makes one, which WorkOS shows only once.',
          ),
        ]
      : [];
  return {
    steps: [
      ...ours.map(({ key, values: { application_type: _, is_first_party: __, ...values } }) => ({
        step: 'create_connect_app',
        name: key,
        ...values,
      })),
      ...updates.flatMap(({ changed, step }) => (Object.keys(changed).length > 0 ? [step] : [])),
    ],
    findings: [
      ...byHand(
        'connect_apps',
        onlyFrom.filter((one) => !isOurs(one)),
        `owned by an organization or used by machines, and missing in ${to}`,
        `Create them with create_connect_app for an organization of ${to}.`,
      ),
      ...secrets,
      ...fixedFindings('connect_apps', different, ['application_type', 'is_first_party', 'uses_pkce']),
    ],
  };
}

/** A step that changes the name or description of an existing item, or nothing if neither differs. */
function renamed(step: string, named_: Record<string, string>, { from, to, fields }: ChangedItem): unknown[] {
  // A missing description is cleared, but a name cannot be empty.
  const names = ['name', 'description'].filter(
    (name) => fields.includes(name) && (name === 'description' || typeof from.values[name] === 'string'),
  );
  const values = Object.fromEntries(names.map((name) => [name, from.values[name] ?? null]));
  return names.length > 0 ? [{ step, ...named_, ...values, was: pick(to.values, names) }] : [];
}

/** The items of both lists, if `from` has any that `to` lacks. */
function union(name: string, from: Item, to: Item, keyOf: (one: unknown) => string): Record<string, unknown> {
  const [here, there] = [listIn(from.values[name]), listIn(to.values[name])];
  const known = new Set(there.map(keyOf));
  const added = here.filter((one) => !known.has(keyOf(one)));
  return added.length > 0 ? { [name]: [...there, ...added] } : {};
}

function pick(values: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}
