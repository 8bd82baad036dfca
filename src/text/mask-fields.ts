/** A masked secret field, with its original value. */
export interface MaskedField {
  /** Such as `data[2].token`. */
  field: string;
  value: unknown;
}

/**
 * Masks the secrets that a tool declares, and returns their original values. `paths` are those of the declaration
 * (`totp.secret`, `data[].token`), but the API may respond in another shape, so a field is recognized by its name alone, at any
 * depth, in any spelling (`qr_code`, `qrCode`), whatever its value. If a path leads through an object and the response has a bare
 * text or number there, that is masked too. Absent and null values are kept. The value passed in is not changed; parts without
 * secrets are shared with the result. `show` returns the replacement for a secret text.
 */
export function maskFields(
  value: unknown,
  paths: readonly string[],
  show: (secret: string) => string = maskSecret,
): { masked: unknown; found: MaskedField[] } {
  if (paths.length === 0) return { masked: value, found: [] };
  const masking = new Masking(paths, show);
  return { masked: masking.root(value), found: masking.found };
}

/** A secret as it may be shown: its prefix and last four characters, or only an ellipsis if it is short. */
export function maskSecret(secret: string): string {
  // At most one word is shown as a prefix, because a passphrase is made of words too.
  const prefix = /^(?:sk_(?:test_|live_)?|[a-z]{2,6}_)/.exec(secret)?.[0] ?? '';
  return secret.length - prefix.length < 16 ? '…' : `${prefix}…${secret.slice(-4)}`;
}

/**
 * What the declaration says about a field of this name: `secret` is a secret, `parent` is an object around one, and `both` can be
 * either (`access_token.access_token`).
 */
type Role = 'secret' | 'parent' | 'both' | undefined;

/** Fields of an envelope that contain the actual response. */
const ENVELOPES = ['data', 'result'];

class Masking {
  readonly found: MaskedField[] = [];
  readonly #show: (secret: string) => string;
  readonly #secrets = new Set<string>();
  readonly #parents = new Set<string>();
  /** A cache, because responses repeat a few names many times. */
  readonly #roles = new Map<string, Role>();

  constructor(paths: readonly string[], show: (secret: string) => string) {
    this.#show = show;
    for (const path of paths) {
      const [secret, parent] = path
        .split('.')
        .flatMap((step) => step.replaceAll('[]', '') || [])
        .reverse();
      if (secret !== undefined) this.#secrets.add(spellingOf(secret));
      if (parent !== undefined) this.#parents.add(spellingOf(parent));
    }
  }

  root(value: unknown): unknown {
    if (typeof value !== 'object' || Array.isArray(value)) return this.#parent(value, '');
    return this.#properties(value, '', (name, item, at) =>
      ENVELOPES.includes(name) && this.#roleOf(name) === undefined
        ? this.#parent(item, at)
        : this.#field(name, item, at),
    );
  }

  #visit(value: unknown, at: string): unknown {
    if (Array.isArray(value)) return this.#items(value, at, (item, path) => this.#visit(item, path));
    return this.#properties(value, at, (name, item, path) => this.#field(name, item, path));
  }

  #field(name: string, value: unknown, at: string): unknown {
    switch (this.#roleOf(name)) {
      case 'secret':
        return this.#secret(value, at);
      case 'parent':
        return this.#parent(value, at);
      case 'both':
        return this.#secretOrParent(value, at);
      default:
        return this.#visit(value, at);
    }
  }

  #roleOf(name: string): Role {
    const known = this.#roles.get(name);
    if (known !== undefined || this.#roles.has(name)) return known;
    const spelling = spellingOf(name);
    const [secret, parent] = [this.#secrets.has(spelling), this.#parents.has(spelling)];
    const role = secret ? (parent ? 'both' : 'secret') : parent ? 'parent' : undefined;
    this.#roles.set(name, role);
    return role;
  }

  /** Masks an object around a secret, or a bare secret in its place. */
  #parent(value: unknown, at: string): unknown {
    if (Array.isArray(value)) return this.#items(value, at, (item, path) => this.#parent(item, path));
    return typeof value === 'string' || typeof value === 'number' ? this.#mask(value, at) : this.#visit(value, at);
  }

  #secret(value: unknown, at: string): unknown {
    if (Array.isArray(value)) return this.#items(value, at, (item, path) => this.#secret(item, path));
    return this.#mask(value, at);
  }

  #secretOrParent(value: unknown, at: string): unknown {
    if (Array.isArray(value)) return this.#items(value, at, (item, path) => this.#secretOrParent(item, path));
    return this.#holdsSecret(value) ? this.#visit(value, at) : this.#mask(value, at);
  }

  #mask(value: unknown, at: string): unknown {
    if (value === null || value === undefined) return value;
    this.found.push({ field: at, value });
    return typeof value === 'string' ? this.#show(value) : '…';
  }

  #holdsSecret(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, item]) => {
      const role = Array.isArray(value) ? undefined : this.#roleOf(name);
      return role === 'secret' || role === 'both' || this.#holdsSecret(item);
    });
  }

  #items(list: readonly unknown[], at: string, mask: (item: unknown, at: string) => unknown): unknown {
    let changed = false;
    const items = list.map((item, index) => {
      const masked = mask(item, `${at}[${index}]`);
      changed ||= masked !== item;
      return masked;
    });
    return changed ? items : list;
  }

  #properties(value: unknown, at: string, mask: (name: string, item: unknown, at: string) => unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    let copy: Record<string, unknown> | undefined;
    for (const [name, item] of Object.entries(value)) {
      const masked = mask(name, item, at ? `${at}.${name}` : name);
      if (masked === item) continue;
      copy ??= { ...value };
      // A parsed object can have an own property of this name; assigning it would change the prototype instead.
      Object.defineProperty(copy, name, { value: masked, enumerable: true, writable: true, configurable: true });
    }
    return copy ?? value;
  }
}

/** Gives `qr_code`, `qrCode`, and `QR-Code` the same spelling. */
function spellingOf(name: string): string {
  return name.replaceAll(/[_\-\s]/g, '').toLowerCase();
}
