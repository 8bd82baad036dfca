import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

/** A minimal MCP client for a server in a child process: JSON lines without the SDK, so that it costs next to nothing. */
export class McpClient {
  #child;
  #nextId = 1;
  #pending = new Map();
  #started = performance.now();
  #exit;

  /** Starts `node` with these arguments. */
  constructor(args, env = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('WORKOS_'));
    this.#child = spawn(process.execPath, args, {
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#exit = new Promise((resolve) => this.#child.on('exit', resolve));
    void this.#exit.then((code) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${args[0]} exited with ${code}`));
    });
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      const message = JSON.parse(line);
      const pending = message.method === undefined && this.#pending.get(message.id);
      if (!pending) return;
      this.#pending.delete(message.id);
      if (message.error) pending.reject(new Error(message.error.message));
      else pending.resolve(message.result);
    });
  }

  request(method, params = {}) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ jsonrpc: '2.0', id, method, params });
    });
  }

  /** Initializes the session. */
  async initialize() {
    const clientInfo = { name: 'bench', version: '1.0.0' };
    const result = await this.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    this.#send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return result;
  }

  /**
   * Calls a tool.
   * @throws Error if the result is an error
   */
  async call(name, input) {
    const result = await this.request('tools/call', { name, arguments: input });
    if (result.isError) throw new Error(result.content[0].text);
    return result;
  }

  /** Milliseconds since the process was started. */
  elapsed() {
    return performance.now() - this.#started;
  }

  /** Current (`VmRSS`) or peak (`VmHWM`) memory in MiB, or undefined without /proc. */
  memory(field = 'VmRSS') {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    } catch {
      return undefined;
    }
  }

  async close() {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3_000);
    await this.#exit;
    clearTimeout(timer);
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}
