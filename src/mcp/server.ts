import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  isInitializeRequest,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ServerCapabilities,
} from '@modelcontextprotocol/sdk/types.js';
import type { Caller } from '../call/caller.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import type { CallQueue } from './call-queue.ts';
import { ProgressCounter } from './progress.ts';
import type { LinkedResult } from './written-files.ts';

/** Runs one call and resolves to its result. Never rejects: a failure is a result too. */
export type CallTool = (name: string, input: Record<string, unknown>, caller: Caller) => Promise<LinkedResult>;

/** The requests for prompts and resources. */
const CONTEXT_REQUESTS = {
  'prompts/list': ListPromptsRequestSchema,
  'prompts/get': GetPromptRequestSchema,
  'resources/list': ListResourcesRequestSchema,
  'resources/templates/list': ListResourceTemplatesRequestSchema,
  'resources/read': ReadResourceRequestSchema,
};

type ContextRequest = ReturnType<(typeof CONTEXT_REQUESTS)[keyof typeof CONTEXT_REQUESTS]['parse']>;

/** Answers a request for prompts or resources. @throws {McpError} */
export type AnswerContext = (request: ContextRequest) => Promise<Record<string, unknown>>;

/** Options for serve(). */
export interface ServerOptions {
  version: string;
  /** All tools, by name. Any other name is an unknown tool. */
  known: ReadonlyMap<string, CatalogEntry>;
  /** What tools/list shows. */
  exposed: readonly CatalogEntry[];
  instructions: string;
  /** Loads the code for calls. Called at the first call, and again at the next one if it failed. */
  load: () => Promise<CallTool>;
  /** Prompts and resources, if there are any. */
  context?: ContextOptions;
  /** Decides when calls may begin. Without it, they begin at once. */
  queue?: CallQueue;
  /** The protocol version agreed on earlier, if this server does not see the initialize request. */
  protocolVersion?: string | undefined;
}

/** Options for serving prompts and resources. */
export interface ContextOptions {
  capabilities: Pick<ServerCapabilities, 'prompts' | 'resources'>;
  /** Loads the code that answers these requests. Called at the first request, and again at the next one if it failed. */
  load: () => Promise<AnswerContext>;
  /** Decides when a request may be answered. Answers are large, and would fill memory while a client does not read. */
  queue: CallQueue;
}

/** A connected server. */
export interface RunningServer {
  /** Aborts calls that only read, gives the others a moment to finish, then resolves. */
  shutDown(): Promise<void>;
}

/** How long writes may continue after the client has disconnected. */
const WRITE_GRACE_MS = 1_500;

/** Protocol versions without resource links in results. Their clients may refuse unknown content. */
const WITHOUT_LINKS = ['2024-10-07', '2024-11-05', '2025-03-26'];

/** How long a user has to answer a question. */
const QUESTION_TIMEOUT_MS = 5 * 60 * 1000;

