import type { Section } from '../../reports/report.ts';
import { meaningOf } from './attempt-findings.ts';
import type { Attempt } from './attempts.ts';

/** Failed sign-ins over time, each on the line of its cause, and the last one that succeeded. */
export function failureTimeline(failures: readonly Attempt[] | undefined, lastSuccess: number | undefined): Section[] {
  if (!failures || failures.length === 0) return [];
  const events = failures.map((one) => ({ at: one.time, lane: meaningOf(one).what, status: 'problem' as const }));
  const success = lastSuccess === undefined ? [] : [{ at: lastSuccess, lane: 'last sign-in', status: 'ok' as const }];
  return [{ kind: 'timeline', title: 'Attempts to sign in', events: [...events, ...success] }];
}
