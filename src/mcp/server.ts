import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Caller } from '../call/pipeline.ts';
import type { Answer } from '../call/runtime.ts';
import type { CatalogEntry } from '../tools/catalog.ts';

export interface ServerOptions {
  version: string;
  /** Every tool there is, by name: what is not in it is an unknown tool. */
  known: ReadonlyMap<string, CatalogEntry>;
  /** What tools/list shows. */
  exposed: readonly CatalogEntry[];
  instructions: string;
  /** Loads what calls need; asked for at the first call. */
  load: () => Promise<Answer>;
}

export interface RunningServer {
  /** Aborts calls that only read, gives the others a moment, and resolves. */
  shutDown(): Promise<void>;
}

/** How long calls that change something may go on after the client is gone. */
const GRACE_MS = 1_500;

/** How long a user may think about a question. */
const ASK_MS = 5 * 60 * 1000;

/** Serves MCP over a transport. The low-level server, because the SDK's tool registry converts every schema anew. */
export async function serve(transport: Transport, options: ServerOptions): Promise<RunningServer> {
  const server = new Server(
    { name: 'workos', title: 'WorkOS', version: options.version },
    {
      capabilities: { tools: {} },
      instructions: options.instructions,
      // Answers to our questions carry no content, so there is nothing to compile a validator for.
      jsonSchemaValidator: {
        getValidator: () => () => ({ valid: true, data: undefined as never, errorMessage: undefined }),
      },
    },
  );
  const definitions = options.exposed.map(({ definition }) => definition);
  const inFlight = new Map<AbortController, { reads: boolean; done: Promise<unknown> }>();
  let loading: Promise<Answer> | undefined;
  let ending = false;

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: definitions }));

  // A handler set for tools/call is wrapped in three more checks of each message by the SDK, and calls wrong params an
  // internal error.
  server.fallbackRequestHandler = async (request, extra) => {
    if (request.method !== 'tools/call') throw new McpError(ErrorCode.MethodNotFound, 'Method not found');
    const { data, error } = CallToolRequestSchema.safeParse(request);
    if (error) throw new McpError(ErrorCode.InvalidParams, `Invalid tools/call request: ${error.message}`);
    const { params } = data;
    const entry = options.known.get(params.name);
    if (!entry) {
      throw new McpError(
        ErrorCode.InvalidParams,
        `Unknown tool: ${params.name}. tools/list has the names; find_tools searches all.`,
      );
    }
    if (ending) throw new McpError(ErrorCode.ConnectionClosed, 'The server is ending; nothing was sent.');
    loading ??= options.load();
    const controller = new AbortController();
    const { signal } = controller;
    extra.signal.addEventListener('abort', () => controller.abort(), { once: true });
    const token = params._meta?.progressToken;
    let last = 0;
    const caller: Caller = {
      door: 'client',
      signal,
      progress(done, total, message) {
        if (token === undefined || signal.aborted) return;
        // The protocol wants progress to grow with each notification, also while a wait is all there is to tell.
        last = done > last ? done : last + 0.001;
        const params = { progressToken: token, progress: last, message, ...(total !== undefined && { total }) };
        void extra.sendNotification({ method: 'notifications/progress', params }).catch(() => {});
      },
      ask: server.getClientCapabilities()?.elicitation
        ? async (message) => {
            const requestedSchema = { type: 'object' as const, properties: {} };
            try {
              const reply = await server.elicitInput({ message, requestedSchema }, { timeout: ASK_MS, signal });
              return reply.action;
            } catch {
              return 'cancel';
            }
          }
        : undefined,
    };
    // In flight from the first moment on, also while the first call still loads what it needs.
    const done = loading.then((answer) => answer(params.name, params.arguments ?? {}, caller));
    inFlight.set(controller, { reads: entry.effect === 'read', done });
    try {
      return await done;
    } finally {
      inFlight.delete(controller);
    }
  };

  await server.connect(transport);
  return {
    async shutDown() {
      ending = true;
      for (const [controller, { reads }] of inFlight) if (reads) controller.abort();
      const writes = [...inFlight.values()].filter(({ reads }) => !reads).map(({ done }) => done);
      if (writes.length) await Promise.race([Promise.allSettled(writes), delay(GRACE_MS)]);
      for (const controller of inFlight.keys()) controller.abort();
    },
  };
}
