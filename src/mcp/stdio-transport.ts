import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

/** A longer line is no message of an honest client; it is skipped and answered with an error. */
export const MOST_LINE_BYTES = 10 * 1024 * 1024;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const NEWLINE = 0x0a;

/**
 * JSON-RPC over lines on stdin and stdout. Unlike the SDK's own transport it notices the end of input and a closed pipe,
 * bounds the length of a line, and answers lines that are no messages.
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
    this.#input.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#input.on('end', () => void this.close());
    this.#input.on('close', () => void this.close());
    this.#input.on('error', () => void this.close());
    // A reader that went away shows as EPIPE on the next write.
    this.#output.on('error', () => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#output.write(`${lineOf(message)}\n`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  #write(message: unknown): void {
    this.#output.write(`${JSON.stringify(message)}\n`);
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      this.#keep(rest.subarray(0, end));
      this.#line();
      rest = rest.subarray(end + 1);
    }
    this.#keep(rest);
  }

  #keep(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > MOST_LINE_BYTES) {
      // The beginning and the end are enough to find the id that waits for an answer.
      if (!this.#skipping) this.#parts = [Buffer.concat(this.#parts).subarray(0, 512)];
      this.#skipping = true;
      this.#parts = [this.#parts[0] ?? Buffer.alloc(0), Buffer.concat([...this.#parts.slice(1), part]).subarray(-512)];
    } else if (part.length) this.#parts.push(part);
  }

  #line(): void {
    const text = Buffer.concat(this.#parts).toString('utf8').trim();
    const skipped = this.#skipping;
    this.#parts = [];
    this.#size = 0;
    this.#skipping = false;
    if (skipped) {
      this.#refuse(INVALID_REQUEST, `The message is longer than ${MOST_LINE_BYTES} bytes`, idIn(text));
    } else if (text) this.#message(text);
  }

  #message(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.#refuse(PARSE_ERROR, 'The line is not JSON', null);
      return;
    }
    if (!isMessage(message)) {
      this.#refuse(INVALID_REQUEST, 'The line is not a JSON-RPC 2.0 message', idOf(message));
      return;
    }
    this.onmessage?.(message);
  }

  #refuse(code: number, message: string, id: string | number | null): void {
    this.onerror?.(new Error(message));
    this.#write({ jsonrpc: '2.0', id, error: { code, message } });
  }
}

/** A message as JSON. The text of a success is its structuredContent as JSON, so that need not be made again. */
function lineOf(message: JSONRPCMessage): string {
  if (!('result' in message)) return JSON.stringify(message);
  const { content, structuredContent, ...further } = message.result;
  const [block, more] = Array.isArray(content) ? content : [];
  if (!structuredContent || more || typeof block?.text !== 'string' || Object.keys(further).length > 0) {
    return JSON.stringify(message);
  }
  const id = JSON.stringify(message.id);
  return `{"jsonrpc":"2.0","id":${id},"result":{"content":${JSON.stringify(content)},"structuredContent":${block.text}}}`;
}

/** Looks at the envelope only; the SDK checks the rest of each message against its schema. */
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

/** The id of a message that was too long to be parsed, if it stands at one of its ends. */
function idIn(text: string): string | number | null {
  const found =
    /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*|"method"\s*:\s*"[^"\\]{1,100}"\s*,\s*)*"id"\s*:\s*(\d+|"[^"\\]{1,100}")/.exec(
      text,
    ) ?? /"id"\s*:\s*(\d+|"[^"\\]{1,100}")\s*\}$/.exec(text);
  const id: unknown = found?.[1] === undefined ? null : JSON.parse(found[1]);
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
