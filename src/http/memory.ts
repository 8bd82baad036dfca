import type { Memory } from '../tools/files.ts';

/** Texts that a team server keeps for each person between calls, such as the position up to which they have followed events. */
export interface TextStore {
  read(owner: string, name: string): Promise<string | undefined>;
  /**
   * Replaces the text that was read before. If several callers try at once, only one succeeds. Resolves to false, and changes
   * nothing, for the others.
   */
  replace(owner: string, name: string, before: string | undefined, after: string): Promise<boolean>;
}

/** The most texts of one person. Beyond that, the text that was replaced longest ago is dropped. */
export const MAX_TEXTS = 100;
const MAX_OWNERS = 10_000;

/** Keeps texts in the memory of an instance while it runs. */
export class OwnTexts implements TextStore {
  readonly #owners = new Map<string, Map<string, string>>();

  async read(owner: string, name: string): Promise<string | undefined> {
    return this.#owners.get(owner)?.get(name);
  }

  async replace(owner: string, name: string, before: string | undefined, after: string): Promise<boolean> {
    const texts = this.#owners.get(owner) ?? new Map<string, string>();
    if (texts.get(name) !== before) return false;
    setLast(texts, name, after, MAX_TEXTS);
    setLast(this.#owners, owner, texts, MAX_OWNERS);
    return true;
  }
}

/** One person's part of a store. */
export function memoryOf(store: TextStore, owner: string): Memory {
  return {
    read: (name) => store.read(owner, name),
    replace: (name, before, after) => store.replace(owner, name, before, after),
  };
}

/** Puts a value at the end of a map, and drops the first entries beyond `max`. */
function setLast<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= max) return;
    map.delete(first);
  }
}
