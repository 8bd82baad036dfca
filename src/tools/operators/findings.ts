import type { Finding } from '../finding.ts';
import type { Unread } from './reads.ts';

/** The call that helps most. Its arguments are complete, so it can be made as it is. */
export interface NextStep {
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
  why: string;
}

const ORDER = ['problem', 'warning', 'ok', 'skipped'] as const satisfies readonly Finding['status'][];

/** The worst first; of equal ones, those that come first in the list. */
export function worstFirst<F extends Finding<string>>(findings: readonly F[]): F[] {
  return ORDER.flatMap((status) => findings.filter((one) => one.status === status));
}

/** So many of the things that could not be read are told with their reasons. */
const MAX_REASONS = 3;

/** One finding for each thing that could not be read, so that nobody takes its absence for a fact. */
export function unreadFindings(unread: readonly Unread[]): Finding<string>[] {
  const others = unread.slice(MAX_REASONS).map(({ tool }) => tool);
  return [
    ...unread.slice(0, MAX_REASONS).map(({ tool, why }) => skipped(tool, `not looked at: ${why}`)),
    ...(others.length > 0 ? [skipped('others', `not looked at either: ${others.join(', ')}`)] : []),
  ];
}

function skipped(check: string, detail: string): Finding<string> {
  return { check, status: 'skipped', detail };
}
