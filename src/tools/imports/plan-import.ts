import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Plan, WorkflowContext } from '../types.ts';
import { dryRun, type ImportArguments, type ImportJob, needsConsent, withFile } from './import-users.ts';
import type { Step } from './next-step.ts';

/**
 * Plans what an import would do that needs consent: every invitation, and every update that update_user asks consent for. The
 * counts come from a dry run. Undefined if nothing needs consent.
 */
export async function planImport(input: ImportArguments, context: WorkflowContext): Promise<Plan | undefined> {
  const { mode = 'create', dry_run } = input;
  if (mode === 'create' || dry_run) return undefined;
  return withFile(input, context, async (job) => {
    if (!needsConsent(job)) return undefined;
    const kept = await keptPlan(job, context);
    if (kept) return kept;
    const started = context.now();
    const plan = await makePlan(job, context);
    const at = context.now();
    if (plan && at - started > LONG_MS) {
      await context.files.replace(keptPath(job, context), JSON.stringify({ at, plan }));
    }
    return plan;
  });
}

/** A plan that took longer than this is kept while its confirmation code is valid. */
const LONG_MS = 60_000;
const KEPT_MS = 10 * 60_000;

const Kept = z.object({
  at: z.number(),
  plan: z.object({ summary: z.string(), steps: z.array(z.record(z.string(), z.unknown())) }),
});

/** The plan of a recent call. Looking everybody up again could take longer than the confirmation code is valid. */
async function keptPlan(job: ImportJob, context: WorkflowContext): Promise<Plan | undefined> {
  const text = await context.files.read(keptPath(job, context));
  if (text === undefined) return undefined;
  try {
    const { at, plan } = Kept.parse(JSON.parse(text));
    const age = context.now() - at;
    return age >= 0 && age < KEPT_MS ? plan : undefined;
  } catch {
    return undefined;
  }
}

/** The name of the journal identifies the file, the options, and the environment. */
function keptPath({ journal }: ImportJob, { files }: WorkflowContext): string {
  return join(files.outputFolder(), `${basename(journal, '.journal.jsonl')}.plan.json`);
}

async function makePlan(job: ImportJob, context: WorkflowContext): Promise<Plan | undefined> {
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
  const failed = tally.count('failed');
  const people = steps.map(({ step, people: count }) => `${count} to ${step.replaceAll('_', ' ')}`).join(', ');
  return {
    summary: `Import ${rows} ${rows === 1 ? 'row' : 'rows'}: ${people}; ${tally.count('unchanged')} unchanged${failed > 0 ? `, ${failed} failed` : ''}`,
    // Consent covers only this version of the file.
    steps: [{ step: job.file.inline ? 'read_rows' : 'read_file', rows, sha256 }, ...steps],
  };
}

const NAMES: Readonly<Record<Step, string>> = {
  create: 'create',
  set_locale: 'set_locale',
  update: 'update',
  add: 'add_to_organization',
  set_role: 'change_role',
  invite: 'invite',
};
