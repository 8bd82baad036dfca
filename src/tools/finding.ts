import type { KeyKind } from '../config/api-key.ts';

/** What the diagnostic may know about the settings. Never includes the key. */
export interface ConnectionInfo {
  /** The environment's name, if there are several. */
  environment?: string | undefined;
  baseUrl: string;
  sandbox: boolean;
  keyVariable: string | undefined;
  keyProblem: string | undefined;
  keyKind: KeyKind;
  /** The last four characters of the key. Empty if the key is too short to show them. */
  keyEnding: string;
  /** Host and port of the proxy in use. */
  proxy: string | undefined;
}

/** What may be shown about a key variable. */
export interface KeyInfo {
  /** The variable that the caller asked about; undefined for the key in use. */
  asked: string | undefined;
  /** The variable that is set, correctly or not. */
  variable: string | undefined;
  kind: KeyKind;
  /** The last four characters, if the value looks like a key. */
  ending: string;
  problem: string | undefined;
  /** Whether it holds a placeholder that the client should have replaced. */
  unexpanded: boolean;
  /** A problem that does not keep the key from working. */
  warning: string | undefined;
  /** Whether the server's own requests use this key. */
  inUse: boolean;
}

/** The checks of check_connector. `settings` is the only check on a server that is locked because of wrong settings. */
export type ConnectorCheck =
  | 'settings'
  | 'variable'
  | 'proxy'
  | 'name'
  | 'tls'
  | 'request'
  | 'key'
  | 'clock'
  | 'rate_limit';

/** The outcome of one check. */
export interface Finding<Check extends string = ConnectorCheck> {
  check: Check;
  status: 'ok' | 'warning' | 'problem' | 'skipped';
  detail: string;
  fix?: string;
}
