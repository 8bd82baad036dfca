import type { Config } from '../config/config.ts';
import type { CatalogEntry } from '../tools/catalog.ts';

/** What a terminal shows. */
export interface Terminal {
  /** Its width in characters. */
  columns: number;
  colour: boolean;
}

/** Where a command writes, line by line, without the newline. */
export interface Streams {
  out(line: string): void;
  err(line: string): void;
  /** Shows a text as the last line of a terminal's stderr in place of the one before; an empty one takes it away. */
  status(text: string): void;
  /** Resolves when the reader of `out` has taken most of what was written. */
  drained(): Promise<void>;
  /** Undefined where stdout is not a terminal. */
  outTerminal: Terminal | undefined;
  /** Undefined where stderr is not a terminal. */
  errTerminal: Terminal | undefined;
}

/** What commands need to run. */
export interface Setup {
  config: Config;
  version: string;
  entries: readonly CatalogEntry[];
  env: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  signal: AbortSignal;
}
