import { createHash } from 'node:crypto';
import { HttpError } from '../http/errors.ts';
import { matchesSearch } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { KeyContext, VaultObject, VaultVersion } from '../resources/vault.ts';
import type { State } from '../state.ts';
import { KINDS } from '../tables.ts';
import { EVENT_ACTOR, keyFor, VAULT_ACTOR } from '../vault-keys.ts';

export const vaultRoutes: Route[] = [
  ['GET /vault/v1/kv', listObjects],
  ['POST /vault/v1/kv', createObject],
  ['GET /vault/v1/kv/name/{name}', (request, state) => readObject(state, findByName(request, state))],
  ['GET /vault/v1/kv/{id}', (request, state) => readObject(state, findObject(request, state))],
  ['PUT /vault/v1/kv/{id}', updateObject],
  ['DELETE /vault/v1/kv/{id}', deleteObject],
  ['GET /vault/v1/kv/{id}/metadata', describeObject],
  ['GET /vault/v1/kv/{id}/versions', listVersions],
];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Unlike in other lists, cursors are not ids, the limit has no maximum, and the response has no `object` field. */
function listObjects({ query }: ApiRequest, state: State): ApiResponse {
  const limit = Number(query.get('limit') || 10);
  if (!Number.isInteger(limit) || limit < 1) throw vaultError(400, 'limit must be a positive integer.');
  const search = query.get('search');
  if (search?.trim().startsWith('{')) throw vaultError(400, 'The sandbox can only search by name.');
  const updatedAfter = query.get('updatedAfter');
  const since = updatedAfter === null ? Number.NEGATIVE_INFINITY : Date.parse(updatedAfter);
  if (Number.isNaN(since)) throw vaultError(400, 'updatedAfter must be an ISO 8601 timestamp.');
  const found = state
    .where('vault_objects')
    .filter(({ name, updated_at }) => matchesSearch(name, search) && Date.parse(updated_at) > since);
  state.emit('vault.names.listed', EVENT_ACTOR);
  return { body: pageOf(found, query, limit) };
}

function pageOf(objects: VaultObject[], query: URLSearchParams, limit: number): object {
  const direction = query.get('order') === 'asc' ? 1 : -1;
  const compare = (a: string, b: string) => direction * (a < b ? -1 : a > b ? 1 : 0);
  const sorted = objects.sort((a, b) => compare(a._cursor, b._cursor));
  const before = parseCursor(query, 'before');
  const after = parseCursor(query, 'after');
  // Counted rather than looked up, so that a cursor keeps its place when its object is deleted.
  const first = after === null ? 0 : sorted.filter(({ _cursor }) => compare(_cursor, after) <= 0).length;
  const end = before === null ? sorted.length : sorted.filter(({ _cursor }) => compare(_cursor, before) < 0).length;
  const start = before !== null && after === null ? Math.max(0, end - limit) : first;
  const page = sorted.slice(start, Math.min(start + limit, end));
  return {
    data: page.map(({ id, name, updated_at }) => ({ id, name, updated_at })),
    list_metadata: {
      before: start > 0 ? (page[0]?._cursor ?? null) : null,
      after: start + page.length < sorted.length ? (page.at(-1)?._cursor ?? null) : null,
    },
  };
}

function createObject({ body }: ApiRequest, state: State): ApiResponse {
  // The types were checked against the document.
  const { name, value, key_context: context } = body as { name: string; value: string; key_context: KeyContext };
  if (name === '') throw vaultError(422, 'name must not be empty.');
  if (state.where('vault_objects', { name }).length > 0) {
    throw vaultError(409, `An object with the name '${name}' already exists.`);
  }
  const id = state.ids.uuid(state.now(), KINDS.vault_objects.prefix);
  const object = state.add('vault_objects', {
    id,
    name,
    _value: value,
    _context: context,
    _key_id: keyFor(state, context).id,
    _version_id: addVersion(state, id, value).id,
    _cursor: state.ids.uuid(state.now()),
  });
  emitWrite(state, 'vault.data.created', object);
  return { body: metadataOf(object, state) };
}

