import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { ApiError, InputError } from '../../errors/errors.ts';
import { EVENTS } from '../event-names.ts';
import type { Files } from '../files.ts';
import { findOrganization } from '../operators/lookup.ts';
import { readsOf } from '../operators/reads.ts';
import type { WorkflowContext } from '../types.ts';

/** The arguments of follow_events. */
export interface FollowArguments {
  events: readonly string[];
  organization?: string | undefined;
  name: string;
  again?: boolean | undefined;
}

/** One call shows so many events at most; the next goes on behind them. */
const MOST_EVENTS = 1_000;
/** So many stand in the answer itself. The file has all of them. */
const MOST_SHOWN = 20;
const DAY_MS = 24 * 3_600_000;
/** How far back the first call of a name looks. */
const FIRST_WINDOW_MS = DAY_MS;
/** WorkOS keeps events for 30 days. https://workos.com/docs/events/data-syncing/events-api */
const KEPT_MS = 30 * DAY_MS;
/** A cursor is an event, and goes with it. */
const OLDEST_CURSOR_MS = KEPT_MS - DAY_MS;
/** WorkOS's clock may differ from this one. */
const OVERLAP_MS = 5 * 60_000;

const Event = z.looseObject({ id: z.string(), event: z.string(), created_at: z.string() });
type Event = z.output<typeof Event>;

const Batch = z.object({ number: z.number(), file: z.string(), count: z.number() });

const Follows = z.object({
  events: z.array(z.string()),
  /** The types that the server knew, for which a group such as user.* stood. A newer one knows more. */
  known: z.array(z.string()),
  organization_id: z.string().nullable(),
});
type Follows = z.output<typeof Follows>;

/** What is kept of a name between calls. */
const State = z.object({
  follows: Follows,
  /** The last event that was shown, and its time. */
  cursor: z.string().optional(),
  cursor_at: z.string().optional(),
  /** Up to when everything was shown, in milliseconds; at first the beginning of the window. */
  complete_to: z.number(),
  batch: Batch.optional(),
});
type State = z.output<typeof State>;

/**
 * Shows what happened since the last call with this name. Batch and cursor are on the disk before they are shown.
 * @param whole All events go into the answer, because an expression runs over it.
 */
export async function followEvents(
  input: FollowArguments,
  context: WorkflowContext,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const { files } = context;
  const stem = join(files.stateFolder(), `follow-${context.environmentId.slice(0, 8)}-${input.name.toLowerCase()}`);
  const lock = files.lock(`${stem}.json`);
  try {
    const state = await readState(files, `${stem}.json`);
    if (input.again) return await showAgain(files, input, state, whole);
    return await showNew(context, input, stem, state, whole);
  } finally {
    lock.release();
  }
}

async function showAgain(files: Files, { name }: FollowArguments, state: State | undefined, whole: boolean) {
  const text = state?.batch && (await files.read(state.batch.file));
  if (!state?.batch || text === undefined) {
    throw new InputError(`${name} has shown no events yet`, ['again'], 'Call without again.');
  }
  files.show(state.batch.file);
  return { ...answer(name, eventsIn(text), state.batch, whole), again: true };
}

async function showNew(
  context: WorkflowContext,
  { events, organization, name }: FollowArguments,
  stem: string,
  state: State | undefined,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const { files } = context;
  const started = context.now();
  const organization_id = organization && (await findOrganization(readsOf(context), organization)).id;
  const follows = { events: [...events], known: [...EVENTS], organization_id: organization_id ?? null };
  if (state && !isSame(state.follows, follows)) {
    throw new InputError(
      `${name} follows other events, or those of another organization`,
      ['name'],
      'What a name follows does not change, so that nothing is skipped. Choose another name for this.',
    );
  }
  const from = startOf(state, started);
  const filter = { events, ...(organization_id !== undefined && { organization_id }) };
  const { found, more } = await eventsFrom(context, filter, from);
  const last = found.at(-1);
  const next: State = {
    follows,
    ...(last
      ? { cursor: last.id, cursor_at: last.created_at }
      : { cursor: state?.cursor, cursor_at: state?.cursor_at }),
    complete_to: more ? (state?.complete_to ?? from.since) : started,
    batch: state?.batch,
  };
  if (last) {
    const number = (state?.batch?.number ?? 0) + 1;
    const file = `${stem}-${number}.jsonl`;
    // Of a call that ended before it could show them.
    files.remove(file);
    await files.write(file, lines(found));
    next.batch = { number, file, count: found.length };
  }
  await files.replace(`${stem}.json`, `${JSON.stringify(next)}\n`);
  if (last && state?.batch) files.remove(state.batch.file);
  if (last && next.batch) files.show(next.batch.file);
  // A note is shown beside the value of an expression too.
  const notes = [
    ...(from.gap ? [from.gap] : []),
    ...(state ? [] : await notesOfFirst(files, stem, name)),
    ...(organization_id && events.some((type) => type.startsWith('user.'))
      ? ['user.* events are not shown: they belong to no organization.']
      : []),
    ...(more ? ['There are more events. Call again at once.'] : []),
  ];
  return {
    ...answer(name, found, last ? next.batch : undefined, whole),
    since: new Date(from.since).toISOString(),
    more,
    ...(notes.length > 0 && { note: notes.join(' ') }),
  };
}

