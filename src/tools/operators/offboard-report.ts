import type { Report } from '../../reports/report.ts';
import { resultReport, tableOf } from '../result-report.ts';
import type { StepOutcome } from './offboard-steps.ts';
import type { OffboardStep } from './offboarding.ts';

/** A plan or its results, with complete lists. */
export interface OffboardResult extends Readonly<Record<string, unknown>> {
  summary: string;
  steps?: readonly OffboardStep[];
  rows?: readonly StepOutcome[];
}

const HEADINGS = { kept: 'Kept', already_inactive: 'Already inactive', user: 'User' };

/**
 * Makes the report of an off-boarding.
 * @param user The user's id or email address.
 * @param now The time in milliseconds since the epoch.
 */
export function offboardReport(result: OffboardResult, user: string, now: number): Report {
  const { steps = [], rows } = result;
  const list = rows ?? steps;
  return resultReport(result, {
    title: `Off-boarding ${user}`,
    subtitle: rows ? 'What was done' : 'The plan',
    now,
    headings: HEADINGS,
    without: ['steps', 'rows', 'succeeded', 'failed'],
    sections: [tableOf('Steps', list.map(rowOf))],
  });
}

function rowOf(step: OffboardStep | StepOutcome): Record<string, unknown> {
  const { step: name, ...rest } = step;
  const outcome = 'ok' in step ? { status: step.ok ? 'done' : 'failed' } : {};
  const about = 'ok' in step ? { note: step.error?.message ?? step.note } : {};
  return {
    step: name.replaceAll('_', ' '),
    ...outcome,
    organization: 'organization' in rest ? rest.organization : null,
    roles: 'roles' in rest ? rest.roles : null,
    only_admin: 'only_admin' in rest ? rest.only_admin : null,
    id: idOf(step),
    ...about,
  };
}

function idOf(step: OffboardStep): string {
  if ('session_id' in step) return step.session_id;
  return 'invitation_id' in step ? step.invitation_id : step.organization_membership_id;
}
