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

/** Properties common to all records of a table. */
export interface Kind {
  /** The value of `object`, if the API's records have one. */
  object?: string;
  /** The prefix of ids, without the underscore. */
  prefix: string;
  /** The resource's name as WorkOS spells it in a 404, such as `Organization Domain`. */
  noun: string;
  /** The field with which other records refer to their owner, with or without a leading `_`. They are removed with it. */
  ownerField?: string;
  /** The prefix of event names: `user` for `user.created`. Omitted if changes emit no events. */
  events?: string;
  /** The event for a deletion, if it has a different name. */
  deletedEvent?: string;
}

/** One kind for each table of a family. */
export type Kinds<T> = { [Name in keyof T]: Kind };
