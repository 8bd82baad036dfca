import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { InputError, RefusedError } from '../../errors/errors.ts';
import type { Files, Memory } from '../files.ts';
import type { WorkflowContext } from '../types.ts';

export const Event = z.looseObject({ id: z.string(), event: z.string(), created_at: z.string() });
export type Event = z.output<typeof Event>;

/** The position from which a call reads events. */
const Start = z.object({
  /** The id of the last event that was shown. */
  last: z.string().optional(),
  /** Whether to read after that event or from the time `since`, in milliseconds. */
  at: z.enum(['last', 'time']),
  since: z.number(),
});
export type Start = z.output<typeof Start>;

const Batch = z.object({
  number: z.number(),
  count: z.number(),
  /** The path of its file on this machine. */
  file: z.string().optional(),
  /** If the events are not stored: the position from which to fetch them again, and the id of the last one. */
  start: Start.optional(),
  until: z.string().optional(),
});
export type Batch = z.output<typeof Batch>;

const Follows = z.object({
  events: z.array(z.string()),
  /** The event types that the server knew when it expanded groups such as user.*. A newer server may know more. */
  known: z.array(z.string()),
  organization_id: z.string().nullable(),
});
export type Follows = z.output<typeof Follows>;

/** The state of a name between calls. */
const State = z.object({
  follows: Follows,
  /** The id of the last event that was shown, and its time. */
  cursor: z.string().optional(),
  cursor_at: z.string().optional(),
  /** The time up to which all events were shown, in milliseconds; at first, the start of the first window. */
  complete_to: z.number(),
  batch: Batch.optional(),
});
export type State = z.output<typeof State>;

/** The state of one name, wherever it is stored. */
export interface Followed {
  readonly state: State | undefined;
  /** Describes the next batch, as it will be stored. */
  nextBatch(count: number, start: Start, until: string): Batch;
  /**
   * Stores a state and the events of its batch. Resolves to the path at which the events can be read, if there are any.
   * @throws {RefusedError} if another call has shown them in the meantime
   */
  keep(next: State, events: readonly Event[]): Promise<string | undefined>;
  /** The events of a batch and their path, or undefined if they are no longer available. `fetch` gets them from WorkOS. */
  again(batch: Batch, fetch: () => Promise<Event[]>): Promise<{ events: Event[]; path: string } | undefined>;
  /** The latest time up to which this name has shown all events under another key, in milliseconds, or 0. */
  elsewhereTo(): Promise<number>;
  close(): void;
}

/**
 * Opens the state of a name.
 * @throws {RefusedError} if another call is using it
 * @throws {InputError} if it cannot be read
 */
export async function openFollowed(context: WorkflowContext, name: string): Promise<Followed> {
  const { files, memory, environmentId } = context;
  return memory
    ? inMemory(context, memory, `follow-${environmentId}-${name}`, name)
    : onDisk(files, join(files.stateFolder(), `follow-${environmentId.slice(0, 8)}-${name}`), name);
}

/** Stores the state in one file, and the events of the last batch in another. */
async function onDisk(files: Files, stem: string, name: string): Promise<Followed> {
  const lock = files.lock(`${stem}.json`);
  try {
    const state = await readState(files, `${stem}.json`);
    const numberOf = () => (state?.batch?.number ?? 0) + 1;
    const fileOf = (number: number) => `${stem}-${number}.jsonl`;
    return {
      state,
      nextBatch: (count) => ({ number: numberOf(), count, file: fileOf(numberOf()) }),
      async keep(next, events) {
        const file = events.length > 0 ? next.batch?.file : undefined;
        if (file !== undefined) {
          // Left by a call that ended before it could return the events.
          files.remove(file);
          await files.write(file, linesOf(events));
        }
        await files.replace(`${stem}.json`, `${JSON.stringify(next)}\n`);
        if (file === undefined) return undefined;
        if (state?.batch?.file !== undefined) files.remove(state.batch.file);
        files.show(file);
        return file;
      },
      async again({ file }) {
        const text = file === undefined ? undefined : await files.read(file);
        if (file === undefined || text === undefined) return undefined;
        files.show(file);
        return { events: eventsIn(text), path: file };
      },
      elsewhereTo: () => completeElsewhere(files, stem, name),
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Stores the state in the memory of a team's server. The events stay with WorkOS, which keeps them for 30 days. */
async function inMemory(context: WorkflowContext, memory: Memory, key: string, name: string): Promise<Followed> {
  // This throws if files cannot be written: events that could not be delivered must not count as shown.
  context.files.outputFolder();
  const before = await memory.read(key);
  const state = before === undefined ? undefined : State.parse(JSON.parse(before));
  const write = (events: readonly Event[]) => context.writeFile(`events-${name}`, 'jsonl', linesOf(events).join(''));
  return {
    state,
    nextBatch: (count, { last, at, since }, until) => ({
      number: (state?.batch?.number ?? 0) + 1,
      count,
      start: { last, at, since },
      until,
    }),
    async keep(next, events) {
      if (!(await memory.replace(key, before, JSON.stringify(next)))) {
        throw new RefusedError(
          `Another call with the name ${name} has just shown these events`,
          'Each batch is shown once: again repeats it, and a call without again shows newer events.',
        );
      }
      return events.length > 0 ? write(events) : undefined;
    },
    async again({ until }, fetch) {
      const found = await fetch();
      const events = found.slice(0, found.findIndex(({ id }) => id === until) + 1);
      return events.length > 0 ? { events, path: await write(events) } : undefined;
    },
    elsewhereTo: async () => 0,
    close() {},
  };
}

async function completeElsewhere(files: Files, stem: string, name: string): Promise<number> {
  const own = basename(`${stem}.json`);
  const isOfName = new RegExp(`^follow-[0-9a-f]{8}-${name}\\.json$`);
  const others = files.namesIn(dirname(stem)).filter((file) => file !== own && isOfName.test(file));
  const states = await Promise.all(others.map((file) => readState(files, join(dirname(stem), file))));
  return states.reduce((latest, state) => Math.max(latest, state?.complete_to ?? 0), 0);
}

function eventsIn(text: string): Event[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Event.parse(JSON.parse(line)));
}

function linesOf(events: readonly Event[]): string[] {
  return events.map((event) => `${JSON.stringify(event)}\n`);
}

async function readState(files: Files, path: string): Promise<State | undefined> {
  const text = await files.read(path);
  if (text === undefined) return undefined;
  try {
    return State.parse(JSON.parse(text));
  } catch {
    throw new InputError(
      `${path} is not in the format that this server writes`,
      ['name'],
      'Choose another name, or remove the file: then the name starts 24 hours back.',
    );
  }
}
