import { setImmediate } from 'node:timers/promises';
import { type Config, fileNameIn } from '../config/config.ts';
import { ApiError, InputError } from '../errors/errors.ts';
import type { Explanation } from '../errors/explain.ts';
import { FileWriter } from '../results/file-writer.ts';
import type { JmespathQuery } from '../results/jmespath.ts';
import { MAX_JOB_TEXT } from '../results/json-job.ts';
import { LargeResponse } from '../results/large-response.ts';
import { collectPages, EndlessListError, type Sink } from '../results/pagination.ts';
import { queryResult } from '../results/query-result.ts';
import { asObject } from '../results/result.ts';
import { jsonSize } from '../text/json-size.ts';
import { routeOf } from '../tools/define.ts';
import type { PageSource, Tool, WorkflowContext } from '../tools/types.ts';
import { type Connection, requestEndpoint } from './request.ts';

/** A call with `all_pages`. */
export interface AllPagesCall {
  tool: Tool;
  /** Fetches one page, not yet masked. */
  source: PageSource;
  /** Parsed by the tool's schema: `limit` and `max_items` are whole numbers. */
  input: Record<string, unknown>;
  query: JmespathQuery | undefined;
  connection: Connection;
  /** Masks the secrets of one page. */
  reveal(page: unknown): unknown;
  explain(error: unknown): Explanation;
  /** Code processes the items, so all of them stay in memory. */
  keepWhole: boolean;
  /** Called with the path of the file, if one was needed, when it is complete. */
  wrote(path: string): void;
}

/**
 * Follows a list to its end or to `max_items`. If the items do not fit the result, they go to a JSON Lines file. Fetched items
 * are never discarded: if fetching stops early, the result holds them and says why.
 */