/** Serves MCP over a transport. Uses the low-level server, because the SDK's tool registry converts every schema again. */
export async function serve(transport: Transport, options: ServerOptions): Promise<RunningServer> {
  const server = new Server(
    { name: 'workos', title: 'WorkOS', version: options.version },
    {
      capabilities: { tools: {}, ...options.context?.capabilities },
      instructions: options.instructions,
      // Replies to our questions carry no content, so there is nothing to validate.
      jsonSchemaValidator: {
        getValidator: () => () => ({ valid: true, data: undefined as never, errorMessage: undefined }),
      },
    },
  );
  const definitions = options.exposed.map(({ definition }) => definition);
  const inFlight = new Map<AbortController, { reads: boolean; done: Promise<unknown> }>();
  const waiting = new Set<AbortController>();
  const loadTools = loadedOnce(options.load);
  const answerContext = options.context && answering(options.context);
  let shuttingDown = false;
  let knowsLinks = !WITHOUT_LINKS.includes(options.protocolVersion ?? '');

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: definitions }));

  // A fallback, because the SDK wraps a tools/call handler in three more checks of each message, and reports wrong params as an
  // internal error.
  server.fallbackRequestHandler = async (request, extra) => {
    if (request.method !== 'tools/call') {
      const [, schema] = Object.entries(CONTEXT_REQUESTS).find(([method]) => method === request.method) ?? [];
      if (!answerContext || !schema) throw new McpError(ErrorCode.MethodNotFound, 'Method not found');
      const { data, error } = schema.safeParse(request);
      if (error) throw wrongParams(request.method, error.issues);
      return answerContext(data, extra.signal);
    }
    const { data, error } = CallToolRequestSchema.safeParse(request);
    if (error) throw wrongParams('tools/call', error.issues);
    const { params } = data;
    // Parsing has checked that the arguments are an object. Its copy lacks `__proto__`, which must be refused, not ignored.
    const input = (request.params?.['arguments'] ?? {}) as Record<string, unknown>;
    const entry = options.known.get(params.name);
    if (!entry) {
      throw new McpError(
        ErrorCode.InvalidParams,
        `Unknown tool: ${quoteUntrusted(params.name)}. tools/list has the names; find_tools searches all operations.`,
      );
    }
    if (shuttingDown) throw shutDownError();
    const controller = new AbortController();
    const { signal } = controller;
    extra.signal.addEventListener('abort', () => controller.abort(), { once: true });
    // If a cancellation arrived together with the call, the signal is aborted already.
    if (extra.signal.aborted) controller.abort();
    const token = params._meta?.progressToken;
    const counter = new ProgressCounter();
    const caller: Caller = {
      origin: 'client',
      signal,
      progress(done, total, message) {
        if (token === undefined || signal.aborted) return;
        const params = { progressToken: token, ...counter.next(done, total), message };
        void extra.sendNotification({ method: 'notifications/progress', params }).catch(() => {});
      },
      ask: server.getClientCapabilities()?.elicitation?.form
        ? async (message) => {
            const requestedSchema = { type: 'object' as const, properties: {} };
            const options = { timeout: QUESTION_TIMEOUT_MS, signal };
            return (await server.elicitInput({ message, requestedSchema }, options)).action;
          }
        : undefined,
    };
    if (options.queue) {
      waiting.add(controller);
      const begun = await options.queue.enter(signal);
      waiting.delete(controller);
      if (!begun) throw shutDownError();
    }
    // The call is in flight from here on, even while the first one still loads its code.
    const done = loadTools().then((answer) => answer(params.name, input, caller));
    inFlight.set(controller, { reads: entry.effect === 'read', done });
    try {
      const result = await done;
      const content = result.content.filter(({ type }) => type !== 'resource_link');
      if (content.length === result.content.length) return result;
      void server.sendResourceListChanged().catch(() => {});
      return knowsLinks ? result : { ...result, content };
    } finally {
      inFlight.delete(controller);
      options.queue?.leave();
    }
  };

  await server.connect(transport);
  const receive = transport.onmessage;
  transport.onmessage = (message, extra) => {
    const isFirst = 'method' in message && message.method === 'initialize' && isInitializeRequest(message);
    if (isFirst) knowsLinks = !WITHOUT_LINKS.includes(message.params.protocolVersion);
    receive?.(message, extra);
  };
  return {
    async shutDown() {
      shuttingDown = true;
      for (const controller of waiting) controller.abort();
      for (const [controller, { reads }] of inFlight) if (reads) controller.abort();
      const writes = [...inFlight.values()].filter(({ reads }) => !reads).map(({ done }) => done);
      if (writes.length) await Promise.race([Promise.allSettled(writes), delay(WRITE_GRACE_MS)]);
      for (const controller of inFlight.keys()) controller.abort();
    },
  };
}

/** Answers requests for prompts and resources when the queue lets them begin. */
function answering({ queue, load }: ContextOptions) {
  const loaded = loadedOnce(load);
  return async (request: ContextRequest, signal: AbortSignal): Promise<Record<string, unknown>> => {
    if (!(await queue.enter(signal))) throw shutDownError();
    try {
      return await (await loaded())(request);
    } finally {
      queue.leave();
    }
  };
}

/** Loads at the first call, and again at the next one if it failed. */
function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

function wrongParams(method: string, issues: readonly { path: readonly PropertyKey[] }[]): McpError {
  const fields = [...new Set(issues.map(({ path }) => path.slice(0, 2).map(String).join('.')))].join(', ');
  return new McpError(ErrorCode.InvalidParams, `Invalid ${method} request: wrong ${quoteUntrusted(fields)}`);
}

function shutDownError(): McpError {
  return new McpError(ErrorCode.ConnectionClosed, 'The server is shutting down. Nothing was sent.');
}
