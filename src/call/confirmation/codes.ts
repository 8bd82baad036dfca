import { createHash, randomBytes } from 'node:crypto';
import { RefusedError } from '../../errors/errors.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';

/** One thing that a destructive call would take away, as it was read just before. */
export interface Target {
  tool: string;
  /** With what is secret in them masked. */
  arguments: Record<string, unknown>;
  /** The object as WorkOS answered it; undefined where no operation shows it or reading failed. */
  state: unknown;
  /** What goes with it: `{ memberships: 12, connections: 'at least 100' }`. */
  with: Readonly<Record<string, number | string>>;
  /** Why the object could not be read, as a phrase of ours. */
  unread: string | undefined;
}

/** What a person is shown before a destructive call runs. */
export interface Preview {
  changed: false;
  preview: { tool: string; target: string; with?: Record<string, number | string>; unread?: string }[];
  confirmation: string;
  expires_in_s: number;
  hint: string;
}

/** What goes with a target: the list that has it and the argument that ties it to the target. */
export interface Count {
  label: string;
  tool: string;
  argument: string;
  from: string;
  /** What the list wants besides, to show everything. */
  given?: Readonly<Record<string, unknown>>;
}

/** Only the active ones are listed unless all are asked for. */
const EVERY_STATUS = { statuses: ['active', 'inactive', 'pending'] };

/** Counts worth knowing before a delete. */
export const COUNTS: Readonly<Record<string, readonly Count[]>> = {
  delete_organization: [
    {
      label: 'memberships',
      tool: 'list_organization_memberships',
      argument: 'organization_id',
      from: 'organization_id',
      given: EVERY_STATUS,
    },
    { label: 'connections', tool: 'list_connections', argument: 'organization_id', from: 'organization_id' },
    { label: 'directories', tool: 'list_directories', argument: 'organization_id', from: 'organization_id' },
    { label: 'api_keys', tool: 'list_organization_api_keys', argument: 'organization_id', from: 'organization_id' },
  ],
  delete_user: [
    {
      label: 'memberships',
      tool: 'list_organization_memberships',
      argument: 'user_id',
      from: 'user_id',
      given: EVERY_STATUS,
    },
  ],
  delete_directory: [
    { label: 'directory_users', tool: 'list_directory_users', argument: 'directory', from: 'directory_id' },
    { label: 'directory_groups', tool: 'list_directory_groups', argument: 'directory', from: 'directory_id' },
  ],
};

/** Lists that the target itself carries. */
export const CARRIED: Readonly<Record<string, readonly string[]>> = { delete_organization: ['domains'] };

/** The tool that shows a target, where the one with the same path would do more than look: it would decrypt. */
export const LOOKS: Readonly<Record<string, string>> = {
  delete_vault_object: 'get_vault_object_metadata',
  update_vault_object: 'get_vault_object_metadata',
};

const LIFETIME_MS = 10 * 60 * 1000;

/** Where open codes are kept: a Map for a server, files for a shell whose every call is a process of its own. */
export interface CodeStore {
  get(code: string): OpenCode | undefined;
  set(code: string, open: OpenCode): unknown;
  /** True for the one caller that took it away. */
  delete(code: string): boolean;
  entries(): Iterable<[string, OpenCode]>;
}

export interface OpenCode {
  binding: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

/** The codes that are out: each is bound to one call and its targets as read, lives ten minutes and works once. */
export class Confirmations {
  readonly #open: CodeStore;

  constructor(store: CodeStore = new Map()) {
    this.#open = store;
  }

