import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { RPC_ERRORS, type RpcId, readMessage } from './incoming-message.ts';

/** No real message is longer. A longer line is skipped and answered with an error. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

const NEWLINE = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);

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
  /** Ids of tool calls that were not answered yet. */
  readonly #calls = new Set<RpcId>();
  #closed = false;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {
    this.#input.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#input.on('end', () => this.#end());
    this.#input.on('close', () => this.#end());
    this.#input.on('error', () => void this.close());
    // A reader that is gone shows as EPIPE on the next write.
    this.#output.on('error', () => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!('method' in message) && message.id !== undefined) this.#calls.delete(message.id);
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

  #end(): void {
    // The last line may lack its newline.
    this.#endLine();
    // What the last lines ask for begins in a later turn.
    setImmediate(() => void this.close());
  }

  #append(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > MAX_LINE_BYTES) {
      // The beginning and the end are enough to find the id of the request.
      if (!this.#skipping) this.#parts = [Buffer.concat(this.#parts).subarray(0, 512)];
      this.#skipping = true;
      this.#parts = [this.#parts[0] ?? EMPTY, Buffer.concat([...this.#parts.slice(1), part]).subarray(-512)];
    } else if (part.length) this.#parts.push(part);
  }

  #endLine(): void {
    const text = Buffer.concat(this.#parts).toString('utf8').trim();
    const skipped = this.#skipping;
    this.#parts = [];
    this.#size = 0;
    this.#skipping = false;
    if (skipped) {
      this.#refuse(RPC_ERRORS.invalidRequest, `The message is longer than ${MAX_LINE_BYTES} bytes`, idIn(text));
    } else if (text) this.#dispatch(text);
  }

  #dispatch(text: string): void {
    const incoming = readMessage(text);
    if (incoming.kind === 'message') this.#deliver(incoming.message);
    else if (incoming.kind === 'refused') this.#refuse(incoming.code, incoming.reason, incoming.id);
    else this.onerror?.(new Error(incoming.reason));
  }

  #deliver(message: JSONRPCMessage): void {
    const id = 'method' in message && 'id' in message ? message.id : null;
    if (id !== null && this.#calls.has(id)) {
      const reason = `Not run: the call with the id ${JSON.stringify(id).slice(0, 80)} is still in progress`;
      this.#refuse(RPC_ERRORS.invalidRequest, reason, id);
      return;
    }
    if (id !== null && 'method' in message && message.method === 'tools/call') this.#calls.add(id);
    // A cancelled request is never answered.
    if ('method' in message && message.method === 'notifications/cancelled') {
      const { requestId } = { requestId: undefined, ...message.params };
      if (typeof requestId === 'string' || typeof requestId === 'number') this.#calls.delete(requestId);
    }
    try {
      this.onmessage?.(message);
    } catch (error) {
      const reason = `The message could not be handled (${error instanceof Error ? error.name : 'unknown error'})`;
      this.#calls.delete(id);
      if (id === null) this.onerror?.(new Error(reason));
      else this.#refuse(RPC_ERRORS.internal, reason, id);
    }
  }

  #refuse(code: number, reason: string, id: RpcId): void {
    this.onerror?.(new Error(reason));
    // With the id of a call in progress, the refusal would pass for its answer.
    const shown = this.#calls.has(id) ? null : id;
    this.#write({ jsonrpc: '2.0', id: shown, error: { code, message: reason } });
  }
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
