import type { Section } from '../../reports/report.ts';
import { meaningOf } from './attempt-findings.ts';
import type { Attempt } from './attempts.ts';

/** A timeline of failed sign-ins, with a lane for each cause, and of the last successful one. */
export function failureTimeline(failures: readonly Attempt[] | undefined, lastSuccess: number | undefined): Section[] {
  if (!failures || failures.length === 0) return [];
  const events = failures.map((one) => ({ at: one.time, lane: meaningOf(one).what, status: 'problem' as const }));
  const success = lastSuccess === undefined ? [] : [{ at: lastSuccess, lane: 'last sign-in', status: 'ok' as const }];
  return [{ kind: 'timeline', title: 'Attempts to sign in', events: [...events, ...success] }];
}