  /** Issues a code for a call. */
  issue(binding: string, now: number): string {
    for (const [code, { expires }] of this.#open.entries()) if (expires <= now) this.#open.delete(code);
    const code = randomBytes(6).toString('base64url');
    this.#open.set(code, { binding, expires: now + LIFETIME_MS });
    return code;
  }

  /** Uses a code up. Throws Refused, changing nothing, where it is not the code of this very call. */
  redeem(code: string, binding: string, now: number, environment: string): void {
    const again = `Nothing was changed (${environment}). Call again without confirmation for a new preview and code.`;
    const found = this.#open.get(code);
    if (!found) throw new RefusedError('The confirmation code is unknown or was used before', again);
    if (found.expires <= now) {
      this.#open.delete(code);
      throw new RefusedError('The confirmation code has expired after ten minutes', again);
    }
    if (found.binding !== binding) {
      throw new RefusedError(
        'The confirmation code belongs to other arguments, or the target changed since the preview',
        again,
      );
    }
    if (!this.#open.delete(code)) throw new RefusedError('The confirmation code was used just now', again);
  }
}

/**
 * Ties a code to the call, to what its targets looked like and to what goes with them. `environment` keeps a code from
 * being good for the same call under another key.
 */
export function bindingOf(
  environment: readonly unknown[],
  tool: string,
  input: Record<string, unknown>,
  targets: readonly Target[],
): string {
  const { confirmation: _, ...rest } = input;
  // Two failures to read rarely have the same words.
  const states = targets.map((target) => [target.state, target.with, target.unread !== undefined]);
  return createHash('sha256')
    .update(canonical([environment, tool, rest, states]))
    .digest('hex');
}

/** JSON with sorted keys, so that equal values are equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`)
    .join(',')}}`;
}

/** What the client answers where its user cannot be asked. */
export function previewOf(targets: readonly Target[], code: string, environment: string): Preview {
  return {
    changed: false,
    preview: targets.map((target) => ({
      tool: target.tool,
      target: describe(target),
      ...(Object.keys(target.with).length > 0 && { with: target.with }),
      ...(target.unread && { unread: target.unread }),
    })),
    confirmation: code,
    expires_in_s: LIFETIME_MS / 1000,
    hint: `Nothing was changed. This is destructive (${environment}): show the preview to the user, and only with their consent call again with the same arguments plus this confirmation. The code works once.`,
  };
}

/** Targets that a question tells about in full; of the others it has the names. */
const TOLD_IN_FULL = 20;

/** The question for a client that can ask its user. It names every target: consent to what is not shown is none. */
export function questionOf(title: string, targets: readonly Target[], environment: string): string {
  const told = targets.slice(0, TOLD_IN_FULL).map((target) => {
    const counts = Object.entries(target.with).map(([label, count]) => `${count} ${label.replaceAll('_', ' ')}`);
    const also = counts.length ? ` With it: ${counts.join(', ')}.` : '';
    return `${describe(target)}.${also}${target.unread ? ` It could not be read first: ${target.unread}.` : ''}`;
  });
  const rest = targets.slice(TOLD_IN_FULL).map((target) => shortly(target));
  const count = targets.length > 1 ? ` ${targets.length} calls:` : '';
  return `${title} (${environment})?${count} ${told.join(' ')}${rest.length ? ` And: ${rest.join(', ')}.` : ''}`;
}

/** A target in few words: its name, or else the argument that names it. */
function shortly({ arguments: input, state }: Target): string {
  const [first] = Object.values(input);
  return quoteUntrusted(nameOf(state) ?? (typeof first === 'string' ? first : JSON.stringify(first ?? null)), 60);
}

/** Names are written by strangers, so they are quoted; ids are ours to show. */
function describe({ tool, arguments: input, state }: Target): string {
  const ids = Object.entries(input).map(
    ([name, value]) => `${name} ${quoteUntrusted(typeof value === 'string' ? value : JSON.stringify(value), 120)}`,
  );
  const name = nameOf(state);
  return [tool, name && quoteUntrusted(name), ids.length && `(${ids.join(', ')})`].filter(Boolean).join(' ');
}

function nameOf(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  // Properties of a parsed object; each is checked for being text.
  const fields = state as Record<string, unknown>;
  for (const field of ['name', 'email', 'domain', 'slug', 'uri', 'endpoint_url', 'id']) {
    const value = fields[field];
    if (typeof value === 'string' && value) return value;
  }
  return undefined;
}
