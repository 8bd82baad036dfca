import { closeSync, openSync, writeSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ConfigError, RefusedError } from '../errors/errors.ts';

/** One line of the audit log. Of the arguments it has ids and no more. */
export interface TrailLine {
  /** ISO 8601. */
  time: string;
  /** The `sub` of the token, or `local:NAME` for a user of this machine. */
  person: string;
  organization: string | null;
  environment: string;
  tool: string;
  /** The tool that it ran inside. */
  via?: string | undefined;
  /** The ids that it was called with, and the id of what it made. */
  targets: Readonly<Record<string, unknown>>;
  /** `unknown`: it failed, and a write of it may have been carried out. */
  outcome: 'done' | 'preview' | 'refused' | 'failed' | 'unknown';
  /** Why it was refused, or what its error was. */
  reason?: string | undefined;
  /** WorkOS's, of the last request. */
  request_id?: string | undefined;
  /** How consent was given, where the call took it. */
  confirmed?: 'code' | 'asked' | undefined;
  /** What it asked for of the secrets in its answer. */
  secrets?: 'file' | 'result' | undefined;
}

/** The audit log of a server. */
export interface Trail {
  /**
   * To be called before a write is sent.
   * @throws {RefusedError} where lines could not be written and still cannot: nothing may be done then that nobody could know of.
   */
  ready(): Promise<void>;
  /** Resolves when the line is written. It never rejects: what was done is done. */
  record(line: TrailLine): Promise<void>;
}

/** Where lines go. */
export interface TrailOutput {
  /** Resolves when the bytes are written. @throws {Error} where they are not, in whole. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** Tries whether it could be written, as far as that can be told before. @throws {Error} */
  check?(): void;
}

/** Lines that wait for a disk with room. */
const MAX_PENDING = 1_000;

/** Opens the audit log that the settings name: a file, or `-` for stderr. @throws {ConfigError} where it cannot be written. */
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
    // One after the other, so that lines do not mix.
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

/** A line that is one for every reader: some take more characters than `\n` for its end, and terminals obey others. */
function jsonLine(line: TrailLine): string {
  const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return JSON.stringify(line).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (hidden) =>
    units(hidden)
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Appends to a file that is opened for each line, so that it can be moved away at any time. */
function fileOutput(path: string): Required<TrailOutput> {
  const open = () => openSync(path, 'a', 0o600);
  let cut = false;
  return {
    check: () => closeSync(open()),
    write(bytes) {
      const descriptor = open();
      try {
        // After a line of which only a part found room.
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

/** How long a reader of stderr may take for one line. */
const STREAM_TIMEOUT_MS = 5_000;

/** A line that is tried again is not written again: a stream still has what nobody has read yet. */
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
        timer = setTimeout(() => reject(new Error('nobody reads it')), patience);
      });
      patience = 0;
      try {
        await Promise.race([current.written, late]);
        patience = patienceMs;
      } catch (error) {
        // What failed for good is tried anew.
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

/** The user of this machine, as audit logs name somebody without a token. */
export function localPerson(): string {
  try {
    return `local:${userInfo().username}`;
  } catch {
    return 'local';
  }
}
