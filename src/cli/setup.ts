import type { Config } from '../config/config.ts';
import type { CatalogEntry } from '../tools/catalog.ts';

/** The capabilities of a terminal. */
export interface Terminal {
  /** Its width in characters. */
  columns: number;
  colour: boolean;
}

/** The output of a command. Each text is one line, without the newline. */
export interface Streams {
  out(line: string): void;
  err(line: string): void;
  /** Replaces the status line at the bottom of a terminal's stderr. An empty text removes it. */
  status(text: string): void;
  /** Resolves when the reader of `out` has consumed most of the output. */
  drained(): Promise<void>;
  /** Undefined if stdout is not a terminal. */
  outTerminal: Terminal | undefined;
  /** Undefined if stderr is not a terminal. */
  errTerminal: Terminal | undefined;
}

/** The context that every command gets. */
export interface Setup {
  config: Config;
  version: string;
  entries: readonly CatalogEntry[];
  env: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  signal: AbortSignal;
}
