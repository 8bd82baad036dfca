/** More deletions than anybody reads back. */
const MOST = 1_000;

/** The paths of the objects that this process deleted last, so that a 404 on one of them can be told from a wrong id. */
export class DeletedObjects {
  readonly #paths = new Set<string>();

  /** Notes what a successful request says about the object at its path, and about those that it belongs to. */
  note(route: string, path: string): void {
    if (route.startsWith('DELETE ')) {
      // Without an id at its end, the path names a list, and only a part of it was removed.
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

  /** True for an object that was deleted, and for everything that belonged to it. */
  has(path: string): boolean {
    return upwards(path).some((one) => this.#paths.has(one));
  }
}

/** `/users/user_1/sessions`, `/users/user_1`, `/users`. */
function upwards(path: string): string[] {
  const steps = path.split('/');
  return steps.slice(1).map((_, index) => steps.slice(0, steps.length - index).join('/'));
}
