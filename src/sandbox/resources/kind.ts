export type Metadata = Record<string, string>;

/**
 * What every stored record has: an id and ISO 8601 timestamps. A record has the field names and values of the API's
 * JSON. Fields whose names start with `_` are stored but never sent.
 */
export interface Row {
  id: string;
  created_at: string;
  updated_at: string;
}

/** What is the same for all records of a table. */
export interface Kind {
  /** The value of `object`, where the API's records have one. */
  object?: string;
  /** What ids start with, without the underscore. */
  prefix: string;
  /** The resource's name as WorkOS spells it in a 404, such as `Organization Domain`. */
  noun: string;
  /** The field by which others belong to a record, with or without a leading `_`: they are removed with it. */
  ownerField?: string;
  /** The start of its events' names: `user` for `user.created`. Left out if a change is no event. */
  events?: string;
  /** The event of a deletion, where it has another name. */
  deletedEvent?: string;
}

/** One kind for each table of a family. */
export type Kinds<T> = { [Name in keyof T]: Kind };
