import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { dispatcherFor } from '../define.ts';
import type { Finding } from '../finding.ts';
import type { WorkflowContext } from '../types.ts';
import type { List, Unread } from './reads.ts';

/** The call that helps most. Its arguments are complete, so it can be made as it is. */
export interface NextStep {
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
  why: string;
}

/** A finding, with what is only said of it where it comes first. */
export interface Assessed extends Finding<string> {
  /** Of findings with the same status, the one with the highest weight comes first: it is most likely the cause. */
  weight: number;
  /** What to do about it, the best first. */
  next?: readonly NextStep[];
  /** What else may be behind it that the API does not show. */
  notVisible?: readonly string[];
}

const ORDER = ['problem', 'warning', 'ok', 'skipped'] as const satisfies readonly Finding['status'][];

/** The worst first; of equal ones, those that come first in the list. */
export function worstFirst<F extends Finding<string>>(findings: readonly F[]): F[] {
  return ORDER.flatMap((status) => findings.filter((one) => one.status === status));
}

/** The worst first, and of equal ones the heaviest. */
export function likeliestFirst(findings: readonly Assessed[]): Assessed[] {
  return worstFirst([...findings].sort((a, b) => b.weight - a.weight));
}

/** One finding for each reason why something could not be read, so that nobody takes its absence for a fact. */
export function unreadFindings(unread: readonly Unread[]): Finding<string>[] {
  const tools = new Map<string, string[]>();
  for (const { tool, why } of unread) {
    const reason = why.replace(`${tool} is `, '');
    tools.set(reason, [...(tools.get(reason) ?? []), tool]);
  }
  return [...tools].map(([reason, names]) => ({
    check: names.join(', '),
    status: 'skipped',
    detail: `not looked at: ${reason}`,
  }));
}

/** The first of these steps that the settings allow, as a call of a tool that this server lists. */
export function nextCall(steps: readonly NextStep[], context: WorkflowContext): NextStep | undefined {
  for (const { tool: name, arguments: input, why } of steps) {
    const tool = context.tools.get(name);
    if (!tool || context.forbiddenReason(tool) !== undefined) continue;
    if (context.exposed.has(name)) return { tool: name, arguments: input, why };
    const runner = dispatcherFor(tool.effect);
    if (context.exposed.has(runner)) return { tool: runner, arguments: { tool: name, arguments: input }, why };
  }
  return undefined;
}

/** A text from outside, quoted and short. Invisible characters, which are escaped, make it shorter still. */
export function quoted(text: string, max = 40): string {
  const whole = quoteUntrusted(text, max);
  return whole.length <= 2 * max ? whole : quoteUntrusted(text, Math.floor(max / 5));
}

/** One of WorkOS's own words, such as a state, bare; anything else quoted. */
export function word(text: string | null | undefined): string {
  return text && /^[a-z][a-z0-9_]{0,39}$/.test(text) ? text : quoted(text || 'unknown', 30);
}

/** The first texts of a list, and how many there are besides: `a, b and 7 more`. */
export function listed(texts: readonly string[], most = 3): string {
  const shown = texts.slice(0, most).join(', ');
  return texts.length > most ? `${shown} and ${texts.length - most} more` : shown;
}

/** `3 members`, `1 member`; of a list that goes on, `the first 100 members`. */
export function counted(list: List<unknown>, noun: string): string {
  const count = list.items.length;
  const words = `${count} ${noun}${count === 1 ? '' : 's'}`;
  return list.more ? `the first ${words}` : words;
}
