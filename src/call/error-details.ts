import type { Config } from '../config/config.ts';
import { ApiError, copyOf } from '../errors/errors.ts';
import { asObject } from '../results/result.ts';
import { type MaskedField, maskFields } from '../text/mask-fields.ts';
import { escapeInvisible } from '../text/quote-untrusted.ts';
import type { Tool } from '../tools/types.ts';

/** How the secrets in the body of a failed response are treated. */
export interface DetailsOptions {
  mode: Config['secrets'];
  tools: ReadonlyMap<string, Tool>;
  /** Writes secrets to a file. Returns where it is, or what happened to them instead. */
  save(found: readonly MaskedField[]): Record<string, unknown>;
}

/**
 * Masks the secrets in the body of an error; with mode `file` the error says where they were saved. Every field that any tool
 * declares as a secret counts, because the body of an error can hold anything. With mode `result` they stay, unless they are
 * so long that they would displace the error itself; then they go to a file.
 */
export function revealDetails(error: unknown, { mode, tools, save }: DetailsOptions): unknown {
  if (!(error instanceof ApiError)) return error;
  const { errors } = asObject(maskFields({ errors: error.errors }, tokensOf(tools), hideAll).masked);
  if (error.details === undefined) return copyOf(error, { errors });
  const { masked, found } = maskFields(error.details, secretsOf(tools), hideAll);
  if (found.length === 0) return copyOf(error, { errors });
  const shown = stringsIn(found.map(({ value }) => value));
  if (mode === 'result' && JSON.stringify(shown.map(escapeInvisible)).length <= MAX_SHOWN)
    return copyOf(error, { errors, shown });
  // Masking an object leaves an object.
  const details = masked as Readonly<Record<string, unknown>>;
  return copyOf(error, { errors, details, ...(mode !== 'masked' && { secretFile: saved(found, save) }) });
}

/** The most characters of secrets that an error can hold beside the ids that the next call needs. */
const MAX_SHOWN = 1_200;

/** Hides even the last characters, because an error may repeat the arguments of the call. */
const hideAll = () => '…';

function secretsOf(tools: ReadonlyMap<string, Tool>): string[] {
  const declared = [...tools.values()].flatMap(({ secrets }) =>
    secrets.class === 'deliver' ? [] : (secrets.out ?? []),
  );
  return [...new Set([...declared, ...tokensOf(tools)])];
}

/**
 * The secrets that WorkOS is known to put into errors. Other secret field names, such as `code`, mean something else in a
 * list of errors.
 */
function tokensOf(tools: ReadonlyMap<string, Tool>): string[] {
  return [...tools.values()].flatMap(({ secrets }) => secrets.error ?? []);
}

/** Where the secrets went, or undefined: a failure to save them must not replace the original error. */
function saved(found: readonly MaskedField[], save: DetailsOptions['save']): Record<string, unknown> | undefined {
  try {
    const { secrets, ...rest } = save(found);
    return {
      ...rest,
      ...(secrets !== undefined && JSON.stringify(secrets).length <= MAX_SHOWN && { secrets }),
    };
  } catch {
    return undefined;
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
