import { type ApiKey, type Environment, KEY_FILE_VARIABLE, keysIn, readKey } from './api-key.ts';

/** One of several environments, as `--environments` names it. */
export interface EnvironmentSetting {
  name: string;
  /** The variable that holds its key. Required unless the sandbox is used. */
  keyVariable: string | undefined;
  clientIdVariable: string | undefined;
  readOnly: boolean;
  confirmAlways: boolean;
}

/** An environment with its credentials and its own settings. */
export interface NamedEnvironment {
  name: string;
  key: ApiKey;
  clientId: string | undefined;
  clientIdVariable: string | undefined;
  readOnly: boolean;
  confirm: 'always' | 'live' | 'never';
}

const EXAMPLE = 'staging=WORKOS_STAGING_KEY,production=WORKOS_PRODUCTION_KEY:read-only';

/** More names would not fit into the server's instructions. */
const MOST = 50;

/**
 * Parses a comma-separated list of `name=KEY_VARIABLE[/CLIENT_ID_VARIABLE][:read-only][:confirm-always]`. Errors repeat only
 * names from the value, which may hold a key by mistake.
 * @throws {Error} that says what the value must be.
 */
export function parseEnvironments(text: string): EnvironmentSetting[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map(parseEnvironment);
  if (entries.length === 0 && text.trim()) throw new Error(`names no environment. An example: ${EXAMPLE}`);
  if (entries.length > MOST) throw new Error(`names ${entries.length} environments; the maximum is ${MOST}`);
  const names = entries.map(({ name }) => name.toLowerCase());
  const twice = entries.find(({ name }, at) => names.indexOf(name.toLowerCase()) < at);
  if (twice) throw new Error(`names the environment ${twice.name} twice`);
  return entries;
}

function parseEnvironment(entry: string, index: number): EnvironmentSetting {
  const [source = '', ...suffixes] = entry.split(':').map((part) => part.trim());
  const [name = '', ...values] = source.split('=').map((part) => part.trim());
  if (!isName(name)) {
    throw new Error(
      `needs a name in entry ${index + 1}: up to 32 letters, digits, - and _, beginning with a letter, as in ${EXAMPLE}`,
    );
  }
  const unknown = suffixes.some((suffix) => suffix !== 'read-only' && suffix !== 'confirm-always');
  if (unknown) throw new Error(`gives ${name} an unknown suffix. The suffixes are :read-only and :confirm-always`);
  const variables = values.join('=').split('/');
  const wrong = values.length > 0 && (variables.length > 2 || !variables.every(isVariable));
  if (wrong) {
    throw new Error(
      `must name the variable that holds the key of ${name}, never the key: ${name}=KEY_VARIABLE or ${name}=KEY_VARIABLE/CLIENT_ID_VARIABLE`,
    );
  }
  const [keyVariable, clientIdVariable] = values.length > 0 ? variables : [];
  return {
    name,
    keyVariable,
    clientIdVariable,
    readOnly: suffixes.includes('read-only'),
    confirmAlways: suffixes.includes('confirm-always'),
  };
}

function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(text) && !looksSecret(text, /[A-Za-z0-9]{16}/);
}

/** Whether a text can be a variable name: in a single case, unlike most keys. looksSecret() recognizes the other keys. */
function isVariable(text: string): boolean {
  return /^(?:[A-Z_][A-Z0-9_]{0,99}|[a-z_][a-z0-9_]{0,99})$/.test(text) && !looksSecret(text, /[A-Za-z0-9]{24}/);
}

/** Whether a text is like a key or a client id, or has an unusually long word with digits. */
function looksSecret(text: string, tooLong: RegExp): boolean {
  const words = text.split(/[_-]/).filter((word) => tooLong.test(word));
  return /^(?:sk|pk|client)_/i.test(text) || words.some((word) => /\d/.test(word));
}

