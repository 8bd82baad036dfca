import type { Plan, WorkflowContext } from '../types.ts';
import { consentColumns } from './columns.ts';
import { dryRun, type ImportArguments, type ImportJob, withFile } from './import-users.ts';
import type { Step } from './next-step.ts';

/**
 * What an import would do that needs consent: every invitation, and every update of what update_user asks for. The counts are
 * those of a dry run. Undefined where nothing needs consent.
 */
export async function planImport(input: ImportArguments, context: WorkflowContext): Promise<Plan | undefined> {
  const { mode = 'create', dry_run } = input;
  if (mode === 'create' || dry_run) return undefined;
  return withFile(input, context, async (job) => {
    if (!needsConsent(job)) return undefined;
    const { preview, tally } = await dryRun(job, context);
    const steps = [...preview.steps].map(([step, people]) => ({
      step: NAMES[step],
      people,
      ...(step === 'update' && { columns: Object.fromEntries(preview.columns) }),
      ...((step === 'add' || step === 'set_role' || step === 'invite') && {
        roles: Object.fromEntries(preview.roles),
        organizations: [...preview.organizations],
      }),
    }));
    if (steps.length === 0) return undefined;
    const { rows, sha256 } = job.checked;
    const people = steps.map(({ step, people: count }) => `${count} to ${step.replaceAll('_', ' ')}`).join(', ');
    return {
      summary: `Import ${rows} ${rows === 1 ? 'row' : 'rows'}: ${people}; ${tally.count('unchanged')} unchanged`,
      // Consent is to this very file.
      steps: [{ step: 'read_file', rows, sha256 }, ...steps],
    };
  });
}

/** Whether these rows may not be imported without consent. */
export function needsConsent({ checked, options }: ImportJob): boolean {
  if (options.mode === 'invite') return true;
  return options.mode === 'update' && consentColumns(checked.columns, options.match).length > 0;
}

const NAMES: Readonly<Record<Step, string>> = {
  create: 'create',
  set_locale: 'set_locale',
  update: 'update',
  add: 'add_to_organization',
  set_role: 'change_role',
  invite: 'invite',
};
