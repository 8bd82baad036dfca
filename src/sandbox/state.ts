import { type Environment, ONLY } from './environment.ts';
import { notFound } from './http/errors.ts';
import { IdGenerator, type IdState } from './ids.ts';
import type { Row } from './resources/kind.ts';
import { KINDS, type TableName, type Tables } from './tables.ts';
import { timestamp, timestamps } from './timestamps.ts';

/** A record before it is stored. The fields common to all records are filled in. */
export type New<T> = Omit<T, 'object' | keyof Row> & Partial<Row>;

/** The records of each table. Tables may be omitted. */
export type Rows = { [Name in TableName]?: Tables[Name][] };

/** The state kept between runs. */
export interface SavedState {
  ids: IdState;
  tables: Rows;
}

/** A change made by a request. It determines the request's events. */
export type Change =
  | { table: TableName; verb: 'created' | 'updated' | 'deleted'; record: Row }
  /** An event that does not follow from a stored record. */
  | { event: string; data: object; context?: object };

/** An error to return for the next matching requests. */
export interface Fault {
  status: number;
  /** How many more requests fail. */
  times: number;
  /** The Retry-After header, in seconds. */
  retry_after?: number;
  /** In upper case. Any method if left out. */
  method?: string;
  /** A path that matches itself and everything below it. Any path if left out. */
  path?: string;
}

export interface StateOptions {
  /** The clock, in milliseconds. */
  now: () => number;
  /** How many times an audit log export is reported as pending before it is ready. */
  exportPolls: number;
  /** `ONLY` by default. */
  environment?: Environment;
}

/** Everything the sandbox stores for one environment, and its clock. */
export class State {
  readonly now: () => number;
  readonly exportPolls: number;
  readonly environment: Environment;
  readonly ids: IdGenerator;
  /** What the current request has changed so far. */
  changes: Change[] = [];
  /** Faults still to be injected. */
  readonly faults: Fault[] = [];
  /** By directory id, the times in the last second at which its users were listed, in milliseconds. */
  readonly recentReads = new Map<string, number[]>();
  readonly #tables = new Map<TableName, Map<string, Row>>();

  constructor({ now, exportPolls, environment = ONLY }: StateOptions, saved: SavedState) {
    this.now = now;
    this.exportPolls = exportPolls;
    this.environment = environment;
    this.ids = new IdGenerator(saved.ids);
    for (const name of tableNames()) {
      this.#tables.set(name, new Map((saved.tables[name] ?? []).map((record) => [record.id, record])));
    }
  }

  /** The records of a table by id, oldest first. */
  table<Name extends TableName>(name: Name): Map<string, Tables[Name]> {
    // The constructor fills every table with its own records, which a Map of tables cannot express.
    return this.#tables.get(name) as Map<string, Tables[Name]>;
  }

  /** The records of a table that have these values. */
  where<Name extends TableName>(name: Name, values: Partial<Tables[Name]> = {}): Tables[Name][] {
    // Object.entries() types the fields of a record as plain strings.
    const wanted = Object.entries(values) as [keyof Tables[Name], unknown][];
    return [...this.table(name).values()].filter((record) => wanted.every(([field, value]) => record[field] === value));
  }

  /** @throws HttpError 404 if the table has no such record */
  find<Name extends TableName>(name: Name, id: string): Tables[Name] {
    const record = this.table(name).get(id);
    if (!record) throw notFound(KINDS[name].noun, id);
    return record;
  }

  /** Stores a new record, and adds an id and timestamps unless it has them. */
  add<Name extends TableName>(name: Name, fields: New<Tables[Name]>): Tables[Name] {
    const { object, prefix } = KINDS[name];
    const time = this.now();
    const start = { ...(object === undefined ? {} : { object }), id: this.ids.next(prefix, time) };
    // `New` leaves out exactly what is added here, which TypeScript cannot follow for a table it does not know.
    const record = { ...start, ...fields, ...timestamps(time), ...timestampsOf(fields) } as unknown as Tables[Name];
    this.table(name).set(record.id, record);
    this.changes.push({ table: name, verb: 'created', record });
    return record;
  }

  /** Changes fields of a stored record, and its `updated_at`. */
  change<Name extends TableName>(name: Name, record: Tables[Name], fields: Partial<Tables[Name]>): Tables[Name] {
    Object.assign(record, { updated_at: timestamp(this.now()) }, fields);
    this.changes.push({ table: name, verb: 'updated', record });
    return record;
  }

  /**
   * Removes a record with everything that belongs to it.
   * @throws HttpError 404 if the table has no such record
   */
  remove<Name extends TableName>(name: Name, id: string): Tables[Name] {
    const record = this.find(name, id);
    const { ownerField } = KINDS[name];
    if (ownerField !== undefined) this.#removeOwned(ownerField, id);
    this.table(name).delete(id);
    this.changes.push({ table: name, verb: 'deleted', record });
    return record;
  }

  #removeOwned(field: string, id: string): void {
    for (const name of tableNames()) {
      for (const record of this.where(name)) {
        const fields = new Map<string, unknown>(Object.entries(record));
        const belongs = fields.get(field) === id || fields.get(`_${field}`) === id;
        // A record that belongs to two removed records is gone after the first.
        if (belongs && this.table(name).has(record.id)) this.remove(name, record.id);
      }
    }
  }

  /** Adds an event that does not follow from a stored record. */
  emit(event: string, data: object, context?: object): void {
    this.changes.push({ event, data, ...(context ? { context } : {}) });
  }

  save(): SavedState {
    const tables = Object.fromEntries(tableNames().map((name) => [name, [...this.table(name).values()]]));
    return { ids: this.ids.state(), tables };
  }
}

function tableNames(): TableName[] {
  // The keys of KINDS are exactly the tables' names, which the type of Object.keys() does not express.
  return Object.keys(KINDS) as TableName[];
}

function timestampsOf({ created_at, updated_at }: Partial<Row>): Partial<Row> {
  return { ...(created_at === undefined ? {} : { created_at }), ...(updated_at === undefined ? {} : { updated_at }) };
}