/** The settings that apply to all environments. */
export interface Common {
  readOnly: boolean;
  confirm: NamedEnvironment['confirm'];
  /** Whether the environments are those of a sandbox, which has its own keys. */
  sandbox: boolean;
}

/** Reads the credentials of the environments. Each problem is one sentence, without a value of a variable. */
export function readEnvironments(
  settings: readonly EnvironmentSetting[],
  { readOnly, confirm, sandbox }: Common,
  env: Environment,
  problems: string[],
): NamedEnvironment[] {
  if (!sandbox) for (const problem of variableProblems(settings)) problems.push(problem);
  const read = settings.map((setting): NamedEnvironment => {
    const { name, keyVariable, clientIdVariable } = setting;
    return {
      name,
      key: keyOf(keyVariable, sandbox ? {} : env),
      clientId: sandbox ? undefined : filledIn(clientIdVariable, env),
      clientIdVariable,
      readOnly: readOnly || setting.readOnly,
      confirm: setting.confirmAlways ? 'always' : confirm,
    };
  });
  if (!sandbox) for (const problem of valueProblems(read)) problems.push(problem);
  const keys = read.flatMap(({ key }) => keysIn(key));
  // A response of one environment must not show the key of another.
  return read.map((one) => ({ ...one, key: withOthers(one.key, keys) }));
}

/** The key, with other keys that must never be shown either. */
export function withOthers(key: ApiKey, others: readonly string[]): ApiKey {
  const former = [...new Set([...(key.former ?? []), ...others])].filter((one) => one !== key.value);
  return former.length > 0 ? { ...key, former } : key;
}

function keyOf(variable: string | undefined, env: Environment): ApiKey {
  if (variable === undefined) return { value: undefined, variable, kind: 'none', problem: 'no variable is named' };
  return { ...readKey(env, [variable]), variable };
}

function variableProblems(settings: readonly EnvironmentSetting[]): string[] {
  const unnamed = settings.filter(({ keyVariable }) => keyVariable === undefined);
  const file = settings.filter(({ keyVariable }) => keyVariable === KEY_FILE_VARIABLE);
  const twice = settings.flatMap(({ name, keyVariable }, at) => {
    const same = settings.slice(0, at).find((other) => keyVariable !== undefined && other.keyVariable === keyVariable);
    return same ? [`The environments ${same.name} and ${name} both name ${keyVariable}; each needs its own key`] : [];
  });
  return [
    ...unnamed.map(({ name }) => `The environment ${name} needs the variable of its key: ${name}=WORKOS_KEY_VARIABLE`),
    ...file.map(({ name }) => `The environment ${name} cannot use ${KEY_FILE_VARIABLE}, which names a file with a key`),
    ...twice,
  ];
}

/** Reports keys in place of client ids, and equal keys: such environments are one, where the less strict settings would apply. */
function valueProblems(environments: readonly NamedEnvironment[]): string[] {
  return environments.flatMap(({ name, key, clientId, clientIdVariable }, at) => {
    // Environments with the same variable are already reported.
    const before = environments.slice(0, at).filter((other) => other.key.variable !== key.variable);
    const same = before.find((other) => key.value !== undefined && other.key.value === key.value);
    const isKey = clientId?.startsWith('sk_') || environments.some((other) => clientId && other.key.value === clientId);
    return [
      ...(same
        ? [
            `${same.key.variable} and ${key.variable} hold the same key, so ${same.name} and ${name} are the same environment`,
          ]
        : []),
      ...(isKey ? [`${clientIdVariable} contains a key, not the client id of ${name}`] : []),
    ];
  });
}

/** The value, or undefined if it is missing or a placeholder that the client did not expand. */
function filledIn(variable: string | undefined, env: Environment): string | undefined {
  const value = variable !== undefined && Object.hasOwn(env, variable) ? env[variable]?.trim() : undefined;
  return value && !value.includes('${') ? value : undefined;
}
