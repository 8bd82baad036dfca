import pino from 'pino';
import { redact } from './text/redact.ts';
import { type Keys, removeKeyFromText } from './text/remove-key.ts';

/** The server's log: JSON lines on stderr. */
export type Logger = Pick<pino.Logger, 'error' | 'warn' | 'info' | 'debug' | 'trace'>;

/** A logger that can make loggers with more fields. */
export interface ParentLogger extends Logger {
  /** A logger that adds these fields to its lines. */
  child(fields: Readonly<Record<string, string>>): Logger;
}

/** Where log lines go, such as process.stderr. */
export type LogStream = Pick<NodeJS.WriteStream, 'write' | 'writableLength'>;

/** Bytes that may wait for a slow reader of stderr before lines are dropped. */
const MAX_PENDING_BYTES = 256 * 1024;

/**
 * Creates a logger that never blocks and never shows a secret. pino's own destinations wait for stderr to drain, which hangs the
 * server if its client does not read. Instead, lines are written to the stream, and dropped while too much is unread.
 * @param keys Returns every key used so far. None of them appears in a line.
 */
export function createLogger(level: string, keys: () => Keys, stream: LogStream = process.stderr): ParentLogger {
  let dropped = 0;
  const write = (line: string) => {
    if (stream.writableLength > MAX_PENDING_BYTES) {
      dropped++;
      return;
    }
    const notice = dropped
      ? `{"level":40,"msg":"${dropped} log lines were dropped because stderr is not being read"}\n`
      : '';
    dropped = 0;
    stream.write(notice + redact(removeKeyFromText(line, keys())));
  };
  return pino({ level, base: null }, { write });
}
