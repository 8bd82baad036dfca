/** `test` starts with `sk_test_`, `live` with `sk_live_`; everything else is `unknown` and treated as live. */
export type KeyKind = 'test' | 'live' | 'unknown' | 'none';

/** The secret key and what may be said about it. */
export interface ApiKey {
  value: string | undefined;
  /** The variable it came from, or the one that is wrong. */
  variable: string | undefined;
  kind: KeyKind;
  /** Why it cannot be used, without showing it. */
  problem: string | undefined;
  /** The variable holds a placeholder, such as a dollar sign and a name in braces, which the client should have replaced. */
  unexpanded?: true;
}

/** The variables that can hold the key. The first that does counts. */
export const KEY_VARIABLES = ['WORKOS_TOKEN', 'WORKOS_API_KEY'] as const;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the key from the first of these variables that holds one. */
export function readKey(env: Environment, variables: readonly string[]): ApiKey {
  let unexpanded: Omit<ApiKey, 'value' | 'kind'> | undefined;
  for (const variable of variables) {
    // A caller of the diagnostic may ask for any name, `__proto__` too.
    const raw = Object.hasOwn(env, variable) ? env[variable]?.trim() : undefined;
    if (!raw) continue;
    if (isPlaceholder(raw)) {
      unexpanded ??= {
        variable,
        unexpanded: true,
        problem: `${variable} is ${shownPlaceholder(raw)}, which the client did not expand`,
      };
      continue;
    }
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(raw)) {
      const problem = `${variable} holds spaces or characters that no key has`;
      return { value: undefined, variable, kind: 'none', problem };
    }
    return { value: raw, variable, kind: kindOf(raw), problem: undefined };
  }
  const problem = `${variables.join(' and ')} ${variables.length > 1 ? 'are' : 'is'} not set`;
  return { value: undefined, kind: 'none', ...(unexpanded ?? { variable: undefined, problem }) };
}

function kindOf(key: string): KeyKind {
  if (key.startsWith('sk_test_')) return 'test';
  return key.startsWith('sk_live_') ? 'live' : 'unknown';
}

function isPlaceholder(text: string): boolean {
  return /^\$\{?[\w:]*\}?$/.test(text) || text.includes('${');
}

/** Anything but a whole placeholder may be part of a secret. */
function shownPlaceholder(text: string): string {
  return /^\$(?:\{[\w:]+\}|[A-Z][A-Z0-9_]*)$/.test(text) ? text.slice(0, 40) : 'a placeholder';
}
