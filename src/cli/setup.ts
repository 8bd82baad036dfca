import type { Config } from '../config/config.ts';
import type { CatalogEntry } from '../tools/catalog.ts';

/** Where a command writes, line by line, without the newline. */
export interface Streams {
  out(line: string): void;
  err(line: string): void;
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
