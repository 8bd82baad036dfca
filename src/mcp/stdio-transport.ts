import type { Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { RPC_ERRORS, type RpcId, readMessage } from './incoming-message.ts';

/** Longer than any real message. A longer line is skipped and answered with an error. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

/** Bytes of output that may wait for a slow reader before the transport stops taking input. */
export const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

/** Bytes of input that are taken in while the output is blocked, so that the end of input is still noticed. */
const MAX_HELD_BYTES = 1024 * 1024;

/** Lines handled in one turn, before their answers can be written and counted. */
const LINES_PER_TURN = 16;

const NEWLINE = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * JSON-RPC in lines on stdin and stdout. Unlike the SDK's own transport, it notices the end of input and a closed pipe, limits
 * the length of a line, answers lines that are not messages, and limits the output that may be unread.
 *
 * While more than MAX_UNREAD_BYTES are unread, it takes no more input, not even pings and cancellations: every line may cause
 * output, and a full pipe is the one signal that every client understands. Nothing is lost; all lines are handled once the client
 * reads again.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Called after output was written, if the transport is not blocked. */
  onwritten?: () => void;
  readonly #input: NodeJS.ReadableStream;
  readonly #output: Writable;
  /** Input that is not handled yet. */
  #rest = EMPTY;
  /** The beginning of the current line. */
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;
  /** Ids of tool calls that are not answered yet. */
  readonly #calls = new Set<RpcId>();
  #turn: NodeJS.Immediate | undefined;
  /** Bytes written that are not read yet. The output's writableLength would count the characters of strings. */
  #unread = 0;
  #ended = false;
  #closed = false;

  constructor(input: NodeJS.ReadableStream, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  /** Whether the client has left so much unread that nothing new should begin. */
  get isBlocked(): boolean {
    return this.#unread > MAX_UNREAD_BYTES;
  }

  async start(): Promise<void> {
    this.#input.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#input.on('end', () => this.#end());
    this.#input.on('close', () => this.#end());
    this.#input.on('error', () => void this.close());
    // If the reader is gone, the next write fails with EPIPE.
    this.#output.on('error', () => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const isCall = 'method' in message;
    // Only progress may be left out.
    if (isCall && message.method === 'notifications/progress' && this.isBlocked) return;
    if (!isCall && message.id !== undefined) this.#calls.delete(message.id);
    this.#write(message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  #write(message: unknown): void {
    const line = `${JSON.stringify(message)}\n`;
    const bytes = Buffer.byteLength(line);
    this.#unread += bytes;
    this.#output.write(line, () => {
      this.#unread -= bytes;
      if (this.#closed || this.isBlocked) return;
      this.onwritten?.();
      if (!this.#turn && this.#rest.length) this.#handleLines();
    });
  }

  #receive(chunk: Buffer): void {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    if (!this.#turn) this.#handleLines();
    if (this.#rest.length > MAX_HELD_BYTES) this.#input.pause();
  }

  #end(): void {
    this.#ended = true;
    if (!this.#turn) this.#finish();
  }

  #finish(): void {
    // The last line may lack its newline. While blocked, lines are dropped: the client is gone and reads nothing.
    if (!this.isBlocked) this.#endLine();
    // Requests in the last lines begin in a later turn.
    setImmediate(() => void this.close());
  }

  /** Handles lines until none are left, the turn is over, or the output is blocked. */
  #handleLines(): void {
    this.#turn = undefined;
    for (let lines = 0; this.#rest.length; ) {
      if (this.#closed) return;
      if (this.isBlocked) {
        if (this.#ended) this.#finish();
        return;
      }
      if (lines === LINES_PER_TURN) {
        this.#turn = setImmediate(() => this.#handleLines());
        return;
      }
      const end = this.#rest.indexOf(NEWLINE);
      this.#append(end < 0 ? this.#rest : this.#rest.subarray(0, end));
      this.#rest = end < 0 ? EMPTY : this.#rest.subarray(end + 1);
      if (end < 0) break;
      this.#endLine();
      lines++;
    }
    if (this.#ended) this.#finish();
    else this.#input.resume();
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
    // With the id of a call in progress, the refusal would be taken for its answer.
    const shown = this.#calls.has(id) ? null : id;
    this.#write({ jsonrpc: '2.0', id: shown, error: { code, message: reason } });
  }
}
/** The id of a message that is too long to parse, if the id is at its beginning or end. */
function idIn(text: string): string | number | null {
  const found =
    /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*|"method"\s*:\s*"[^"\\]{1,100}"\s*,\s*)*"id"\s*:\s*(\d+|"[^"\\]{1,100}")/.exec(
      text,
    ) ?? /"id"\s*:\s*(\d+|"[^"\\]{1,100}")\s*\}$/.exec(text);
  const id: unknown = found?.[1] === undefined ? null : JSON.parse(found[1]);
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
