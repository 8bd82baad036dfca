/** The key and what may be said about it. */
export interface Key {
  value: string | undefined;
  /** The variable it came from, or the one that is wrong. */
  variable: string | undefined;
  /** `test` needs `sk_test_`; `live` has `sk_live_`; everything else is `unknown` and treated as live. */
  kind: 'test' | 'live' | 'unknown' | 'none';
  /** Why it cannot be used, without showing it. */
  problem: string | undefined;
}

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads one key variable the way the server does; the diagnostic uses it for a variable of another name. */
export function readKey(env: Environment, variables: readonly string[]): Key {
  let problem: { variable: string; text: string } | undefined;
  for (const variable of variables) {
    // The name may be anything that a caller of the diagnostic asks for, `__proto__` too.
    const raw = Object.hasOwn(env, variable) ? env[variable]?.trim() : undefined;
    if (!raw) continue;
    if (/^\$\{?[\w:]*\}?$/.test(raw) || raw.includes('${')) {
      // Anything but a whole placeholder may be part of a secret.
      const shown = /^\$(?:\{[\w:]+\}|[A-Z][A-Z0-9_]*)$/.test(raw) ? raw.slice(0, 40) : 'a placeholder';
      problem ??= { variable, text: `${variable} holds ${shown}, which the client did not fill in` };
      continue;
    }
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(raw)) {
      return {
        value: undefined,
        variable,
        kind: 'none',
        problem: `${variable} holds spaces or characters that no key has`,
      };
    }
    const kind = raw.startsWith('sk_test_') ? 'test' : raw.startsWith('sk_live_') ? 'live' : 'unknown';
    return { value: raw, variable, kind, problem: undefined };
  }
  return {
    value: undefined,
    variable: problem?.variable,
    kind: 'none',
    problem: problem?.text ?? `${variables.join(' and ')} ${variables.length > 1 ? 'are' : 'is'} not set`,
  };
}
