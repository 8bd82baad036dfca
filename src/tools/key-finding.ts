import { KEY_FILE_VARIABLE } from '../config/api-key.ts';
import type { ConnectionInfo, Finding, KeyInfo } from './finding.ts';

interface KnownKeys {
  connection: ConnectionInfo;
  key: KeyInfo;
  otherKeys: readonly KeyInfo[];
}

/** Where to create and see keys. */
export const KEYS_PAGE = 'WorkOS dashboard, the environment, API Keys: https://dashboard.workos.com/api-keys';

/** Checks whether there is a key, of which kind it is, and where it comes from. */
export function variable({ connection, key, otherKeys }: KnownKeys): Finding {
  const check = 'variable';
  if (connection.sandbox && key.inUse) return { check, status: 'ok', detail: 'the sandbox needs no key' };
  if (key.problem !== undefined) {
    return {
      check,
      status: 'problem',
      detail: key.problem,
      fix: key.unexpanded
        ? `Write it in the client's own syntax for variables, or set the variable where the client is started; then restart the server.`
        : key.variable === KEY_FILE_VARIABLE
          ? `Put a secret key (${KEYS_PAGE}) into that file, readable by this user. It is read again for each call, without a restart.`
          : `Set ${shownName(key.asked ?? (connection.environment && key.variable)) ?? 'WORKOS_TOKEN (or WORKOS_API_KEY)'} to a secret key (${KEYS_PAGE}) in this server's environment, then restart the server.`,
    };
  }
  const detail = `${key.variable} is set: ${kindOf(key)}`;
  if (!key.inUse && connection.keyProblem !== undefined) {
    return {
      check,
      status: 'problem',
      detail: `${detail}, but this server does not read it: ${connection.keyProblem}`,
      fix: `Set ${(connection.environment && connection.keyVariable) || 'WORKOS_TOKEN'} to that key in this server's environment, then restart the server.`,
    };
  }
  if (!key.inUse) {
    const used = connection.sandbox ? 'the key of its sandbox' : (connection.keyVariable ?? 'another key');
    return {
      check,
      status: 'warning',
      detail: `${detail}, but this server uses ${used}`,
      fix: `The other checks used ${used}.`,
    };
  }
  if (key.kind === 'unknown') {
    return {
      check,
      status: 'warning',
      detail,
      fix: `Secret keys start with sk_test_ or sk_live_. Check that this is not a client id. Keys: ${KEYS_PAGE}.`,
    };
  }
  if (key.warning !== undefined) {
    const fix = 'Let only its owner read it: chmod 600.';
    return { check, status: 'warning', detail: `${detail}, but ${key.warning}`, fix };
  }
  const other = otherKeys.find(({ kind }) => kind !== key.kind);
  return other
    ? {
        check,
        status: 'warning',
        detail: `${detail}; ${other.problem ?? `${other.variable} is set too, to ${kindOf(other)}, and is not used`}`,
        fix: `This server uses ${key.variable}. Unset the one that it should not use, then restart it.`,
      }
    : { check, status: 'ok', detail };
}

function kindOf({ kind, ending }: KeyInfo): string {
  const name = kind === 'unknown' ? 'a key of unknown kind, treated as live' : `a ${kind} key`;
  return `${name}${ending && ` ending in ${ending}`}`;
}

/** The variable's name, if it is a valid one: a caller can pass any text. */
function shownName(variable: string | undefined): string | undefined {
  return variable !== undefined && /^[A-Za-z_]\w{0,60}$/.test(variable) ? variable : undefined;
}
