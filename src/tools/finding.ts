import type { KeyKind } from '../config/api-key.ts';

/** What the diagnostic may know about the settings; never the key itself. */
export interface ConnectionInfo {
  /** Its name, where there are several environments. */
  environment?: string | undefined;
  baseUrl: string;
  sandbox: boolean;
  keyVariable: string | undefined;
  keyProblem: string | undefined;
  keyKind: KeyKind;
  /** The last four characters of the key; empty where it is too short to show them. */
  keyEnding: string;
  /** Host and port of the proxy in use. */
  proxy: string | undefined;
}

/** What may be told about a key variable. */
export interface KeyInfo {
  /** The variable that was asked for; undefined for the key in use. */
  asked: string | undefined;
  /** The variable that is set, or wrong. */
  variable: string | undefined;
  kind: KeyKind;
  /** Its last four characters, where it looks like a key at all. */
  ending: string;
  problem: string | undefined;
  /** It holds a placeholder that the client should have replaced. */
  unexpanded: boolean;
  /** What is not as it should be, although the key can be used. */
  warning: string | undefined;
  /** The server's own requests carry this key. */
  inUse: boolean;
}

/** The checks of check_connector. `settings` is the only one of a server that is locked because its settings are wrong. */
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
