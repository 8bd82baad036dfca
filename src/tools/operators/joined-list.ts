import type { List } from './reads.ts';

/** A list whose items are looked up by a key, such as an email address. */
export interface ListToJoin<T> {
  /** One page; undefined where it cannot be read. */
  page(after: string | undefined): Promise<List<T> | undefined>;
  /** The item with this key; null where there is none, undefined where that cannot be read. */
  one(key: string): Promise<T | null | undefined>;
  keysOf(item: T): readonly string[];
}

/** Up to so many keys are looked up one by one. */
const FEW = 3;
/** The most pages that one `find` reads. */
const MAX_PAGES = 4;

/**
 * Finds the items of a list for the rows of another, with few requests: single ones for few rows, else page by page, going on
 * where it stopped the last time. What was read is kept.
 */
export class JoinedList<T> {
  readonly #list: ListToJoin<T>;
  /** Null for a key of which it is known that there is no item. */
  readonly #found = new Map<string, T | null>();
  #after: string | undefined;
  #isComplete = false;
  #isUnreadable = false;

  constructor(list: ListToJoin<T>) {
    this.#list = list;
  }

  /** Looks for these keys; afterwards `get` knows them, or they could not be found within its bounds. */
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

  /** The item with this key; null where there is none, undefined where that is not known. */
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
      // The first is the newest.
      for (const key of this.#list.keysOf(item)) if (!this.#found.get(key)) this.#found.set(key, item);
    }
    this.#isComplete = !page.more || page.after === this.#after;
    this.#after = page.after;
  }
}