export async function allPages(call: AllPagesCall): Promise<Record<string, unknown>> {
  const { tool, input, query } = call;
  const { config, progress } = call.connection;
  const inMemory = query || call.keepWhole ? Number.POSITIVE_INFINITY : config.maxResultChars - 1_000;
  const secretFiles: unknown[] = [];
  const notes = new Set<string>();
  const sink = new SpillingSink(inMemory, config, fileNameIn(config, tool.name));
  try {
    const { items, stopped, after, error } = await collectPages({
      fetch: async (cursor, limit) => {
        if (sink.isFull) throw tooMuch();
        const page = await fetchPage(call, cursor, limit);
        if (page.secretFile !== undefined) secretFiles.push(page.secretFile);
        if (typeof page.note === 'string') notes.add(page.note);
        return page;
      },
      sink,
      start: typeof input['after'] === 'string' ? input['after'] : undefined,
      // Parsed by the tool's schema as a whole number.
      pageSize: (input['limit'] as number | undefined) ?? 100,
      maxItems: maxItems(input),
      // A workflow filters on this side, so many pages in a row may have no match.
      maxEmptyPages: tool.kind === 'workflow' ? MAX_UNMATCHED_PAGES : undefined,
      progress: (count) => progress(count, undefined, `${count} items`),
    });
    await sink.finish();
    if (sink.path) call.wrote(sink.path);
    const end = {
      items,
      stopped,
      ...(error !== undefined && { error: explainEnd(call, error) }),
      list_metadata: { before: null, after: after ?? null },
      ...(secretFiles.length > 0 && { secret_files: secretFiles }),
      ...(notes.size > 0 && { note: [...notes].join(' ') }),
    };
    if (query) {
      const maxChars = call.keepWhole ? undefined : config.maxResultChars;
      const options = { beside: end, written: false, maxChars, signal: call.connection.signal };
      return await queryResult(query, { object: 'list', data: sink.items }, options);
    }
    if (!sink.path) return { object: 'list', data: sink.items, ...end };
    return {
      path: sink.path,
      ...end,
      data: sink.items,
      hint: `The file has all ${items} items, one JSON object per line; data has only the first. Use query to count or filter.`,
    };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

/** The error that ends a list with too many items for an expression. The items fetched so far are used. */
function tooMuch(): InputError {
  return new InputError(
    `The items fetched so far are ${MAX_JOB_TEXT / 1024 / 1024} MiB, the most that query can process`,
    ['max_items'],
    'Narrow the list with its filters, or continue with after.',
  );
}

/** The most pages in a row that a workflow may leave empty, so that a server cannot keep it busy forever. */
const MAX_UNMATCHED_PAGES = 1_000;

/** The maximum number of items that the caller wants. */
export function maxItems(input: Record<string, unknown>): number {
  // Parsed by the tool's schema as a whole number.
  return (input['max_items'] as number | undefined) ?? 1_000;
}

/** The arguments of one page. */
export function pageArguments(
  input: Record<string, unknown>,
  cursor: string | undefined,
  limit: unknown,
): Record<string, unknown> {
  // GET /events takes the start of a range or a cursor, never both. https://workos.com/docs/reference/events/list
  const position = cursor !== undefined && { after: cursor, before: undefined, range_start: undefined };
  // After the first page, only ascending order stays inside the range.
  const order = input['range_start'] !== undefined && input['order'] === undefined && { order: 'asc' };
  return { ...input, ...order, limit, ...position };
}

/** Fetches the pages of a tool's list; undefined for a tool without pages. */
export function pageSource(
  tool: Tool,
  input: Record<string, unknown>,
  connection: Connection,
  context: () => WorkflowContext,
): PageSource | undefined {
  if (!tool.paged) return undefined;
  if (tool.kind === 'workflow') return tool.pages?.(input, context());
  if (tool.kind !== 'endpoint') return undefined;
  return (cursor, limit) => requestEndpoint(tool, pageArguments(input, cursor, limit), connection);
}

/** The most items to keep for an HTML report, which shows about as many. */
const MAX_REPORTED = 2_000;

/** The same pages, with their first items copied to `kept`. */
export function keeping(source: PageSource, kept: unknown[]): PageSource {
  return async (cursor, limit) => {
    const page = await source(cursor, limit);
    const { data } = asObject(page);
    for (const item of Array.isArray(data) ? data : []) if (kept.length < MAX_REPORTED) kept.push(item);
    return page;
  };
}

async function fetchPage(
  { tool, input, source, connection, reveal }: AllPagesCall,
  cursor: string | undefined,
  limit: number,
) {
  const response = reveal(await source(cursor, limit));
  // One more than needed, so that the result can tell whether the list has more items.
  const reading = { written: false, take: maxItems(input) + 1, signal: connection.signal };
  const page = asObject(response instanceof LargeResponse ? await response.read(reading) : response);
  const { data } = page;
  if (!Array.isArray(data)) {
    // Treating it as an empty list would report that there are no items.
    const request = { method: 'GET', path: routeOf(tool)?.slice('GET '.length) ?? tool.name, attempts: 1 };
    throw new ApiError('a response without a list', { request, status: 200 });
  }
  return { data, after: cursorOf(page), secretFile: page['secret_file'], note: page['note'] };
}

function explainEnd({ tool, explain }: AllPagesCall, error: unknown): Explanation {
  if (!(error instanceof EndlessListError)) return explain(error);
  return {
    kind: 'api',
    message: `WorkOS's list does not end: ${error.message}`,
    hint: 'The items fetched so far are complete. Narrow the list with its filters to see the rest.',
    tool: tool.name,
  };
}

/** The cursor of the next page, or undefined on the last. */
export function cursorOf(page: Record<string, unknown>): string | undefined {
  const metadata = page['list_metadata'];
  if (typeof metadata !== 'object' || metadata === null || !('after' in metadata)) return undefined;
  return typeof metadata.after === 'string' && metadata.after !== '' ? metadata.after : undefined;
}

/** Items that are added before the event loop gets a turn. */
const ITEMS_AT_ONCE = 5_000;

/** The folder for files, and the maximum size of a file. */
type FilePlace = Pick<Config, 'outputDir' | 'remote'>;

/** Keeps items in memory until their total size is too large, then writes them to a file and keeps only the first few. */
class SpillingSink implements Sink {
  items: unknown[] = [];
  readonly #inMemory: number;
  readonly #place: FilePlace;
  readonly #name: string;
  #size = 0;
  #writer: FileWriter | undefined;

  /** @param inMemory The characters of JSON to keep in memory. */
  constructor(inMemory: number, place: FilePlace, name: string) {
    this.#inMemory = inMemory;
    this.#place = place;
    this.#name = name;
  }

  /** The path of the file, if one was needed. */
  get path(): string | undefined {
    return this.#writer?.path;
  }

  /** True if the items in memory are more than an expression can process. */
  get isFull(): boolean {
    return this.#inMemory === Number.POSITIVE_INFINITY && this.#size > MAX_JOB_TEXT;
  }

  async add(items: readonly unknown[]): Promise<void> {
    for (let at = 0; at < items.length; at += ITEMS_AT_ONCE) {
      if (at > 0) await setImmediate();
      await this.#addSome(items.slice(at, at + ITEMS_AT_ONCE));
    }
  }

  async #addSome(items: readonly unknown[]): Promise<void> {
    const unbounded = this.#inMemory === Number.POSITIVE_INFINITY;
    const text = unbounded ? '' : toLines(items);
    if (this.#writer) {
      await this.#writer.write(text);
      return;
    }
    if (this.#size + text.length > this.#inMemory) {
      this.#writer = await this.#spill(toLines(this.items) + text);
      this.items = firstFew([...this.items, ...items], this.#inMemory / 2);
      return;
    }
    // One by one: a server can send more items than a function can have arguments.
    for (const item of items) this.items.push(item);
    this.#size += unbounded ? jsonSize(items, MAX_JOB_TEXT) : text.length;
  }

  async finish(): Promise<void> {
    await this.#writer?.finish();
  }

  async discard(): Promise<void> {
    await this.#writer?.discard();
  }

  async #spill(text: string): Promise<FileWriter> {
    const writer = await FileWriter.create(
      this.#place.outputDir,
      this.#name,
      'jsonl',
      this.#place.remote?.maxFileBytes,
    );
    try {
      await writer.write(text);
      return writer;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }
}

function toLines(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** The first three items, or fewer if they are large. If the size limit cut them, they would look like a page of the list. */
function firstFew(items: readonly unknown[], maxChars: number): unknown[] {
  let size = 0;
  return items.slice(0, 3).filter((item) => {
    size += JSON.stringify(item).length;
    return size <= maxChars;
  });
}
