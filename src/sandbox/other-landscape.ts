import { createHash } from 'node:crypto';
import { namedEnvironment } from './environment.ts';
import { sampleLandscape } from './landscape.ts';
import { type SavedState, State } from './state.ts';

/**
 * The initial state of every environment except the first: the same customers under different ids, and a configuration that lags
 * behind and has separate changes, so that there is something to compare and promote.
 * @param now in milliseconds
 */
export function otherLandscape(name: string, now: number): SavedState {
  const saved = withOwnIds(sampleLandscape(now), name);
  // Dates the changes with the latest time in the sample data.
  const state = new State({ now: () => saved.ids.latest, exportPolls: 0, environment: namedEnvironment(name) }, saved);
  changeRoles(state);
  changeAuthkit(state, name);
  changeFlags(state);
  removeWhere(state, 'audit_log_actions', ({ name: action }) => action === 'export.requested');
  removeWhere(
    state,
    'audit_log_schemas',
    ({ _action, version }) => _action === 'export.requested' || (_action === 'invoice.downloaded' && version > 1),
  );
  removeWhere(state, 'connect_applications', () => true);
  return state.save();
}

/** Removes a permission and a role, renames a role, and grants another role one more permission. */
function changeRoles(state: State): void {
  removeWhere(state, 'permissions', ({ slug }) => slug === 'api-keys:manage');
  removeWhere(state, 'roles', ({ slug }) => slug === 'support-agent');
  for (const permission of state.where('permissions', { slug: 'billing:manage' })) {
    state.change('permissions', permission, { description: 'Change the plan' });
  }
  for (const role of state.where('roles')) {
    const more = role.slug === 'billing-manager' ? ['audit-logs:export'] : [];
    const permissions = [...more, ...role.permissions.filter((slug) => slug !== 'api-keys:manage')];
    const named = role.slug === 'auditor' ? { name: 'External auditor' } : {};
    state.change('roles', role, { ...named, permissions });
  }
}

/** Gives it its own hosts and JWT template, and fewer webhook endpoints and events. */
function changeAuthkit(state: State, name: string): void {
  removeWhere(state, 'redirect_uris', () => true);
  removeWhere(state, 'cors_origins', () => true);
  const host = `https://${name.toLowerCase().replaceAll('_', '-')}.sandbox.example`;
  state.add('redirect_uris', { uri: `${host}/callback`, default: true });
  state.add('cors_origins', { origin: host });
  state.add('jwt_templates', { content: '{"urn:sandbox:email": {{user.email}}}' });
  removeWhere(state, 'webhook_endpoints', ({ status }) => status === 'disabled');
  for (const endpoint of state.where('webhook_endpoints')) {
    state.change('webhook_endpoints', endpoint, { events: endpoint.events.slice(0, 3) });
  }
}

function changeFlags(state: State): void {
  removeWhere(state, 'feature_flags', ({ slug }) => slug === 'ai-summaries');
  for (const flag of state.where('feature_flags', { slug: 'bulk-export' })) {
    state.change('feature_flags', flag, { enabled: false });
  }
}

function removeWhere<Name extends Parameters<State['where']>[0]>(
  state: State,
  table: Name,
  matches: (record: ReturnType<typeof state.where<Name>>[number]) => boolean,
): void {
  for (const record of state.where(table)) if (matches(record)) state.remove(table, record.id);
}

/** Matches the random part of a ULID or UUID, and the secret of a webhook endpoint. */
const OWN =
  /(?<=(?:^|_)01[0-9A-Z]{8})[0-9A-Z]{16}(?![0-9A-Z])|(?<=-7[0-9a-f]{3}-[0-9a-f]{4}-)[0-9a-f]{12}|(?<=^whsec_)[0-9A-Z]{25}/g;

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The same rows in the same order, with a different random part in each id. */
function withOwnIds(saved: SavedState, name: string): SavedState {
  const shifts = createHash('sha256').update(name).digest();
  const shift = (digit: string, at: number, digits: string) =>
    digits.charAt((digits.indexOf(digit) + 1 + ((shifts[at] ?? 0) % (digits.length - 1))) % digits.length);
  const own = (text: string) =>
    text.replace(OWN, (random) =>
      random.length === 12
        ? Array.from(random, (digit, at) => shift(digit, at, '0123456789abcdef')).join('')
        : Array.from(random, (digit, at) => (DIGITS.includes(digit) ? shift(digit, at, DIGITS) : digit)).join(''),
    );
  // Ids occur alone, in lists, and inside strings of JSON.
  const text = JSON.stringify(saved, (_, value: unknown) => (typeof value === 'string' ? own(value) : value));
  // Only strings have changed.
  return JSON.parse(text) as SavedState;
}
