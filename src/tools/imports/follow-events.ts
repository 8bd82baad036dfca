import * as z from 'zod';
import { ApiError, InputError } from '../../errors/errors.ts';
import { EVENTS } from '../event-names.ts';
import { findOrganization } from '../operators/lookup.ts';
import { readsOf } from '../operators/reads.ts';
import type { WorkflowContext } from '../types.ts';
import { type Batch, Event, type Followed, type Follows, openFollowed, type Start, type State } from './followed.ts';

/** The arguments of follow_events. */
interface FollowArguments {
  events: readonly string[];
  organization?: string | undefined;
  name: string;
  again?: boolean | undefined;
}

/** The most events that one call shows; the next call continues after them. */
const MOST_EVENTS = 1_000;
/** The most events in the answer itself. The file has all of them. */
const MOST_SHOWN = 20;
const DAY_MS = 24 * 3_600_000;
/** How far back the first call with a name looks. */
const FIRST_WINDOW_MS = DAY_MS;
/** WorkOS keeps events for 30 days. https://workos.com/docs/events/data-syncing/events-api */
const KEPT_MS = 30 * DAY_MS;
/** A cursor is the id of an event and expires with it, so an older one is not used. */
const OLDEST_CURSOR_MS = KEPT_MS - DAY_MS;
/** Tolerance for the difference between WorkOS's clock and the local one. */
const OVERLAP_MS = 5 * 60_000;

/**
 * Returns the events since the last call with this name. The batch and the cursor are stored before the events are returned.
 * @param whole Include all events in the answer, because an expression runs over it.
 */
export async function followEvents(
  input: FollowArguments,
  context: WorkflowContext,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const followed = await openFollowed(context, input.name.toLowerCase());
  try {
    return input.again
      ? await showAgain(context, input, followed, whole)
      : await showNew(context, input, followed, whole);
  } finally {
    followed.close();
  }
}

async function showAgain(
  context: WorkflowContext,
  { name }: FollowArguments,
  { state, again }: Followed,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const { follows, batch } = state ?? {};
  if (!follows || !batch) throw nothingAgain(`${name} has shown no events yet`);
  const filter = filterOf(follows.events, follows.organization_id);
  const start = batch.start ?? { at: 'time', since: 0 };
  const shown = await again(batch, async () => (await eventsFrom(context, filter, start)).found);
  if (!shown) throw nothingAgain(`The last batch of ${name} no longer exists`);
  return { ...answer(name, shown.events, batch, shown.path, whole), again: true };
}

function nothingAgain(problem: string): InputError {
  return new InputError(problem, ['again'], 'Call without again.');
}

async function showNew(
  context: WorkflowContext,
  { events, organization, name }: FollowArguments,
  followed: Followed,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const { state } = followed;
  const started = context.now();
  const organization_id = organization && (await findOrganization(readsOf(context), organization)).id;
  const follows = { events: [...events], known: [...EVENTS], organization_id: organization_id ?? null };
  if (state && !isSame(state.follows, follows)) {
    throw new InputError(
      `${name} follows other events, or those of another organization`,
      ['name'],
      'A name always follows the same events, so that none are skipped. Choose another name.',
    );
  }
  const from = startOf(state, started);
  const { found, more } = await eventsFrom(context, filterOf(events, follows.organization_id), from);
  const last = found.at(-1);
  const next: State = {
    follows,
    ...(last
      ? { cursor: last.id, cursor_at: last.created_at }
      : { cursor: state?.cursor, cursor_at: state?.cursor_at }),
    complete_to: more ? (state?.complete_to ?? from.since) : started,
    batch: state?.batch,
  };
  if (last) next.batch = followed.nextBatch(found.length, from, last.id);
  const path = await followed.keep(next, found);
  // A note is returned beside the value of an expression too.
  const notes = [
    ...(from.gap ? [from.gap] : []),
    ...(state ? [] : notesOfFirst(await followed.elsewhereTo())),
    ...(organization_id && events.some((type) => type.startsWith('user.'))
      ? ['user.* events are not shown: they belong to no organization.']
      : []),
    ...(more ? ['There are more events. Call again at once.'] : []),
  ];
  return {
    ...answer(name, found, last ? next.batch : undefined, path, whole),
    since: new Date(from.since).toISOString(),
    more,
    ...(notes.length > 0 && { note: notes.join(' ') }),
  };
}

