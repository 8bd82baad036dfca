import { placeholders } from '../client/request-plan.ts';
import { keysIn } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import { ApiError, RefusedError } from '../errors/errors.ts';
import { asObject } from '../results/result.ts';
import { removeKey } from '../text/remove-key.ts';
import { truncate } from '../text/truncate.ts';
import { routeOf } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';
import { underRealNames } from './arguments.ts';
import type { Caller, CallNotes, CallScope, Person } from './caller.ts';
import type { Runtime } from './runtime.ts';
import { localPerson, type TrailLine } from './trail.ts';

/** The outcome of one tool: its value or its error. */
export type Ending = { value: unknown } | { error: unknown };

/** A tool call that has ended. */
export interface EndedCall {
  tool: Tool;
  input: Record<string, unknown>;
  scope: CallScope;
  notes: CallNotes;
  ending: Ending;
}

/** Errors that have already been recorded, so that the containing tools do not record them again. */
const recorded = new WeakSet<object>();

/** Writes a line to the audit log, if there is one, for a call that wrote, was refused, or asked for secrets. */
export async function recordCall(runtime: Runtime, caller: Caller, call: EndedCall): Promise<void> {
  const { trail, config, now } = runtime;
  if (!trail || !deservesLine(call)) return;
  if ('error' in call.ending && call.ending.error instanceof Error) recorded.add(call.ending.error);
  const line = lineOf(runtime, caller, call);
  // No line may contain the key.
  const clean = asObject(removeKey(line, keysIn(config.key)));
  await trail.record({ ...line, ...clean, time: new Date(now()).toISOString() });
}

/** The time between two lines for a person without permissions, in milliseconds, so that they cannot fill the disk. */
const TURNED_AWAY_EVERY_MS = 60_000;
const MAX_TURNED_AWAY = 10_000;

/** Records people who are signed in but have no permission: at most one line a minute for each person. */
export function turnedAwayRecorder({ trail, config, now }: Runtime): (person: Person, reason: string) => Promise<void> {
  const last = new Map<string, number>();
  return async (person, reason) => {
    const key = JSON.stringify([person.id, person.organization]);
    if (now() < (last.get(key) ?? Number.NEGATIVE_INFINITY) + TURNED_AWAY_EVERY_MS) return;
    if (last.size >= MAX_TURNED_AWAY) last.clear();
    last.set(key, now());
    await trail?.record(turnedAwayLine(person, reason, config, now()));
  };
}

function turnedAwayLine(person: Person, reason: string, config: Config, now: number): TrailLine {
  return {
    time: new Date(now).toISOString(),
    person: short(person.id),
    organization: person.organization === undefined ? null : short(person.organization),
    environment: environmentName(config),
    tool: '',
    targets: {},
    outcome: 'refused',
    reason,
  };
}

function deservesLine({ tool, scope, notes, ending }: EndedCall): boolean {
  if (scope.unrecorded) return false;
  if (notes.preview || notes.secrets !== undefined) return true;
  const error = 'error' in ending ? ending.error : undefined;
  if (error instanceof RefusedError && !recorded.has(error)) return true;
  return tool.kind !== 'dispatcher' && tool.effect !== 'read';
}

function lineOf(runtime: Runtime, caller: Caller, call: EndedCall): TrailLine {
  const { tool, input, scope, notes, ending } = call;
  const named = tool.kind === 'dispatcher' ? runtime.tools.get(String(input['tool'])) : undefined;
  const given = named ? [input['arguments'] ?? {}].flat().map(asObject) : [input];
  const rows = given.map((row) => underRealNames(named ?? tool, row));
  const made = 'value' in ending && !notes.preview ? asObject(ending.value)['id'] : undefined;
  return {
    time: '',
    person: caller.person ? short(caller.person.id) : localPerson(),
    organization: caller.person?.organization === undefined ? null : short(caller.person.organization),
    environment: environmentName(runtime.config),
    tool: (named ?? tool).name,
    ...((named || scope.via !== undefined) && { via: named ? tool.name : scope.via }),
    targets: { ...targetsOf(named ?? tool, rows), ...(isId(made) && tool.effect === 'create' && { id: short(made) }) },
    ...outcomeOf(call),
    ...(notes.requestId !== undefined && { request_id: short(notes.requestId) }),
    ...(notes.confirmed && { confirmed: notes.confirmed }),
    ...(notes.secrets && { secrets: notes.secrets }),
  };
}

function outcomeOf({ ending, notes, scope }: EndedCall): Pick<TrailLine, 'outcome' | 'reason'> {
  if ('value' in ending) return { outcome: notes.preview ? 'preview' : 'done' };
  const { error } = ending;
  // The message of a refusal is this server's own, so it holds no foreign text.
  if (error instanceof RefusedError) return { outcome: 'refused', reason: truncate(error.message, MAX_REASON) };
  const reason = error instanceof ApiError ? `status ${error.status}` : error instanceof Error ? error.name : undefined;
  return { outcome: scope.writes.before(error).tools.length > 0 ? 'unknown' : 'failed', reason };
}

const MAX_REASON = 300;
const MAX_ID = 200;
/** The most rows of a batch whose ids are listed. */
const MAX_ROWS = 1_000;

/** The ids among the arguments, by name; lists of them for a batch. */
function targetsOf(tool: Tool, rows: readonly Record<string, unknown>[]): Record<string, unknown> {
  const route = routeOf(tool);
  const inPath: readonly string[] = route ? placeholders(route) : [];
  const names = tool.fields.filter((name) => {
    const isName = inPath.includes(name) || /(?:^|_)ids?$/.test(name);
    return isName && !tool.secrets.in?.includes(name);
  });
  const found = names.flatMap((name): [string, unknown][] => {
    const ids = rows.slice(0, MAX_ROWS).flatMap((row) => [row[name]].flat().filter(isId).map(short));
    if (ids.length === 0) return [];
    return [[name, ids.length === 1 && rows.length === 1 && !Array.isArray(rows[0]?.[name]) ? ids[0] : ids]];
  });
  return Object.fromEntries(found);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function short(text: string): string {
  return truncate(text, MAX_ID);
}

/** The name of the environment in the audit log. */
function environmentName({ environment, sandbox, key }: Config): string {
  return environment ?? (sandbox ? 'sandbox' : key.kind);
}
