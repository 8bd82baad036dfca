import * as z from 'zod';
import { ApiError, CancelledError, ConfigError, InputError } from '../../errors/errors.ts';
import { truncate } from '../../text/truncate.ts';
import type { WorkflowContext } from '../types.ts';

/** Something that could not be read, so that nothing may be concluded from its absence. */
export interface Unread {
  tool: string;
  why: string;
}

/** What was read of a list. */
export interface List<T> {
  items: readonly T[];
  /** The list goes on after these. */
  more: boolean;
  /** The cursor to what follows. */
  after?: string | undefined;
}

/** What a composite reads. What cannot be read is noted in `unread`, and the rest goes on. */
export interface Reads {
  /** Undefined where it could not be read, null where there is no such object. */
  object<T>(shape: z.ZodType<T>, tool: string, input: Record<string, unknown>): Promise<T | null | undefined>;
  /**
   * The first pages of a list, at most 100 items each. Undefined where the list could not be read, or holds something that
   * does not have this shape.
   */
  list<T>(
    shape: z.ZodType<T>,
    tool: string,
    input: Record<string, unknown>,
    pages?: number,
  ): Promise<List<T> | undefined>;
  readonly unread: readonly Unread[];
}

const PageShape = z.object({
  data: z.array(z.unknown()),
  list_metadata: z.object({ after: z.string().nullish() }).nullish(),
});

/** The longest reason that is shown, in characters. */
const MAX_WHY = 160;

/**
 * Reads under the policy of the running server, with its own tools.
 * @param most the most requests; what would take more is noted as unread
 */
export function readsOf(context: WorkflowContext, most = Number.POSITIVE_INFINITY): Reads {
  const unread: Unread[] = [];
  let requests = 0;
  const note = (tool: string, why: string) => {
    if (!unread.some((one) => one.tool === tool)) unread.push({ tool, why: truncate(why, MAX_WHY) });
    return undefined;
  };
  const attempt = async (tool: string, input: Record<string, unknown>) => {
    if (requests === most) return { error: new LimitError(`a call makes at most ${most} requests`) };
    requests++;
    try {
      return { value: await context.call(tool, input) };
    } catch (error) {
      if (endsAll(error)) throw error;
      return { error };
    }
  };
  const reason = (tool: string, error: unknown) =>
    error instanceof LimitError ? error.message : context.explain(tool, error).message;
  return {
    unread,
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
        const { value, error } = await attempt(tool, { limit: 100, ...input, ...(after && { after }) });
        if (error) {
          note(tool, reason(tool, error));
          return page === 0 ? undefined : { items, more: true, after: after ?? undefined };
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

/** The call has made as many requests as it may. */
class LimitError extends Error {}

/** Nothing else can be read either, or somebody has to correct the call. */
function endsAll(error: unknown): boolean {
  return (
    error instanceof CancelledError ||
    error instanceof ConfigError ||
    error instanceof InputError ||
    (error instanceof ApiError && error.status === 401)
  );
}
