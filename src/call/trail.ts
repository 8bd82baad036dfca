import { closeSync, openSync, writeSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ConfigError, RefusedError } from '../errors/errors.ts';

/** One line of the audit log. Ids are the only arguments in it. */
export interface TrailLine {
  /** ISO 8601. */
  time: string;
  /** The `sub` of the token, or `local:NAME` for a user of this machine. */
  person: string;
  organization: string | null;
  environment: string;
  tool: string;
  /** The tool that the call ran inside. */
  via?: string | undefined;
  /** The ids among the arguments, and the id of a created object. */
  targets: Readonly<Record<string, unknown>>;
  /** `unknown`: the call failed, but one of its writes may have been carried out. */
  outcome: 'done' | 'preview' | 'refused' | 'failed' | 'unknown';
  /** Why the call was refused, or its error. */
  reason?: string | undefined;
  /** WorkOS's id of the last request. */
  request_id?: string | undefined;
  /** How consent was given, if the call needed it. */
  confirmed?: 'code' | 'asked' | undefined;
  /** How the call asked to receive the secrets in its result. */
  secrets?: 'file' | 'result' | undefined;
}

/** The audit log of a server. */
export interface Trail {
  /**
   * Must be called before a write is sent.
   * @throws {RefusedError} if the log cannot be written, because no write may go unrecorded.
   */
  ready(): Promise<void>;
  /** Resolves when the line is written or writing failed. Never rejects, because the call has already run. */
  record(line: TrailLine): Promise<void>;
}

/** The destination of lines. */
export interface TrailOutput {
  /** Resolves when the bytes are written. @throws {Error} if they could not be written completely. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** Checks in advance, as far as possible, whether lines can be written. @throws {Error} */
  check?(): void;
}

/** The most lines that wait until they can be written. */
const MAX_PENDING = 1_000;

/** Opens the audit log that the settings name: a file, or `-` for stderr. @throws {ConfigError} if it cannot be written. */
export function openTrail(
  name: string,
  stderr: NodeJS.WritableStream = process.stderr,
  patienceMs = STREAM_TIMEOUT_MS,
): Trail {
  if (name === '-') return trailTo(streamOutput(stderr, patienceMs));
  const output = fileOutput(name);
  try {
    output.check();
  } catch (error) {
    throw new ConfigError(
      `The audit log ${name} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'Set --audit-log to a file that this user may append to, or to - for stderr.',
    );
  }
  return trailTo(output);
}

/** An audit log that writes to this output, line by line. */
export function trailTo(output: TrailOutput): Trail {
  const pending: Buffer[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let broken: unknown;
  const flush = async () => {
    broken = undefined;
    for (let line = pending[0]; line; line = pending[0]) {
      await output.write(line);
      pending.shift();
    }
  };
  const flushed = () => {
    // One write at a time, so that lines do not mix.
    last = last.then(flush).catch((error: unknown) => {
      broken = error;
    });
    return last;
  };
  return {
    async ready() {
      if (broken !== undefined) await flushed();
      try {
        if (broken === undefined) return output.check?.();
      } catch (error) {
        broken = error;
      }
      const code = broken instanceof Error && 'code' in broken ? ` (${String(broken.code)})` : '';
      throw new RefusedError(
        `Nothing was sent: the audit log cannot be written${code}`,
        'Calls that write work again once it can be written. Tell the operator.',
      );
    },
    async record(line) {
      if (pending.length >= MAX_PENDING) pending.shift();
      pending.push(Buffer.from(`${jsonLine(line)}\n`));
      await flushed();
    },
  };
}

/** Escapes control characters: some readers end a line at characters other than `\n`, and terminals obey others. */
function jsonLine(line: TrailLine): string {
  const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return JSON.stringify(line).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (hidden) =>
    units(hidden)
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Opens the file for each line, so that it can be rotated at any time. */
function fileOutput(path: string): Required<TrailOutput> {
  const open = () => openSync(path, 'a', 0o600);
  let cut = false;
  return {
    check: () => closeSync(open()),
    write(bytes) {
      const descriptor = open();
      try {
        // The previous line was only partly written.
        if (cut) writeSync(descriptor, '\n');
        cut = false;
        for (let done = 0; done < bytes.length; ) {
          const written = writeSync(descriptor, bytes, done);
          done += written;
          cut = done < bytes.length;
        }
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** How long writing one line to stderr may take, in milliseconds. */
const STREAM_TIMEOUT_MS = 5_000;

/** A retry waits for the pending write instead of writing the line again, because the stream still holds it. */
function streamOutput(stream: NodeJS.WritableStream, patienceMs: number): TrailOutput {
  let current: { bytes: Uint8Array; written: Promise<void> } | undefined;
  let patience = patienceMs;
  const start = (bytes: Uint8Array) => ({
    bytes,
    written: new Promise<void>((resolve, reject) => {
      stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    }),
  });
  return {
    async write(bytes) {
      if (current?.bytes !== bytes) current = start(bytes);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('stderr is not being read')), patience);
      });
      patience = 0;
      try {
        await Promise.race([current.written, late]);
        patience = patienceMs;
      } catch (error) {
        // A write that failed, rather than timed out, is repeated by the next attempt.
        void current?.written.catch(() => {
          current = undefined;
        });
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** The name in the audit log of a person without a token: the user of this machine. */
export function localPerson(): string {
  try {
    return `local:${userInfo().username}`;
  } catch {
    return 'local';
  }
}
