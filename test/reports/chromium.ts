import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The command of a Chromium on this machine: Debian's package, or one of the usual names. */
export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** A page that is open in a headless browser. */
export interface OpenPage {
  /** The value of an expression in the page, as JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** A command of the DevTools protocol. https://chromedevtools.github.io/devtools-protocol/ */
  send(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** What a page should not cause: requests for anything but itself, log messages, exceptions and dialogs. */
  readonly events: readonly string[];
}

export interface Browser {
  open(url: string, options?: { width?: number; dark?: boolean; script?: boolean }): Promise<OpenPage>;
  close(): Promise<void>;
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  sessionId?: string;
}

/** Starts a headless browser, and talks to it through a pipe. */
export async function startBrowser(command: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'workos-mcp-chromium-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run'];
  const child = spawn(command, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  // Opened as pipes just above.
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, (message: Message) => void>();
  let [last, rest] = [0, ''];
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message: Message = JSON.parse(part);
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      else if (message.sessionId !== undefined) listeners.get(message.sessionId)?.(message);
    }
  });
  const send = (method: string, params: Record<string, unknown> = {}, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const id = ++last;
      waiting.set(id, ({ result = {} }) => resolve(result));
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    });
  return {
    async open(url, { width = 1200, dark = false, script = true } = {}) {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const session = String(sessionId);
      const events: string[] = [];
      let loaded = () => {};
      const isLoaded = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      listeners.set(session, ({ method = '', params = {} }) => {
        if (method === 'Page.loadEventFired') loaded();
        const request = Object(params['request']).url;
        if (method === 'Network.requestWillBeSent' && request !== url) events.push(`request: ${request}`);
        if (/^Log\.entryAdded|consoleAPICalled|exceptionThrown|javascriptDialogOpening/.test(method)) {
          events.push(`${method}: ${JSON.stringify(params).slice(0, 300)}`);
        }
      });
      const own = (method: string, params?: Record<string, unknown>) => send(method, params, session);
      for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await own(`${domain}.enable`);
      await own('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
      await own('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
      });
      await own('Emulation.setScriptExecutionDisabled', { value: !script });
      await own('Page.navigate', { url });
      await isLoaded;
      return {
        send: own,
        events,
        evaluate: async (expression) => {
          const { result } = await own('Runtime.evaluate', { expression, returnByValue: true });
          return Object(result).value;
        },
      };
    },
    async close() {
      await send('Browser.close');
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
