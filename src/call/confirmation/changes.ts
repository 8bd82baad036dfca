import { placeholders } from '../../client/request-plan.ts';
import { routeOf } from '../../tools/define.ts';
import { isDestructive } from '../../tools/effects.ts';
import type { ConsentRule, Replaced, Tool, Workflow } from '../../tools/types.ts';

/** What one argument changes in the object. Lists and maps that lose something have `removes`, other values have `was`. */
export interface Change {
  now?: unknown;
  was?: unknown;
  removes?: readonly unknown[];
  adds?: readonly unknown[];
  keeps?: readonly unknown[];
}

/** Whether these arguments alone can make the call need consent. True for every call of a destructive tool. */
export function mayNeedConsent(tool: Tool, input: Record<string, unknown>): boolean {
  if (plans(tool) || isDestructive(tool.effect)) return true;
  return Object.entries(tool.consentFor).some(([path, rule]) => mayMeet(rule, valueAt(input, path)));
}

/** Whether a call needs consent, given the object as it was read. A value that could not be read counts as removed. */
export function needsConsent(tool: Tool, input: Record<string, unknown>, state: unknown): boolean {
  if (plans(tool)) return state !== undefined;
  if (isDestructive(tool.effect)) return true;
  return Object.entries(tool.consentFor).some(([path, rule]) => {
    const value = valueAt(input, path);
    if (!mayMeet(rule, value)) return false;
    if (rule !== 'removes' && rule !== 'clears') return true;
    return changeOf(tool, path, value, state)?.removes?.length !== 0;
  });
}

/** The changes to the object as it was read, by argument. Arguments that replace nothing are left out. */
export function changesOf(tool: Tool, input: Record<string, unknown>, state: unknown): Record<string, Change> {
  const route = routeOf(tool);
  const inPath = new Set(route && placeholders(route));
  const replacing = tool.fields.filter(
    (name) => name in tool.replaces || (tool.effect === 'update' && !inPath.has(name)),
  );
  const changes = replacing.flatMap((name) => {
    const change = input[name] === undefined ? undefined : changeOf(tool, name, input[name], state);
    return change ? [[name, change] as const] : [];
  });
  return Object.fromEntries(changes);
}

/** Whether the tool makes a plan. Consent is then given to the plan instead of a target. */
export function plans(tool: Tool): tool is Workflow {
  return tool.kind === 'workflow' && tool.plan !== undefined;
}

function mayMeet(rule: ConsentRule, value: unknown): boolean {
  if (value === undefined) return false;
  if (rule === 'clears') return clears(value);
  return rule === 'always' || rule === 'removes' || String(value) === rule.slice('equals:'.length);
}

function clears(value: unknown): boolean {
  if (!isMap(value)) return value === null;
  const values = Object.values(value);
  return values.length === 0 || values.includes(null);
}

/** Undefined if the object does not show the present value, or already has the new one. */
function changeOf(tool: Tool, name: string, value: unknown, state: unknown): Change | undefined {
  const { path = name, items }: Replaced = tool.replaces[name] ?? {};
  const present = valueAt(state, path);
  if (present === undefined) return undefined;
  if (Array.isArray(value) || (value === null && Array.isArray(present))) {
    // WorkOS returns null for some empty lists.
    return Array.isArray(present ?? []) ? listChange([value ?? []].flat(), [present ?? []].flat(), items) : undefined;
  }
  if (tool.consentFor[name] === 'clears') return mapChange(value, present ?? {});
  const named = isMap(value) && isMap(present) && Object.keys(value).length > 0;
  const was = named ? withKeysOf(present, value) : present;
  return JSON.stringify(was) === JSON.stringify(value) ? undefined : { now: value, was };
}

function listChange(next: readonly unknown[], present: readonly unknown[], items: Replaced['items']): Change {
  const keeps = present.filter((old) => next.some((one) => isSame(one, old, items)));
  return {
    removes: present.filter((old) => !keeps.includes(old)).map((old) => asItem(old, items)),
    adds: next.filter((one) => !present.some((old) => isSame(one, old, items))),
    keeps: keeps.map((old) => asItem(old, items)),
  };
}

function isSame(next: unknown, present: unknown, items: Replaced['items']): boolean {
  if (!items) return JSON.stringify(next) === JSON.stringify(present);
  const way = items.find((one) => Object.keys(one).every((field) => (valueAt(next, field) ?? null) !== null));
  return (
    way !== undefined && Object.entries(way).every(([field, path]) => valueAt(next, field) === valueAt(present, path))
  );
}

/** A present item, with the field names of the argument. */
function asItem(present: unknown, items: Replaced['items']): unknown {
  if (!items || !isMap(present)) return present;
  const values = items.flatMap(Object.entries<string>).map(([field, path]) => [field, valueAt(present, path)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== null));
}

/** The change to a map that WorkOS merges: null or `{}` removes all keys, and a null value removes its key. */
function mapChange(value: unknown, present: unknown): Change | undefined {
  if (!isMap(present)) return undefined;
  const all = !isMap(value) || Object.keys(value).length === 0;
  const gone = Object.keys(present).filter((key) => all || value[key] === null);
  const was = isMap(value) ? withKeysOf(present, value) : {};
  const replaced = Object.entries(was).filter(
    ([key, old]) => !gone.includes(key) && isMap(value) && old !== value[key],
  );
  return {
    now: value,
    ...(replaced.length > 0 && { was: Object.fromEntries(replaced) }),
    removes: gone.map((key) => ({ [key]: present[key] })),
  };
}

function withKeysOf(present: Record<string, unknown>, value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(present).filter(([key]) => Object.hasOwn(value, key)));
}

/** The value at a path of property names, or undefined. */
function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, step) => (isMap(at) && Object.hasOwn(at, step) ? at[step] : undefined), value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
