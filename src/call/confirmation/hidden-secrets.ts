import { asObject } from '../../results/result.ts';

const HIDDEN = '[secret]';

/**
 * Arguments with the values at `paths` (`credentials.client_secret`, `keys[].value`) hidden whole. Results show the last
 * four characters of a secret to tell keys apart; a question goes to a person who may share a screen, and a password is
 * too short for that.
 */
export function hideSecrets(input: Record<string, unknown>, paths: readonly string[]): Record<string, unknown> {
  return asObject(paths.reduce<unknown>((value, path) => hide(value, path.replaceAll('[]', '').split('.')), input));
}

/** Lists on the way are walked into, whether the path names them or not. */
function hide(value: unknown, path: readonly string[]): unknown {
  if (value === null || value === undefined) return value;
  const [step, ...rest] = path;
  if (step === undefined) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => hide(item, path));
  if (typeof value !== 'object' || !Object.hasOwn(value, step)) return value;
  const fields = asObject(value);
  return { ...fields, [step]: hide(fields[step], rest) };
}
