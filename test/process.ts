import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built command, as users start it. */
export const COMMAND = builtCommand();

/** Throws where the command was not built or the source has changed since. */
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

/** Only what a process needs to start: settings of the shell that runs the tests must not leak in. */
export function cleanEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env };
}

/** How a process ended and everything it wrote. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** Runs the command to its end, with nothing on its input. */
export async function runCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: cleanEnvironment(env) });
  child.stdin.end();
  return ended(child, collect(child.stdout), collect(child.stderr));
}

/** A JSON-RPC message as it stood on a line. */
export interface Message {
  jsonrpc?: unknown;
  id?: string | number | null;
  method?: string;
  result?: { [field: string]: unknown; isError?: boolean; content?: { text: string }[] };
  error?: { code: number; message: string };
}

/** A running server that is spoken to in raw lines. */
export interface Session {
  child: ChildProcessWithoutNullStreams;
  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void;
  /** Sends one message on a line of its own. */
  send(message: Record<string, unknown>): void;
  /** Sends tools/call without waiting for its answer. */
  call(id: number | string, name: string, input?: Record<string, unknown>): void;
  /** The answer to this id, now or when it comes. */
  answer(id: number | string | null): Promise<Message>;
  /** What a tool answered: the JSON of its text block. */
  toolAnswer(id: number | string): Promise<Record<string, unknown>>;
  out(): string;
  err(): string;
  /** Every line of stdout so far, each of which has to be JSON. */
  messages(): Message[];
  /** Resolves once the process is gone. */
  ended: Promise<Ended>;
  kill(): void;
}

/** Starts the command and, unless told otherwise, shakes hands. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { handshake = true, readErrors = true }: { handshake?: boolean; readErrors?: boolean } = {},
): Promise<Session> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: cleanEnvironment(env) });
  // A server that ended closes its input; what is written after that is lost, which each test sees by itself.
  child.stdin.on('error', () => {});
  const messages: Message[] = [];
  const waiting = new Map<number | string | null, (message: Message) => void>();
  let rest = '';
  const out = collect(child.stdout, (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // A line of stdout that is not JSON fails the test here; its shape is checked where it is used.
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
    answer: (id) => {
      const found = messages.find((message) => message.id === id && message.method === undefined);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        void end.then(({ code, err: said }) =>
          reject(new Error(`the server ended (${code}) before it answered ${id}: ${said.slice(-500)}`)),
        );
      });
    },
    async toolAnswer(id) {
      const { result, error } = await session.answer(id);
      if (!result) throw new Error(`the call was answered with ${JSON.stringify(error)}`);
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
    await session.answer('handshake');
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

/** Resolves when all output is read, or at the exit where the errors are not read: an unread stream never closes. */
function ended(
  child: ChildProcessWithoutNullStreams,
  out: () => string,
  err: () => string,
  readErrors = true,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on(readErrors ? 'close' : 'exit', (code, signal) => resolve({ code, signal, out: out(), err: err() }));
  });
}