/** True for the same events of the same organization, also where this server knows more types than the one before. */
function isSame(before: Follows, now: Follows): boolean {
  const then = new Set([...before.known, ...before.events]);
  const sorted = (types: readonly string[]) => [...types].sort().join();
  const ofThen = now.events.filter((type) => then.has(type));
  return before.organization_id === now.organization_id && sorted(ofThen) === sorted(before.events);
}

async function notesOfFirst(files: Files, stem: string, name: string): Promise<string[]> {
  const own = basename(`${stem}.json`);
  const isOfName = new RegExp(`^follow-[0-9a-f]{8}-${name}\\.json$`);
  const others = files.namesIn(dirname(stem)).filter((file) => file !== own && isOfName.test(file));
  const states = await Promise.all(others.map((file) => readState(files, join(dirname(stem), file))));
  const until = states.reduce((latest, state) => Math.max(latest, state?.complete_to ?? 0), 0);
  const since = new Date(until).toISOString();
  return [
    'The first call with this name: it begins 24 hours ago.',
    ...(until > 0
      ? [
          `Under another key it has shown what happened to ${since}. If that was a key of this environment, list_events with range_start shows the rest.`,
        ]
      : []),
  ];
}

/** Where a call begins. */
interface Start {
  /** The last event that was shown. */
  last: string | undefined;
  /** Behind that one, or at a time. */
  at: 'last' | 'time';
  since: number;
  gap: string | undefined;
}

function startOf(state: State | undefined, now: number): Start {
  if (!state) return { last: undefined, at: 'time', since: now - FIRST_WINDOW_MS, gap: undefined };
  const { cursor: last, cursor_at, complete_to } = state;
  const oldest = now - KEPT_MS;
  const cursorTime = Date.parse(cursor_at ?? '');
  if (last !== undefined && !(cursorTime < now - OLDEST_CURSOR_MS)) {
    return { last, at: 'last', since: Number.isNaN(cursorTime) ? complete_to : cursorTime, gap: undefined };
  }
  const gap =
    complete_to < oldest
      ? `WorkOS keeps events for 30 days. What happened from ${new Date(complete_to).toISOString()} to ${new Date(oldest).toISOString()} is gone.`
      : undefined;
  // Nothing of that time was shown before, so nothing is shown twice.
  return { last, at: 'time', since: Math.max(complete_to - OVERLAP_MS, oldest), gap };
}

interface Events {
  found: Event[];
  more: boolean;
}

/** The events behind a place. Where WorkOS does not know the last event any more, those since its time. */
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
      throw new ApiError('a success without a list of events', { request, status: 200 });
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
  batch: z.output<typeof Batch> | undefined,
  whole: boolean,
): Record<string, unknown> {
  const byType = new Map<string, number>();
  for (const { event } of events) byType.set(event, (byType.get(event) ?? 0) + 1);
  return {
    name,
    events: events.length,
    by_type: Object.fromEntries([...byType].sort(([, a], [, b]) => b - a)),
    ...(batch && { batch: batch.number, path: batch.file }),
    data: whole ? events : events.slice(0, MOST_SHOWN),
  };
}

function eventsIn(text: string): Event[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Event.parse(JSON.parse(line)));
}

async function* lines(events: readonly Event[]): AsyncGenerator<string> {
  for (const event of events) yield `${JSON.stringify(event)}\n`;
}

async function readState(files: Files, path: string): Promise<State | undefined> {
  const text = await files.read(path);
  if (text === undefined) return undefined;
  try {
    return State.parse(JSON.parse(text));
  } catch {
    throw new InputError(
      `${path} cannot be read as what this server has written`,
      ['name'],
      'Choose another name, or remove the file: then the name begins 24 hours ago.',
    );
  }
}
