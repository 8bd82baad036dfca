/** More deletions than a client is likely to read back. */
const MOST = 1_000;

/** The paths of the objects that this process deleted most recently, to tell a 404 for one of them from a wrong id. */
export class DeletedObjects {
  readonly #paths = new Set<string>();

  /** Notes a successful request: it deleted the object at its path, or showed that the object and its parents exist. */
  note(route: string, path: string): void {
    if (route.startsWith('DELETE ')) {
      // A path without an id at its end names a list, of which only a part was removed.
      if (!route.endsWith('}')) return;
      this.#paths.add(path);
      for (const oldest of this.#paths) {
        if (this.#paths.size <= MOST) break;
        this.#paths.delete(oldest);
      }
      return;
    }
    for (const one of upwards(path)) this.#paths.delete(one);
  }

  /** Whether the object at this path, or one that it belonged to, was deleted. */
  has(path: string): boolean {
    return upwards(path).some((one) => this.#paths.has(one));
  }
}

/** The path and the paths above it: `/users/user_1/sessions`, `/users/user_1`, `/users`. */
function upwards(path: string): string[] {
  const steps = path.split('/');
  return steps.slice(1).map((_, index) => steps.slice(0, steps.length - index).join('/'));
}
