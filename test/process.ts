import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WINDOWS } from './platform.ts';

/** The built command, as users start it. */
export const COMMAND = builtCommand();

/** @throws if the command was never built, or src/ has changed since. */
function builtCommand(): string {
  const command = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  if (!existsSync(command)) throw new Error('dist/index.js is missing: run npm run build first');
  const built = statSync(command).mtimeMs;
  const source = fileURLToPath(new URL('../src', import.meta.url));
  const newer = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && statSync(`${file.parentPath}/${file.name}`).mtimeMs > built)
    .map(({ name }) => name);
  if (newer.length) throw new Error(`dist/index.js is older than ${newer.join(', ')}: run npm run build first`);
  return command;
}

/** Only the variables that a process needs to start, so that settings of the developer's shell do not affect tests. */
export function cleanEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  const home = env['HOME'] ?? HOME;
  // Windows looks for the home in another variable.
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...(WINDOWS && home && { USERPROFILE: home }), ...env };
}

/** How a process exited and everything it wrote. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** Runs the command with empty input until it exits, in this folder or another. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Exit> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: cleanEnvironment(env), cwd });
  child.stdin.end();
  return ended(child, collect(child.stdout), collect(child.stderr));
}

/** A JSON-RPC message. */
export interface Message {
  jsonrpc?: unknown;
  id?: string | number | null;
  method?: string;
  result?: { [field: string]: unknown; isError?: boolean; content?: { text: string }[] };
  error?: { code: number; message: string };
}

/** A running server that a test talks to in raw lines. */
export interface Session {
  child: ChildProcessWithoutNullStreams;
  /** Writes bytes to the server's stdin. */
  write(bytes: string | Uint8Array): void;
  /** Sends a JSON-RPC message. */
  send(message: Record<string, unknown>): void;
  /** Sends tools/call without waiting for the response. */
  call(id: number | string, name: string, input?: Record<string, unknown>): void;
  /** Waits for the response with this id. */
  response(id: number | string | null): Promise<Message>;
  /** Waits for the result of a tool call: the JSON in its text block. */
  toolResult(id: number | string): Promise<Record<string, unknown>>;
  out(): string;
  err(): string;
  /** Every line of stdout so far. Each must be JSON. */
  messages(): Message[];
  /** Resolves when the process has exited. */
  ended: Promise<Exit>;
  kill(): void;
}

/** Starts the command as a server and, by default, initializes the MCP session. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { handshake = true, readErrors = true }: { handshake?: boolean; readErrors?: boolean } = {},
): Promise<Session> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: cleanEnvironment(env) });
  // Writing to a server that has exited is an error here; tests check the exit itself.
  child.stdin.on('error', () => {});
  const messages: Message[] = [];
  const waiting = new Map<number | string | null, (message: Message) => void>();
  let rest = '';
  const out = collect(child.stdout, (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // A line that is not JSON fails the test here. The shape is checked where the message is used.
      const message = JSON.parse(line) as Message;
      messages.push(message);
      if (message.id !== undefined && message.method === undefined) waiting.get(message.id)?.(message);
    }
  });
  const err = readErrors ? collect(child.stderr) : () => '';
  const end = ended(child, out, err, readErrors);
  const session: Session = {
    child,
    write: (bytes) => void child.stdin.write(bytes),
    send: (message) => session.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    call: (id, name, input) =>
      session.send({ id, method: 'tools/call', params: { name, ...(input && { arguments: input }) } }),
    response: (id) => {
      const found = messages.find((message) => message.id === id && message.method === undefined);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        void end.then(({ code, err: stderr }) =>
          reject(new Error(`the server exited (${code}) before it responded to ${id}: ${stderr.slice(-500)}`)),
        );
      });
    },
    async toolResult(id) {
      const { result, error } = await session.response(id);
      if (!result) throw new Error(`the call failed with ${JSON.stringify(error)}`);
      return JSON.parse(result.content?.[0]?.text ?? '');
    },
    out,
    err,
    messages: () => messages,
    ended: end,
    kill: () => void child.kill('SIGKILL'),
  };
  if (handshake) {
    session.send({ id: 'handshake', method: 'initialize', params: initialize('2025-11-25') });
    await session.response('handshake');
    session.send({ method: 'notifications/initialized' });
  }
  return session;
}

/** The parameters of an initialize request. */
export function initialize(protocolVersion: string): Record<string, unknown> {
  return { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } };
}

function collect(stream: NodeJS.ReadableStream, each?: (text: string) => void): () => string {
  let all = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    all += text;
    each?.(text);
  });
  return () => all;
}

/** Resolves when all output is read, or on exit if stderr is not read, because an unread stream never closes. */
function ended(
  child: ChildProcessWithoutNullStreams,
  out: () => string,
  err: () => string,
  readErrors = true,
): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on(readErrors ? 'close' : 'exit', (code, signal) => resolve({ code, signal, out: out(), err: err() }));
  });
}
