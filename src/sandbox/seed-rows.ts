import { encodeText, isObject } from './http/body-fields.ts';
import { documentedRequest } from './http/check-request.ts';
import { mismatches } from './http/json-schema.ts';
import { handleRequest } from './router.ts';
import { REQUIRED, type Reference, type Section } from './seed-sections.ts';
import type { State } from './state.ts';
import { KINDS, type TableName } from './tables.ts';

type Fields = Record<string, unknown>;

const KEY = 'seed';

/** The fields that no row can set: the kind, and the time of the last change. */
const FIXED: readonly string[] = ['object', 'updated_at'];

/** A row cannot be used; the message says why. */
export class SeedRowError extends Error {}

/** Adds the rows of a landscape to a state. */
export class Seeder {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** @throws SeedRowError */
  add(section: Section, row: Fields): void {
    const { id, created_at: _, ...given } = row;
    const fields = this.#withIds(section, given);
    this.#useId(section, id);
    if (section.fields) this.#insert(section, section.fields, fields);
    else this.#create(section, fields);
  }

  #useId({ table }: Section, id: unknown): void {
    const { prefix } = KINDS[table];
    this.#state.ids.give(undefined, prefix);
    if (id === undefined) return;
    if (typeof id !== 'string' || !/^[\w-]{1,100}$/.test(id)) {
      throw new SeedRowError('id may contain only letters, digits, - and _');
    }
    if (this.#state.table(table).has(id)) throw new SeedRowError(`the id ${id} is already used`);
    this.#state.ids.give(id, prefix);
  }

  /** Creates a row with its request. Fields that only the response has, such as a state, are set afterwards. */
  #create(section: Section, fields: Fields): void {
    const { create = '', afterwards = {} } = section;
    const accepted = acceptedFields(create);
    const later = Object.keys(fields).filter((name) => Object.hasOwn(afterwards, name));
    const rest = Object.keys(fields).filter((name) => !accepted.has(name) && !later.includes(name));
    const created = this.#request(create, pick(fields, [...accepted]));
    const record: Fields = { ...this.#state.table(section.table).get(String(created['id'])) };
    for (const name of rest) {
      if (!Object.hasOwn(record, name) || FIXED.includes(name)) throw new SeedRowError(`there is no field ${name}`);
      checkField(section, name, fields[name], record[name]);
    }
    Object.assign(this.#state.table(section.table).get(String(created['id'])) ?? {}, pick(fields, rest));
    for (const name of later) this.#request(afterwards[name] ?? '', { ...fields, ...created, [name]: fields[name] });
  }

  #request(operation: string, fields: Fields): Fields {
    const [method = '', template = ''] = operation.split(' ');
    const path = template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
      if (typeof fields[name] !== 'string') throw new SeedRowError(`${name.replace(/_?[iI]d$/, '')} is required`);
      return encodeText(fields[name]);
    });
    const body = pick(fields, [...acceptedFields(operation)]);
    const rest = {
      query: new URLSearchParams(),
      idempotencyKey: undefined,
      fault: undefined,
      origin: '',
      filesOrigin: '',
    };
    const answer = handleRequest({ method, path, body, token: KEY, ...rest }, this.#state, KEY);
    if (answer.status < 300 && isObject(answer.body)) return answer.body;
    throw new SeedRowError(messageOf(answer.body));
  }

  #insert(section: Section, known: Readonly<Fields>, fields: Fields): void {
    const unknown = Object.keys(fields).find((name) => !Object.hasOwn(known, name));
    if (unknown !== undefined) throw new SeedRowError(`there is no field ${unknown}`);
    const record = Object.fromEntries(
      Object.entries(known).map(([name, initial]) => {
        const value = fields[name];
        if (value === undefined && initial === REQUIRED)
          throw new SeedRowError(`${name.replace(/_id$/, '')} is required`);
        if (value !== undefined) checkField(section, name, value, initial);
        return [name, value ?? (initial === '' ? this.#state.ids.token(16).toLowerCase() : initial)];
      }),
    );
    const { slug } = record;
    if (slug !== undefined && this.#find(section.table, ['slug'], slug).length > 0) {
      throw new SeedRowError(`the slug ${slug} is already used`);
    }
    // Every field that the table's records have is in `known`.
    this.#state.add(section.table, record as never);
  }

  /** Replaces references by name with ids. */
  #withIds({ references = {}, fields: known = {} }: Section, fields: Fields): Fields {
    const found: Fields = {};
    // Resolve a reference with `within` after the one that it depends on.
    const entries = Object.entries(references).sort(([, a], [, b]) => (a.within ?? '').localeCompare(b.within ?? ''));
    for (const [name, reference] of entries) {
      // Without a request, nothing else checks the id.
      const field = fields[name] === undefined && Object.hasOwn(known, reference.as) ? reference.as : name;
      const value = fields[field];
      if (value === undefined) continue;
      const records = [value].flat().map((one) => this.#one(name, reference, one, found));
      if (records[0] && reference.inherits) Object.assign(found, pick({ ...records[0] }, reference.inherits));
      const ids = records.map(({ id }) => id);
      found[reference.as] = Array.isArray(value) ? ids : ids[0];
    }
    const others = Object.keys(fields).filter((name) => !Object.hasOwn(references, name));
    return { ...pick(fields, others), ...found };
  }

  #one(name: string, { table, by, within }: Reference, value: unknown, row: Fields) {
    const byId = typeof value === 'string' ? this.#state.table(table).get(value) : undefined;
    const named = byId ? [byId] : this.#find(table, by, value);
    const found = named.filter((record) => within === undefined || fieldOf(record, within) === row[within]);
    const [record] = found;
    if (!record) throw new SeedRowError(`${name} ${JSON.stringify(value)} is not in ${table}`);
    if (found.length > 1)
      throw new SeedRowError(`${name} ${JSON.stringify(value)} is not unique in ${table}; use its id`);
    return record;
  }

  #find(table: TableName, fields: readonly string[], value: unknown) {
    return this.#state.where(table).filter((record) => fields.some((field) => fieldOf(record, field) === value));
  }
}

