import * as z from 'zod';
import { ApiError, CancelledError, ConfigError, InputError, NetworkError, RefusedError } from '../../errors/errors.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { truncate } from '../../text/truncate.ts';
import type { WorkflowContext } from '../types.ts';

/** A tool whose result could not be read, so that nothing may be concluded from missing data. */
export interface Unread {
  tool: string;
  why: string;
}

/** The part of a list that was read. */
export interface List<T> {
  items: readonly T[];
  /** Whether the list continues after these items. */
  more: boolean;
  /** The cursor of the next page. */
  after?: string | undefined;
}

/** Reads data for a composite. A failed read is recorded in `unread`, and the composite continues. */
export interface Reads {
  /** Null means that there is no such object, and undefined that it could not be read. */
  object<T>(shape: z.ZodType<T>, tool: string, input: Record<string, unknown>): Promise<T | null | undefined>;
  /**
   * The first pages of a list, with up to 100 items each. Undefined if the list could not be read, or if an item does not have
   * this shape.
   */
  list<T>(
    shape: z.ZodType<T>,
    tool: string,
    input: Record<string, unknown>,
    pages?: number,
  ): Promise<List<T> | undefined>;
  readonly unread: readonly Unread[];
  /** How many more requests may be sent. Reads beyond that are recorded as unread. */
  readonly left: number;
  /** The reason WorkOS is unreachable, if no request has had a response yet. */
  readonly unreachable: NetworkError | undefined;
}

const PageShape = z.object({
  data: z.array(z.unknown()),
  list_metadata: z.object({ after: z.string().nullish() }).nullish(),
});

/** The longest reason, and the longest message from WorkOS in it, in characters. */
const MAX_WHY = 160;
const MAX_MESSAGE = 60;

/**
 * Reads through the server's own tools, under its policy.
 * @param most The most requests that may be sent, not counting retries.
 */
export function readsOf(context: WorkflowContext, most = Number.POSITIVE_INFINITY): Reads {
  const unread: Unread[] = [];
  let left = most;
  let answered = false;
  let failure: NetworkError | undefined;
  const note = (tool: string, why: string) => {
    if (!unread.some((one) => one.tool === tool)) unread.push({ tool, why: truncate(why, MAX_WHY) });
    return undefined;
  };
  const attempt = async (tool: string, input: Record<string, unknown>) => {
    if (left === 0) return { error: new RefusedError(`the limit of ${most} requests was reached`, '') };
    left -= 1;
    try {
      const value = await context.call(tool, input);
      answered = true;
      return { value };
    } catch (error) {
      if (endsAll(error)) throw error;
      if (error instanceof ApiError) answered = true;
      if (error instanceof NetworkError) failure ??= error;
      // A request that the settings refuse was not sent.
      if (error instanceof RefusedError) left += 1;
      return { error };
    }
  };
  const reason = (tool: string, error: unknown) =>
    error instanceof ApiError
      ? `WorkOS returned ${error.status}: ${quoteUntrusted(error.message, MAX_MESSAGE)}`
      : context.explain(tool, error).message;
  return {
    unread,
    get left() {
      return left;
    },
    get unreachable() {
      return answered ? undefined : failure;
    },
    async object(shape, tool, input) {
      const { value, error } = await attempt(tool, input);
      if (error instanceof ApiError && error.status === 404) return null;
      if (error) return note(tool, reason(tool, error));
      const parsed = shape.safeParse(value);
      return parsed.success ? parsed.data : note(tool, 'the response is not what this server expects');
    },
    async list(shape, tool, input, pages = 1) {
      let items: z.output<typeof shape>[] = [];
      let after: string | null | undefined;
      for (let page = 0; page < pages && (page === 0 || after); page++) {
        const size = context.tools.get(tool)?.paged ? { limit: 100 } : {};
        const { value, error } = await attempt(tool, { ...size, ...input, ...(after && { after }) });
        if (error) {
          note(tool, reason(tool, error));
          return page === 0 ? undefined : { items, more: true };
        }
        const parsed = PageShape.safeParse(value);
        const rows = z.array(shape).safeParse(parsed.data?.data);
        if (!rows.success) return note(tool, 'the response is not what this server expects');
        items = [...items, ...rows.data];
        after = parsed.data?.list_metadata?.after;
      }
      return { items, more: Boolean(after), after: after ?? undefined };
    },
  };
}

/** Whether no other read can succeed either, or the caller has to correct the call. */
function endsAll(error: unknown): boolean {
  return (
    error instanceof CancelledError ||
    error instanceof ConfigError ||
    error instanceof InputError ||
    (error instanceof ApiError && error.status === 401)
  );
}
