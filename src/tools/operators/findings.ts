import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { dispatcherFor } from '../effects.ts';
import type { Finding } from '../finding.ts';
import type { WorkflowContext } from '../types.ts';
import type { List, Unread } from './reads.ts';

/** The most useful next call. Its arguments are complete. */
export interface NextStep {
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
  why: string;
}

/** A finding, with its weight and what follows from it. */
export interface Assessed extends Finding<string> {
  /** Among findings with the same status, the one with the highest weight is the most likely cause and comes first. */
  weight: number;
  /** The next steps for this finding, best first. */
  next?: readonly NextStep[];
  /** Possible causes that the API does not show. */
  notVisible?: readonly string[];
}

const ORDER = ['problem', 'warning', 'ok', 'skipped'] as const satisfies readonly Finding['status'][];

/** Sorts findings by status, worst first. Findings with the same status keep their order. */
export function worstFirst<F extends Finding<string>>(findings: readonly F[]): F[] {
  return ORDER.flatMap((status) => findings.filter((one) => one.status === status));
}

/** Sorts findings by status, worst first, and then by weight, highest first. */
export function likeliestFirst(findings: readonly Assessed[]): Assessed[] {
  return worstFirst([...findings].sort((a, b) => b.weight - a.weight));
}

/** Makes one finding for each reason why something could not be read, so that nobody takes missing data for a fact. */
export function unreadFindings(unread: readonly Unread[]): Finding<string>[] {
  const tools = new Map<string, string[]>();
  for (const { tool, why } of unread) {
    const reason = why.replace(`${tool} is `, '');
    tools.set(reason, [...(tools.get(reason) ?? []), tool]);
  }
  return [...tools].map(([reason, names]) => ({
    check: names.join(', '),
    status: 'skipped',
    detail: `not checked: ${reason}`,
  }));
}

/** The first of the steps that the settings allow, as a call of a tool that this server lists. */
export function nextCall(steps: readonly NextStep[], context: WorkflowContext): NextStep | undefined {
  for (const { tool: name, arguments: input, why } of steps) {
    const tool = context.tools.get(name);
    if (!tool || context.forbiddenReason(tool, input) !== undefined) continue;
    if (context.exposed.has(name)) return { tool: name, arguments: input, why };
    const runner = dispatcherFor(tool.effect);
    if (context.exposed.has(runner)) return { tool: runner, arguments: { tool: name, arguments: input }, why };
  }
  return undefined;
}

/** Quotes a text from outside and shortens it. Escapes of invisible characters count, so such a text is cut further. */
export function quoted(text: string, max = 40): string {
  const whole = quoteUntrusted(text, max);
  return whole.length <= 2 * max ? whole : quoteUntrusted(text, Math.floor(max / 5));
}

/** Returns a word of WorkOS's own, such as a state, unquoted, and any other text quoted. */
export function word(text: string | null | undefined): string {
  return text && /^[a-z][a-z0-9_]{0,39}$/.test(text) ? text : quoted(text || 'unknown', 30);
}

/** Joins the first texts of a list and says how many more there are: `a, b and 7 more`. */
export function listed(texts: readonly string[], most = 3): string {
  const shown = texts.slice(0, most).join(', ');
  return texts.length > most ? `${shown} and ${texts.length - most} more` : shown;
}

/** `3 members` or `1 member`; for an incomplete list, `the first 100 members`. */
export function counted(list: List<unknown>, noun: string): string {
  const count = list.items.length;
  const words = `${count} ${noun}${count === 1 ? '' : 's'}`;
  return list.more ? `the first ${words}` : words;
}
