import type { IncomingMessage } from 'node:http';
import { CountByOwner } from '../mcp/count-by-owner.ts';

/** Why a request is not answered. */
export interface Refusal {
  status: number;
  message: string;
  headers?: Readonly<Record<string, string>>;
}

/** Bytes of one message. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Bytes of all messages that have arrived in part or whole and are not answered. */
const MAX_ALL_BYTES = 128 * 1024 * 1024;

/** The same for one person, because a few dozen large messages could otherwise keep everybody else out. */
const MAX_OWN_BYTES = 32 * 1024 * 1024;

/** Headers that a proxy and this server could each read another value of. */
const SINGLE = ['host', 'origin', 'authorization', 'content-type', 'content-length', 'accept', 'mcp-protocol-version'];

/** A header that stands there twice, if any. Node keeps the first of some and joins others. */
export function repeatedHeader({ rawHeaders }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  return SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
}

/** Reads bodies of bounded size. */
export class BodyReader {
  readonly #held = new CountByOwner();

  /** The text of a body, whose bytes count until release() is called. */
  async read(request: IncomingMessage, owner: string): Promise<{ text: string; release(): void } | Refusal> {
    const {
      'content-type': type = '',
      'content-encoding': encoding = 'identity',
      'content-length': length = '0',
    } = request.headers;
    if (!/^application\/json\s*(?:;|$)/i.test(type)) return refusal(415, 'Content-Type must be application/json');
    if (encoding !== 'identity') return refusal(415, 'Content-Encoding must be left out');
    if (Number(length) > MAX_BODY_BYTES) return TOO_LARGE;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const release = () => {
      this.#held.add(owner, -bytes);
      bytes = 0;
    };
    // Reading with for await would close the connection before it is told why.
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
      // It can have arrived whole and never be read, where its connection was closed while it waited behind another one.
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

const TOO_LARGE = refusal(413, `The body has more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);

/** More is under way than this server takes at once. */
export const BUSY: Refusal = {
  status: 503,
  message: 'The server is busy. Try again in a moment.',
  headers: { 'retry-after': '1' },
};