/** Whether both follow the same events of the same organization. Types that only the newer server knows are ignored. */
function isSame(before: Follows, now: Follows): boolean {
  const then = new Set([...before.known, ...before.events]);
  const sorted = (types: readonly string[]) => [...types].sort().join();
  const ofThen = now.events.filter((type) => then.has(type));
  return before.organization_id === now.organization_id && sorted(ofThen) === sorted(before.events);
}

function notesOfFirst(until: number): string[] {
  const since = new Date(until).toISOString();
  return [
    'The first call with this name: it starts 24 hours back.',
    ...(until > 0
      ? [
          `Under another key, this name has shown events up to ${since}. If that was a key of this environment, list_events with range_start shows the rest.`,
        ]
      : []),
  ];
}

function filterOf(events: readonly string[], organization_id: string | null): Record<string, unknown> {
  return { events, ...(organization_id !== null && { organization_id }) };
}

function startOf(state: State | undefined, now: number): Start & { gap: string | undefined } {
  if (!state) return { last: undefined, at: 'time', since: now - FIRST_WINDOW_MS, gap: undefined };
  const { cursor: last, cursor_at, complete_to } = state;
  const oldest = now - KEPT_MS;
  const cursorTime = Date.parse(cursor_at ?? '');
  if (last !== undefined && !(cursorTime < now - OLDEST_CURSOR_MS)) {
    return { last, at: 'last', since: Number.isNaN(cursorTime) ? complete_to : cursorTime, gap: undefined };
  }
  const gap =
    complete_to < oldest
      ? `WorkOS keeps events for 30 days. Events from ${new Date(complete_to).toISOString()} to ${new Date(oldest).toISOString()} are no longer available.`
      : undefined;
  // Nothing in this window was shown before, so no event is repeated.
  return { last, at: 'time', since: Math.max(complete_to - OVERLAP_MS, oldest), gap };
}

interface Events {
  found: Event[];
  more: boolean;
}

/** The events after a position. If WorkOS no longer knows the last event, the events since its time. */
async function eventsFrom(context: WorkflowContext, filter: Record<string, unknown>, start: Start): Promise<Events> {
  if (start.at === 'time') return fetchEvents(context, filter, start);
  const sinceThen = () => fetchEvents(context, filter, { ...start, at: 'time' });
  try {
    const events = await fetchEvents(context, filter, start);
    const first = Date.parse(events.found[0]?.created_at ?? '');
    return first < start.since - OVERLAP_MS ? await sinceThen() : events;
  } catch (error) {
    if (!isCursorError(error)) throw error;
    return sinceThen();
  }
}

function isCursorError(error: unknown): boolean {
  return (
    error instanceof ApiError && error.circumstances?.cursor !== undefined && [400, 404, 422].includes(error.status)
  );
}

async function fetchEvents(
  context: WorkflowContext,
  filter: Record<string, unknown>,
  { last, at, since }: Start,
): Promise<Events> {
  const found: Event[] = [];
  const seen = new Set([last]);
  const cursors = new Set([last]);
  for (let cursor = at === 'last' ? last : undefined; ; ) {
    const position = cursor === undefined ? { range_start: new Date(since).toISOString() } : { after: cursor };
    const answer = await context.call(
      'list_events',
      { ...filter, ...position, order: 'asc', limit: 100 },
      { quiet: true },
    );
    const { success, data: list } = Page.safeParse(answer);
    if (!success) {
      const request = { method: 'GET', path: '/events', attempts: 1 };
      throw new ApiError('a response without a list of events', { request, status: 200 });
    }
    const fresh = list.data.filter(({ id }) => !seen.has(id));
    for (const event of fresh) {
      seen.add(event.id);
      found.push(event);
    }
    const next = list.list_metadata?.after ?? undefined;
    context.progress(found.length, undefined, `${found.length} events`);
    if (next === undefined || cursors.has(next)) return { found, more: false };
    if (found.length >= MOST_EVENTS) return { found, more: true };
    cursors.add(next);
    cursor = next;
  }
}

const Page = z.object({
  data: z.array(Event),
  list_metadata: z.object({ after: z.string().nullish() }).nullish(),
});

function answer(
  name: string,
  events: readonly Event[],
  batch: Batch | undefined,
  path: string | undefined,
  whole: boolean,
): Record<string, unknown> {
  const byType = new Map<string, number>();
  for (const { event } of events) byType.set(event, (byType.get(event) ?? 0) + 1);
  return {
    name,
    events: events.length,
    by_type: Object.fromEntries([...byType].sort(([, a], [, b]) => b - a)),
    ...(batch && { batch: batch.number, path }),
    data: whole ? events : events.slice(0, MOST_SHOWN),
  };
}
