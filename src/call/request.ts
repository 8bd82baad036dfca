import type { FileHandle } from 'node:fs/promises';
import type { WorkOSClient } from '../client/client.ts';
import { planRequest, type RequestPlan, type Route } from '../client/request-plan.ts';
import type { Config } from '../config/config.ts';
import { SECRET_OUTPUTS } from '../config/settings.ts';
import { ApiError, ConfigError, type Explanation, RefusedError } from '../errors/errors.ts';
import type { Query } from '../results/jmespath.ts';
import { collectPages, EndlessListError, type Sink } from '../results/pagination.ts';
import { createFile, writeFile } from '../results/private-files.ts';
import { asObject } from '../results/result.ts';
import { type MaskedField, maskFields, removeSecret } from '../text/redact.ts';
import { type Endpoint, hidesSecrets, type Tool } from '../tools/define.ts';

/** What one request needs besides its tool and input. */
export interface Connection {
  config: Config;
  client: WorkOSClient;
  signal: AbortSignal;
  progress(done: number, total: number | undefined, message: string): void;
}

/** The request that a tool's own route and input imply, sent; its answer, normalised but unmasked. */
export async function requestEndpoint(
  tool: Endpoint,
  input: Record<string, unknown>,
  connection: Connection,
): Promise<unknown> {
  const { config } = connection;
  const own = Object.fromEntries(tool.fields.map((name) => [name, input[name]]));
  if (tool.auth === 'none' || tool.auth === 'client_secret') {
    if (tool.fields.includes('client_id') && own['client_id'] === undefined) own['client_id'] = clientId(config);
  }
  const token = own['access_token'];
  if (tool.auth === 'access_token') delete own['access_token'];
  if (tool.auth === 'client_secret') own['client_secret'] = keyOf(config);
  const ordered = tool.paged ? { order: 'desc', ...withoutUndefined(own) } : own;
  const request = planRequest(tool.route, ordered, {
    send: tool.send,
    hasBody: tool.hasBody,
    repeatArrays: tool.redirect,
  });
  if (tool.redirect) return { url: `${config.baseUrl}${request.path}${request.query && `?${request.query}`}` };
  const bearer = tool.auth === 'api_key' ? keyOf(config) : tool.auth === 'access_token' ? String(token) : undefined;
  return send(tool.route, request, bearer, tool.replayable, connection);
}

/** A workflow's own request, with the key. */
export async function requestRoute(
  route: Route,
  input: Record<string, unknown>,
  connection: Connection,
): Promise<unknown> {
  const reads = route.startsWith('GET ') || route.startsWith('DELETE ');
  const request = planRequest(route, input, { send: reads ? 'query' : 'body', hasBody: true });
  return send(route, request, keyOf(connection.config), false, connection);
}

async function send(
  label: Route,
  request: RequestPlan,
  bearer: string | undefined,
  replayable: boolean,
  { config, client, signal, progress }: Connection,
): Promise<unknown> {
  const { status, body: raw } = await client.request({
    ...request,
    label,
    bearer,
    replayable,
    signal,
    waiting: (ms, why) => progress(0, undefined, `waiting ${Math.ceil(ms / 1000)} s ${why}`),
  });
  // Before anything else sees it: what is made of an answer may be a file, a question or an error.
  const body = config.key.value ? removeSecret(raw, config.key.value) : raw;
  const later = status === 202 && { note: 'Accepted: WorkOS finishes this later.' };
  if (body === undefined) return { ok: true, status, ...later };
  return later ? { ...asObject(body), ...later } : asObject(body);
}

/**
 * Follows a list to its end or to `max_items`; into a JSON Lines file where it is too large to answer, unless `whole`
 * says that somebody else goes on to work with it.
 */
export async function allPages(
  tool: Endpoint,
  input: Record<string, unknown>,
  query: Query | undefined,
  connection: Connection,
  reveal: (answer: unknown) => unknown,
  explainError: (error: unknown) => Explanation,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const { config, progress } = connection;
  const keep = query || whole ? Number.POSITIVE_INFINITY : config.maxResultChars - 1_000;
  const secretFiles: unknown[] = [];
  const sink = new SpillingSink(keep, config.outputDir, tool.name);
  // Both were parsed by the tool's schema as whole numbers.
  const maxItems = (input['max_items'] as number | undefined) ?? 1_000;
  const pageSize = (input['limit'] as number | undefined) ?? 100;
  try {
    const walk = await collectPages({
      fetch: async (after, limit) => {
        // /events takes a range's start or a cursor, never both. https://workos.com/docs/reference/events/list
        const paged = {
          ...input,
          limit,
          ...(after !== undefined && { after, before: undefined, range_start: undefined }),
        };
        const page = asObject(reveal(await requestEndpoint(tool, paged, connection)));
        if (page['secret_file'] !== undefined) secretFiles.push(page['secret_file']);
        const { data } = page;
        if (!Array.isArray(data)) {
          // No list is not an empty list: saying that there is nothing would be wrong.
          const tried = { method: 'GET', path: tool.route.slice('GET '.length), attempts: 1 } as const;
          throw new ApiError('success, but no list', { tried, status: 200 });
        }
        return { data, after: cursorOf(page) };
      },
      sink,
      start: typeof input['after'] === 'string' ? input['after'] : undefined,
      pageSize,
      maxItems,
      progress: (items) => progress(items, undefined, `${items} items`),
    });
    const end = {
      items: walk.items,
      stopped: walk.stopped,
      ...(walk.error !== undefined && {
        error: walk.error instanceof EndlessListError ? endless(tool.name, walk.error) : explainError(walk.error),
      }),
      list_metadata: { before: null, after: walk.after ?? null },
      ...(secretFiles.length > 0 && { secret_files: secretFiles }),
    };
    if (query) return { result: query({ object: 'list', data: sink.items }), ...end };
    if (!sink.path) return { object: 'list', data: sink.items, ...end };
    return {
      path: sink.path,
      ...end,
      data: sink.items,
      hint: `All ${walk.items} items are in the file, one JSON object a line; data holds only the first. Use query for counts and filters.`,
    };
  } finally {
    await sink.close();
  }
}

