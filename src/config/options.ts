import { didYouMean } from '../text/did-you-mean.ts';
import { type Environment, KEY_FILE_VARIABLE, KEY_VARIABLES, keyGiven } from './api-key.ts';
import { type CatalogNames, type Config, configFrom } from './config.ts';
import { SETTINGS, type Setting } from './settings.ts';

/**
 * Reads the options and environment variables of a program. An option overrides its variable, which overrides the default.
 * Also returns the environment without the variables that a given key replaces.
 * @param others The names of options that are not settings.
 */
export function readOptions(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
  names: CatalogNames,
  others: readonly string[],
): { config: Config; env: Environment; problems: readonly string[] } {
  const known = [...Object.keys(SETTINGS), 'key', 'clientId', ...others];
  const problems = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `Unknown option ${name}${didYouMean(name, known)}`);
  const texts = new Map<string, readonly string[]>();
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const value = options[name];
    if (value === undefined) continue;
    const [type, text] = asText(setting, value);
    if (text === undefined) problems.push(`${name} must be ${type}`);
    else texts.set(name, [text]);
  }
  const { key, clientId } = options;
  // An unusable key is not replaced by one from a variable, which could belong to another environment.
  const isGiven = Object.hasOwn(options, 'key');
  const given = isGiven ? keyGiven(typeof key === 'string' ? key : '') : undefined;
  if (isGiven && typeof key !== 'string') problems.push(`key must be a string, not ${typeOf(key)}`);
  else if (given?.problem !== undefined) problems.push(given.problem);
  if (clientId !== undefined && !isText(clientId)) problems.push('clientId must be a non-empty string');
  const replaced: readonly string[] = isGiven ? [...KEY_VARIABLES, KEY_FILE_VARIABLE] : [];
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !replaced.includes(name)));
  const { config, lines } = configFrom(
    {
      nameOf: (_, name) => name,
      texts: (_, name) => texts.get(name) ?? [],
      needsSandbox: true,
      key: given,
      clientId: isText(clientId) ? clientId : undefined,
    },
    env,
    names,
    problems,
  );
  return { config, env, problems: lines };
}

/** The name of the setting's type, and the value as written in a flag, or undefined if it has another type. */
function asText({ default: initial }: Setting<unknown>, value: unknown): [type: string, text: string | undefined] {
  if (Array.isArray(initial)) {
    const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
    return ['a list of strings', isList ? value.join(',') : undefined];
  }
  if (typeof initial === 'number') return ['a number', typeof value === 'number' ? String(value) : undefined];
  if (typeof initial === 'boolean') return ['true or false', typeof value === 'boolean' ? String(value) : undefined];
  return ['a non-empty string', isText(value) ? value : undefined];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
