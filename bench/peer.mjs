import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

/** An MCP client of a child server that costs next to nothing: lines of JSON, no SDK. */
export class Peer {
  #child;
  #nextId = 1;
  #waiting = new Map();
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
      for (const { reject } of this.#waiting.values()) reject(new Error(`${args[0]} ended with ${code}`));
    });
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      const message = JSON.parse(line);
      const waiting = message.method === undefined && this.#waiting.get(message.id);
      if (!waiting) return;
      this.#waiting.delete(message.id);
      if (message.error) waiting.reject(new Error(message.error.message));
      else waiting.resolve(message.result);
    });
  }

  request(method, params = {}) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ jsonrpc: '2.0', id, method, params });
    });
  }

  /** The handshake. */
  async open() {
    const clientInfo = { name: 'bench', version: '1.0.0' };
    const opened = await this.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    this.#send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return opened;
  }

  /** One tool call; a result that is an error is thrown. */
  async call(name, input) {
    const result = await this.request('tools/call', { name, arguments: input });
    if (result.isError) throw new Error(result.content[0].text);
    return result;
  }

  /** Milliseconds since the process was started. */
  age() {
    return performance.now() - this.#started;
  }

  /** Memory in MiB, now (VmRSS) and at most (VmHWM); undefined where the system does not tell. */
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