/** A field of any table's record. Copying its entries instead would make a seed of thousands of rows take minutes. */
function fieldOf(record: object, field: string): unknown {
  return Reflect.get(record, field);
}

/** The placeholders and body fields of an operation. */
function acceptedFields(operation: string): Set<string> {
  const { properties = {}, oneOf = [] } = documentedRequest(operation)?.body ?? {};
  const alternatives = oneOf.flatMap((one) => (isObject(one) ? Object.keys(one['properties'] ?? {}) : []));
  const placeholders = Array.from(operation.matchAll(/\{([^}]+)\}/g), ([, name = '']) => name);
  return new Set([...placeholders, ...Object.keys(properties), ...alternatives]);
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

/**
 * @param initial the field's default
 * @throws SeedRowError
 */
function checkField({ schemas = {} }: Section, name: string, value: unknown, initial: unknown): void {
  const schema = schemas[name];
  const isValid = schema ? mismatches(schema, value).length === 0 : isLike(value, initial);
  if (isValid) return;
  throw new SeedRowError(
    schema?.enum ? `${name} must be one of ${schema.enum.join(', ')}` : `${name} has the wrong type`,
  );
}

/** Whether a value has the type of a default. A default of null stands for a string or null. */
function isLike(value: unknown, initial: unknown): boolean {
  if (initial === REQUIRED) return typeof value === 'string' && value !== '';
  if (initial === null) return value === null || typeof value === 'string';
  return typeof value === typeof initial && Array.isArray(value) === Array.isArray(initial) && value !== null;
}

/** The message in an error's body, whatever its shape. */
function messageOf(body: unknown): string {
  const message = isObject(body) ? (body['message'] ?? body['error']) : body;
  return [message].flat().map(String).join('; ');
}
