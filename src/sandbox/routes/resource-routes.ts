import { matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Handler } from '../http/route.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';
import type { TableName, Tables } from '../tables.ts';

/**
 * Lists a table's records.
 * @param filters query parameters, each with the field that it must equal, ignoring case; `search` matches a part of the name
 */
export function list<Name extends TableName>(
  table: Name,
  filters: Partial<Record<string, keyof Tables[Name]>> = {},
): Handler {
  return (request, state) => {
    const wanted = Object.entries(filters).flatMap(([parameter, field]) => {
      const value = request.query.get(parameter);
      return field === undefined || value === null || value === '' ? [] : [[field, value] as const];
    });
    const search = request.query.get('search');
    const found = state
      .where(table)
      .filter(
        (record) =>
          wanted.every(([field, value]) => String(record[field]).toLowerCase() === value.toLowerCase()) &&
          (!('name' in record) || matchesSearch(String(record.name), search)),
      );
    return paginate(request, found, (record) => present(state, table, record));
  };
}

/**
 * Lists the records that belong to another.
 * @param owners the table of the record that the path's last placeholder names
 * @param field the field of the listed records that holds the owner's id
 */
export function listOf<Name extends TableName>(
  owners: TableName,
  table: Name,
  field: keyof Tables[Name] & string,
): Handler {
  return (request, state) => {
    const { id } = state.find(owners, request.id);
    return respondList(
      request,
      state,
      table,
      state.where(table).filter((record) => record[field] === id),
    );
  };
}

/** Answers with the requested page of these records. */
export function respondList<Name extends TableName>(
  request: ApiRequest,
  state: State,
  table: Name,
  records: Tables[Name][],
): ApiResponse {
  return paginate(request, records, (record) => present(state, table, record));
}

/** Answers with one record. */
export function respond<Name extends TableName>(state: State, table: Name, record: Tables[Name]): ApiResponse {
  return { body: present(state, table, record) };
}

/** Returns the record that the path's last placeholder names. */
export function get(table: TableName): Handler {
  return ({ id }, state) => ({ body: present(state, table, state.find(table, id)) });
}

/** Removes the record that the path's last placeholder names. */
export function remove(table: TableName): Handler {
  return ({ id }, state) => {
    state.remove(table, id);
    return {};
  };
}
