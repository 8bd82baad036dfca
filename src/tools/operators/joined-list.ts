import type { List } from './reads.ts';

/** A list whose items are looked up by a key, such as an email address. */
export interface ListToJoin<T> {
  /** Reads one page, or resolves to undefined if it cannot be read. */
  page(after: string | undefined): Promise<List<T> | undefined>;
  /** Reads the item with this key. Null means that none exists, and undefined that it could not be read. */
  one(key: string): Promise<T | null | undefined>;
  keysOf(item: T): readonly string[];
}

/** The most keys that are looked up one by one. */
const FEW = 3;
/** The most pages that one `find` reads. */
const MAX_PAGES = 4;

/**
 * Finds the items of one list that belong to the rows of another, with few requests: a request per key for few keys, otherwise
 * page by page, continuing where the last call stopped. Items that were read are kept.
 */
export class JoinedList<T> {
  readonly #list: ListToJoin<T>;
  /** Null means that no item has the key. */
  readonly #found = new Map<string, T | null>();
  #after: string | undefined;
  #isComplete = false;
  #isUnreadable = false;

  constructor(list: ListToJoin<T>) {
    this.#list = list;
  }

  /** Looks up these keys. A key that `get` does not know afterwards was not found within the limits. */
  async find(keys: Iterable<string>): Promise<void> {
    const wanted = new Set(keys);
    const missing = () => [...wanted].filter((key) => this.get(key) === undefined);
    for (let page = 0; page < MAX_PAGES && missing().length > FEW && this.#goesOn(); page++) await this.#readPage();
    const rest = missing();
    if (rest.length > FEW || !this.#goesOn()) return;
    const items = await Promise.all(rest.map((key) => this.#list.one(key)));
    for (const [at, item] of items.entries()) {
      const key = rest[at];
      if (key !== undefined && item !== undefined) this.#found.set(key, item);
    }
  }

  /** The item with this key. Null means that none exists, and undefined that this is not known. */
  get(key: string): T | null | undefined {
    return this.#found.get(key) ?? (this.#isComplete || this.#found.has(key) ? null : undefined);
  }

  #goesOn(): boolean {
    return !this.#isComplete && !this.#isUnreadable;
  }

  async #readPage(): Promise<void> {
    const page = await this.#list.page(this.#after);
    if (!page) {
      this.#isUnreadable = true;
      return;
    }
    for (const item of page.items) {
      // The list starts with the newest item, so the first one with a key is kept.
      for (const key of this.#list.keysOf(item)) if (!this.#found.get(key)) this.#found.set(key, item);
    }
    this.#isComplete = !page.more || page.after === this.#after;
    this.#after = page.after;
  }
}
