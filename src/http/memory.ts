import type { Memory } from '../tools/files.ts';

/** Texts that a server for others keeps of each person from one call to the next, such as how far somebody follows events. */
export interface TextStore {
  read(owner: string, name: string): Promise<string | undefined>;
  /**
   * Keeps a text in place of the one that was read, and is the only one of several who try at once that does. False for all others:
   * then nothing has changed.
   */
  replace(owner: string, name: string, before: string | undefined, after: string): Promise<boolean>;
}

/** Texts of one person. Of more, the one goes that was replaced longest ago. */
export const MAX_TEXTS = 100;
const MAX_OWNERS = 10_000;

/** Keeps texts in the memory of an instance, as long as it runs. */
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

/** What a store keeps of one person. */
export function memoryOf(store: TextStore, owner: string): Memory {
  return {
    read: (name) => store.read(owner, name),
    replace: (name, before, after) => store.replace(owner, name, before, after),
  };
}

/** Puts a value at the end of a map, of which the first goes where there are too many. */
function setLast<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= max) return;
    map.delete(first);
  }
}