function readObject(state: State, object: VaultObject): ApiResponse {
  state.emit('vault.data.read', { ...EVENT_ACTOR, kv_name: object.name, key_id: object._key_id });
  return { body: { id: object.id, name: object.name, value: object._value, metadata: metadataOf(object, state) } };
}

function updateObject(request: ApiRequest, state: State): ApiResponse {
  const object = findObject(request, state);
  checkVersion(object, request.body['version_check']);
  const value = String(request.body['value']);
  const version = addVersion(state, object.id, value);
  state.change('vault_objects', object, { _value: value, _version_id: version.id });
  emitWrite(state, 'vault.data.updated', object);
  return { body: withoutValue(object, state) };
}

function deleteObject(request: ApiRequest, state: State): ApiResponse {
  const object = findObject(request, state);
  const { id, name } = object;
  checkVersion(object, request.query.get('version_check'));
  for (const version of state.where('vault_versions', { _object_id: id })) state.remove('vault_versions', version.id);
  state.remove('vault_objects', id);
  state.emit('vault.data.deleted', { ...EVENT_ACTOR, kv_name: name });
  return { body: { success: true, name } };
}

function describeObject(request: ApiRequest, state: State): ApiResponse {
  const object = findObject(request, state);
  state.emit('vault.metadata.read', { ...EVENT_ACTOR, kv_name: object.name });
  return { body: withoutValue(object, state) };
}

/** Lists all versions without pagination, newest first. */
function listVersions(request: ApiRequest, state: State): ApiResponse {
  const object = findObject(request, state);
  const versions = state.where('vault_versions', { _object_id: object.id }).reverse();
  const data = versions.map(({ id, created_at, size, etag }) => ({
    id,
    created_at,
    current_version: id === object._version_id,
    size,
    etag,
  }));
  return { body: { data, list_metadata: { before: null, after: null } } };
}

function addVersion(state: State, objectId: string, value: string): VaultVersion {
  return state.add('vault_versions', {
    id: state.ids.uuid(state.now()),
    size: Buffer.byteLength(value),
    etag: createHash('md5').update(value).digest('hex'),
    _object_id: objectId,
  });
}

function withoutValue(object: VaultObject, state: State): object {
  return { id: object.id, name: object.name, metadata: metadataOf(object, state) };
}

function metadataOf(object: VaultObject, { environment }: State): object {
  return {
    id: object.id,
    environment_id: environment.id,
    context: object._context,
    key_id: object._key_id,
    version_id: object._version_id,
    updated_at: object.updated_at,
    updated_by: VAULT_ACTOR,
  };
}

function emitWrite(state: State, event: string, { name, _key_id, _context }: VaultObject): void {
  state.emit(event, { ...EVENT_ACTOR, kv_name: name, key_id: _key_id, key_context: _context });
}

function findObject({ params }: ApiRequest, state: State): VaultObject {
  const object = state.table('vault_objects').get(params['id'] ?? '');
  if (!object) throw vaultError(404, `Object not found: '${params['id']}'.`);
  return object;
}

function findByName({ params }: ApiRequest, state: State): VaultObject {
  const [object] = state.where('vault_objects', { name: params['name'] ?? '' });
  if (!object) throw vaultError(404, `Object not found: '${params['name']}'.`);
  return object;
}

/** @throws HttpError 409 if a version is expected and is not the current one */
function checkVersion({ _version_id }: VaultObject, expected: unknown): void {
  if (expected === undefined || expected === null || expected === _version_id) return;
  throw vaultError(409, `The version '${expected}' is not the current version '${_version_id}'.`);
}

function parseCursor(query: URLSearchParams, name: 'before' | 'after'): string | null {
  const value = query.get(name) || null;
  if (value !== null && !UUID.test(value)) throw vaultError(400, `${name} is not a cursor.`);
  return value;
}

function vaultError(status: number, error: string): HttpError {
  return new HttpError(status, { error });
}
