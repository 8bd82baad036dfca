import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

/** No real message is longer. A longer line is skipped and answered with an error. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const NEWLINE = 0x0a;

/**
 * JSON-RPC in lines on stdin and stdout. Unlike the SDK's own transport it notices the end of input and a closed pipe,
 * limits the length of a line, and answers lines that are not messages.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #input: NodeJS.ReadableStream;
  readonly #output: NodeJS.WritableStream;
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;
  #closed = false;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {
    this.#input.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#input.on('end', () => void this.close());
    this.#input.on('close', () => void this.close());
    this.#input.on('error', () => void this.close());
    // A reader that is gone shows as EPIPE on the next write.
    this.#output.on('error', () => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#write(message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  #write(message: unknown): void {
    this.#output.write(`${JSON.stringify(message)}\n`);
  }

  #receive(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      this.#append(rest.subarray(0, end));
      this.#endLine();
      rest = rest.subarray(end + 1);
    }
    this.#append(rest);
  }

  #append(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > MAX_LINE_BYTES) {
      // The beginning and the end are enough to find the id of the request.
      if (!this.#skipping) this.#parts = [Buffer.concat(this.#parts).subarray(0, 512)];
      this.#skipping = true;
      this.#parts = [this.#parts[0] ?? Buffer.alloc(0), Buffer.concat([...this.#parts.slice(1), part]).subarray(-512)];
    } else if (part.length) this.#parts.push(part);
  }

  #endLine(): void {
    const text = Buffer.concat(this.#parts).toString('utf8').trim();
    const skipped = this.#skipping;
    this.#parts = [];
    this.#size = 0;
    this.#skipping = false;
    if (skipped) {
      this.#reject(INVALID_REQUEST, `The message is longer than ${MAX_LINE_BYTES} bytes`, idIn(text));
    } else if (text) this.#dispatch(text);
  }

  #dispatch(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.#reject(PARSE_ERROR, 'The line is not JSON', null);
      return;
    }
    if (!isMessage(message)) {
      this.#reject(INVALID_REQUEST, 'The line is not a JSON-RPC 2.0 message', idOf(message));
      return;
    }
    this.onmessage?.(message);
  }

  #reject(code: number, message: string, id: string | number | null): void {
    this.onerror?.(new Error(message));
    this.#write({ jsonrpc: '2.0', id, error: { code, message } });
  }
}

/** Checks only the envelope; the SDK checks the rest of each message against its schema. */
function isMessage(value: unknown): value is JSONRPCMessage {
  if (typeof value !== 'object' || value === null || !('jsonrpc' in value) || value.jsonrpc !== '2.0') return false;
  if ('method' in value) {
    const id = 'id' in value ? value.id : 0;
    return typeof value.method === 'string' && (typeof id === 'string' || Number.isInteger(id));
  }
  return 'id' in value && ('result' in value || 'error' in value);
}

function idOf(value: unknown): string | number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return typeof value.id === 'string' || typeof value.id === 'number' ? value.id : null;
}

/** The id of a message that was too long to parse, if it is at either end of it. */
function idIn(text: string): string | number | null {
  const found =
    /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*|"method"\s*:\s*"[^"\\]{1,100}"\s*,\s*)*"id"\s*:\s*(\d+|"[^"\\]{1,100}")/.exec(
      text,
    ) ?? /"id"\s*:\s*(\d+|"[^"\\]{1,100}")\s*\}$/.exec(text);
  const id: unknown = found?.[1] === undefined ? null : JSON.parse(found[1]);
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
