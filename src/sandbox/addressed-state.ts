import { tokenClaims } from './access-tokens.ts';
import { isObject } from './http/body-fields.ts';
import type { UnroutedRequest } from './router.ts';
import type { State } from './state.ts';

/**
 * The state of the environment that a request addresses: by its key, as in WorkOS, or else by a client id, token, or record that
 * it names.
 */
export function addressedState(request: UnroutedRequest, states: readonly [State, ...State[]]): State {
  const [first] = states;
  if (states.length === 1) return first;
  const { token, body, query, path } = request;
  const byKey = states.find(({ environment }) => [token, body['client_secret']].includes(environment.key));
  if (byKey) return byKey;
  const named = [...path.split('/'), ...query.values(), ...strings(body), token ?? ''].filter(Boolean);
  return (
    states.find(({ environment }) => named.includes(environment.clientId)) ??
    states.find((state) => named.some((one) => one.includes('.') && tokenClaims(state, one) !== undefined)) ??
    states.find((state) => knows(state, new Set(named.filter((one) => one.length >= SHORTEST)))) ??
    first
  );
}

/** Shorter texts are not ids, codes, or tokens. */
const SHORTEST = 8;

/** Whether a record has one of these values in a top-level field. */
function knows(state: State, values: ReadonlySet<string>): boolean {
  return Object.values(state.save().tables).some((rows) =>
    rows.some((row) => Object.values(row).some((value) => typeof value === 'string' && values.has(value))),
  );
}

function strings(body: Record<string, unknown>): string[] {
  return Object.values(body).flatMap((value) =>
    typeof value === 'string' ? [value] : isObject(value) ? strings(value) : [],
  );
}
