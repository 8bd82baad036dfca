import { cursorOf, pageArguments } from '../call/all-pages.ts';
import { tools } from '../tools/catalog.ts';
import { CallError } from './call-errors.ts';
import type { JsonObject } from './json.ts';
import { refuseUndefined } from './undefined-arguments.ts';

/** A filter may leave a page empty, but hardly this many in a row. */
const MAX_EMPTY_PAGES = 20;

/**
 * Follows a list to its end or to `max_items`, one page per step. Skips empty pages.
 * @param fetch Calls the tool for one page.
 * @throws {CallError} if the arguments are wrong, a page is not complete, or the list does not end.
 */
export async function* walkPages(
  tool: string,
  given: Record<string, unknown>,
  fetch: (input: Record<string, unknown>) => Promise<JsonObject>,
): AsyncGenerator<JsonObject[], undefined, undefined> {
  refuseUndefined(tool, given);
  const { max_items: max = Number.POSITIVE_INFINITY, limit: size = 100, ...input } = given;
  const fail = (kind: 'input' | 'api', message: string, hint: string) => new CallError(message, { kind, hint, tool });
  if (tools.get(tool)?.paged === false) {
    throw fail('input', `${tool} has no pages`, `Use call('${tool}', …). Nothing was sent.`);
  }
  const other = ['all_pages', 'query'].find((name) => input[name] !== undefined);
  if (other) throw fail('input', `${other} cannot be used with pages()`, 'Use call(). Nothing was sent.');
  if (typeof max !== 'number' || !(max >= 1) || max % 1 > 0) {
    throw fail('input', 'max_items must be a whole number, at least 1', 'Correct the arguments. Nothing was sent.');
  }
  const seen = new Set<unknown>([input['after']]);
  let cursor: string | undefined;
  let empty = 0;
  for (let items = 0; ; ) {
    // The tool itself refuses a limit that is not a number.
    const limit = typeof size === 'number' ? Math.min(size, max - items) : size;
    const position = Object.entries(pageArguments(input, cursor, limit)).filter(([, value]) => value !== undefined);
    const page = await fetch(Object.fromEntries(position));
    if (page['omitted'] !== undefined || page['cut'] !== undefined || !Array.isArray(page['data'])) {
      throw fail('input', `A page of ${tool} is larger than maxResultChars`, 'Use a smaller limit or more characters.');
    }
    const next = cursorOf(page);
    if (next !== undefined && seen.has(next)) {
      const hint = 'The pages fetched so far are complete. Narrow the list with its filters to see the rest.';
      throw fail('api', `WorkOS's list does not end: a cursor repeated`, hint);
    }
    // The items of a list are objects.
    const data = page['data'].slice(0, max - items) as JsonObject[];
    items += data.length;
    empty = data.length ? 0 : empty + 1;
    if (data.length) yield data;
    if (next === undefined || items >= max) return undefined;
    if (empty === MAX_EMPTY_PAGES) {
      throw fail(
        'api',
        `WorkOS's list does not end: ${empty} pages in a row were empty`,
        'Narrow the list with its filters.',
      );
    }
    seen.add(next);
    cursor = next;
  }
}
