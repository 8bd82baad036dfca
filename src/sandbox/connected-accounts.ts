import { notFound } from './http/errors.ts';
import type { ConnectedAccount, DataIntegration, Ownership } from './resources/pipes.ts';
import type { New, State } from './state.ts';

/** The owner of an account: a user, possibly within an organization, or an organization. */
export type Owner = Pick<ConnectedAccount, 'user_id' | 'organization_id'>;

type AccountEvent = 'connected' | 'disconnected' | 'reauthorization_needed';

/** @throws HttpError 404 if there is no such provider */
export function integrationBySlug(state: State, slug: string, ownership: Ownership): DataIntegration {
  const [integration] = state.where('data_integrations', { slug, _ownership: ownership });
  if (!integration) throw notFound('Data Integration', slug);
  return integration;
}

/** The provider with this slug for accounts of this owner. */
export function integrationFor(state: State, slug: string, owner: Owner): DataIntegration {
  return integrationBySlug(state, slug, owner.user_id === null ? 'organization' : 'user');
}

/** A provider's display name. */
export function providerName({ custom_provider: custom, slug }: DataIntegration): string {
  return custom?.name ?? slug.charAt(0).toUpperCase() + slug.slice(1);
}

export function accountOf(state: State, integration: DataIntegration, owner: Owner): ConnectedAccount | undefined {
  return state.where('connected_accounts', { ...owner, _integration_id: integration.id })[0];
}

/** Connects an account, or stores new credentials in the existing one. */
export function connectAccount(
  state: State,
  integration: DataIntegration,
  owner: Owner,
  fields: Partial<ConnectedAccount> & Pick<ConnectedAccount, 'auth_method'>,
): ConnectedAccount {
  const existing = accountOf(state, integration, owner);
  if (existing) return updateAccount(state, integration, existing, { state: 'connected', ...fields });
  const account: New<ConnectedAccount> = {
    ...owner,
    scopes: integration.scopes ?? [],
    state: 'connected',
    _integration_id: integration.id,
    _value: null,
    _refresh_token: null,
    _expires_at: null,
    ...fields,
  };
  const added = state.add('connected_accounts', account);
  emit(state, integration, added, added.state === 'connected' ? 'connected' : 'reauthorization_needed');
  return added;
}

export function updateAccount(
  state: State,
  integration: DataIntegration,
  account: ConnectedAccount,
  fields: Partial<ConnectedAccount>,
): ConnectedAccount {
  const before = account.state;
  state.change('connected_accounts', account, fields);
  if (account.state !== before) {
    emit(state, integration, account, account.state === 'connected' ? 'connected' : 'reauthorization_needed');
  }
  return account;
}

export function disconnectAccount(state: State, integration: DataIntegration, account: ConnectedAccount): void {
  state.remove('connected_accounts', account.id);
  emit(state, integration, account, 'disconnected');
}

function emit(state: State, integration: DataIntegration, account: ConnectedAccount, event: AccountEvent): void {
  const { object, id, user_id, organization_id, scopes, state: condition, created_at, updated_at } = account;
  const data = { object, id, user_id, organization_id, scopes, state: condition, created_at, updated_at };
  const provider = { data_integration_id: integration.id, provider_slug: integration.slug };
  state.emit(`pipes.connected_account.${event}`, { ...data, ...provider });
}
