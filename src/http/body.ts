import type { IncomingMessage } from 'node:http';
import { CountByOwner } from '../mcp/count-by-owner.ts';
import type { Refusal } from './replies.ts';

/** The largest message, in bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The most bytes of all messages that have arrived, even in part, and are not answered yet. */
const MAX_ALL_BYTES = 128 * 1024 * 1024;

/** The same limit for one person, because a few dozen large messages could otherwise lock everyone else out. */
const MAX_OWN_BYTES = 32 * 1024 * 1024;

/** Headers that must not be repeated, because a proxy and this server could each read a different value. */
const SINGLE = ['host', 'origin', 'authorization', 'content-type', 'content-length', 'accept', 'mcp-protocol-version'];

/** The name of a header that is repeated, or undefined. Node keeps the first value of some headers and joins others. */
export function repeatedHeader({ rawHeaders }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  return SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
}

/** Reads request bodies, and limits their size. */
export class BodyReader {
  readonly #held = new CountByOwner();

  /** Reads the text of a body. Its bytes count until release() is called. */
  async read(request: IncomingMessage, owner: string): Promise<{ text: string; release(): void } | Refusal> {
    const {
      'content-type': type = '',
      'content-encoding': encoding = 'identity',
      'content-length': length = '0',
    } = request.headers;
    if (!/^application\/json\s*(?:;|$)/i.test(type)) return refusal(415, 'Content-Type must be application/json');
    if (encoding !== 'identity') return refusal(415, 'Content-Encoding is not supported');
    if (Number(length) > MAX_BODY_BYTES) return TOO_LARGE;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const release = () => {
      this.#held.add(owner, -bytes);
      bytes = 0;
    };
    // Reading with for await would close the connection before the client is told why.
    return new Promise((resolve) => {
      let ended = false;
      const end = (refused: Refusal) => {
        if (ended) return;
        ended = true;
        request.pause();
        request.removeAllListeners('data');
        release();
        resolve(refused);
      };
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        this.#held.add(owner, chunk.length);
        if (bytes > MAX_BODY_BYTES) end(TOO_LARGE);
        else if (this.#held.total > MAX_ALL_BYTES || this.#held.of(owner) > MAX_OWN_BYTES) end(BUSY);
        else chunks.push(chunk);
      });
      request.once('end', () => {
        const text = textOf(Buffer.concat(chunks));
        if (text === undefined) end(refusal(400, 'The body is not UTF-8'));
        else {
          ended = true;
          resolve({ text, release });
        }
      });
      // A body may arrive completely and never be read, if the connection closes while the request waits behind another one.
      request.once('close', () => end(refusal(400, 'The body ended early')));
    });
  }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refusal(status: number, message: string): Refusal {
  return { status, message };
}

const TOO_LARGE = refusal(413, `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);

/** Too many requests are in progress. */
export const BUSY: Refusal = {
  status: 503,
  message: 'The server is busy. Try again in a moment.',
  headers: { 'retry-after': '1' },
};