function endless(tool: string, { message }: EndlessListError): Explanation {
  return {
    kind: 'api',
    message: `The list that WorkOS answers does not end: ${message}`,
    hint: 'What came before is complete up to there; narrow the list with its filters to see the rest.',
    tool,
  };
}

/** Keeps items until they are too large together, then writes all of them down and remembers only the first few. */
class SpillingSink implements Sink {
  items: unknown[] = [];
  path: string | undefined;
  readonly #keep: number;
  readonly #folder: string;
  readonly #name: string;
  #size = 0;
  #handle: FileHandle | undefined;

  constructor(keep: number, folder: string, name: string) {
    this.#keep = keep;
    this.#folder = folder;
    this.#name = name;
  }

  async add(items: readonly unknown[]): Promise<void> {
    if (this.#keep === Number.POSITIVE_INFINITY) {
      this.items.push(...items);
      return;
    }
    const lines = items.map((item) => `${JSON.stringify(item)}\n`);
    const text = lines.join('');
    if (this.#handle) {
      await this.#handle.appendFile(text);
      return;
    }
    this.items.push(...items);
    this.#size += text.length;
    if (this.#size <= this.#keep) return;
    const { path, handle } = await createFile(this.#folder, this.#name, 'jsonl');
    this.path = path;
    this.#handle = handle;
    await handle.appendFile(this.items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    this.items = firstFew(this.items, this.#keep / 2);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/** The first three, or fewer where they are large: cut by the size limit they would look like a page of the list. */
function firstFew(items: readonly unknown[], most: number): unknown[] {
  let size = 0;
  return items.slice(0, 3).filter((item) => {
    size += JSON.stringify(item).length;
    return size <= most;
  });
}

/** The mode a call asks for, or its class's default, as far as the settings allow it. Throws before anything is sent. */
export function secretMode(tool: Tool, input: Record<string, unknown>, config: Config): Config['secrets'] {
  const asked = SECRET_OUTPUTS.find((level) => level === input['secret_output']);
  const mode = asked ?? (tool.secrets.class === 'once' ? 'file' : 'masked');
  if (SECRET_OUTPUTS.indexOf(mode) <= SECRET_OUTPUTS.indexOf(config.secrets)) return mode;
  throw asked
    ? new RefusedError(
        `secret_output ${asked} is more than this server allows (${config.secrets})`,
        `Leave secret_output out, or ask the operator for --secrets ${asked}.`,
      )
    : new RefusedError(
        `${tool.name} shows its secret one single time and this server may only show it masked, so it would be lost`,
        'Ask the operator for --secrets file, or pass secret_output masked to go on without the secret.',
      );
}

/** Masks the secret fields of an answer; with `file` their values go to a private file and the answer says where. */
export function revealSecrets(tool: Tool, answer: unknown, mode: Config['secrets'], folder: string): unknown {
  const paths = tool.secrets.out ?? [];
  if (!hidesSecrets(tool.secrets) || mode === 'result') return answer;
  const masked = maskFields(answer, paths);
  if (mode === 'masked' || masked.found.length === 0) return masked.answer;
  try {
    const path = writeFile(folder, tool.name, 'json', `${JSON.stringify(fileContent(masked.found), null, 1)}\n`);
    return { ...asObject(masked.answer), secret_file: { path, fields: masked.found.map(({ field }) => field) } };
  } catch (error) {
    if (tool.effect === 'read' || !(error instanceof Error)) throw error;
    // The write is done: an error would have it repeated.
    return { ...asObject(masked.answer), secret_file: { error: `It could not be written: ${error.message}` } };
  }
}

function fileContent(found: readonly MaskedField[]): Record<string, unknown> {
  return Object.fromEntries(found.map(({ field, value }) => [field, value]));
}

function cursorOf(page: Record<string, unknown>): string | undefined {
  const metadata = page['list_metadata'];
  if (typeof metadata !== 'object' || metadata === null || !('after' in metadata)) return undefined;
  return typeof metadata.after === 'string' && metadata.after !== '' ? metadata.after : undefined;
}

function withoutUndefined(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The configured key. Throws ConfigError with what to set, for each of the common clients. */
export function keyOf({ key }: Config): string {
  if (key.value !== undefined) return key.value;
  throw new ConfigError(
    `No WorkOS key: ${key.problem}`,
    [
      'Set WORKOS_TOKEN to a secret key (sk_test_… or sk_live_…) of the WorkOS dashboard and restart this server.',
      'Claude Code: claude mcp add workos -e WORKOS_TOKEN=sk_… -- workos-mcp.',
      'Cursor: "env": {"WORKOS_TOKEN": "$\u007Benv:WORKOS_TOKEN}"} in mcp.json. VS Code: an input of type promptString.',
      'Codex: env_vars = ["WORKOS_TOKEN"]. Or try --sandbox, which needs no key.',
    ].join(' '),
  );
}

function clientId({ clientId: id }: Config): string {
  if (id !== undefined) return id;
  throw new ConfigError(
    'client_id was left out and WORKOS_CLIENT_ID is not set',
    'Pass client_id, or set WORKOS_CLIENT_ID.',
  );
}
