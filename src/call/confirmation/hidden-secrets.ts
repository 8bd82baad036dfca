import { asObject } from '../../results/result.ts';

const HIDDEN = '[secret]';

/**
 * Replaces the values at `paths` (`credentials.client_secret`, `keys[].value`) with `[secret]`. Results show the last four
 * characters of a secret to tell keys apart. A question must not: its reader may share a screen, and passwords are short.
 */
export function hideSecrets(input: Record<string, unknown>, paths: readonly string[]): Record<string, unknown> {
  return asObject(paths.reduce<unknown>((value, path) => hide(value, path.replaceAll('[]', '').split('.')), input));
}

/** Applies to every item of a list on the path, whether or not the path marks the list. */
function hide(value: unknown, path: readonly string[]): unknown {
  if (value === null || value === undefined) return value;
  const [step, ...rest] = path;
  if (step === undefined) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => hide(item, path));
  if (typeof value !== 'object' || !Object.hasOwn(value, step)) return value;
  const fields = asObject(value);
  return { ...fields, [step]: hide(fields[step], rest) };
}
