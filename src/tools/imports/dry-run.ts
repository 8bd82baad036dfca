import type { WorkflowContext } from '../types.ts';
import { personKey } from './check-file.ts';
import type { ImportRow, RowOptions } from './columns.ts';
import { KeyIndex } from './key-index.ts';
import { lookUp, lookUpTool } from './look-up.ts';
import { type Done, type Found, nextStep, type Outcome, type Step } from './next-step.ts';
import { OrganizationRoles } from './organization-roles.ts';
import { failureOfOrganization, failureOfRow } from './run-row.ts';
import type { RowFailure } from './tally.ts';

/** Counts of what an import would do. */
export interface Preview {
  steps: Map<Step, number>;
  /** How many people would get each role. Rows that name none get the organization's default role. */
  roles: Map<string, number>;
  /** How many users would change in each column. */
  columns: Map<string, number>;
  organizations: Set<string>;
}

function emptyPreview(): Preview {
  return { steps: new Map(), roles: new Map(), columns: new Map(), organizations: new Set() };
}

/** The most roles, and the most organizations, that are named. */
const MAX_KEYS = 20;

/** Determines the outcome of each row with lookups only. People whom earlier rows would create count as existing. */
export class DryRun {
  readonly #context: WorkflowContext;
  readonly #options: RowOptions;
  readonly #planned = new KeyIndex();
  readonly #organizations: OrganizationRoles;
  readonly preview = emptyPreview();

  constructor(context: WorkflowContext, options: RowOptions) {
    this.#context = context;
    this.#options = options;
    this.#organizations = new OrganizationRoles(context);
  }

  /** @param already The steps that this import has already taken for the row. */
  async row(
    row: ImportRow,
    already: Done,
  ): Promise<{ outcome: Outcome; why?: string | undefined; failure?: RowFailure }> {
    const { match } = this.#options;
    const did = new Set(already.did);
    let found: Found = {};
    for (;;) {
      const next = nextStep(row, found, { did, maybe: already.maybe }, this.#options);
      if (next.kind === 'end') return { outcome: next.outcome, why: next.why };
      if (next.kind === 'look') {
        try {
          found = await lookUp(this.#context, row, found, next.for, match);
        } catch (error) {
          const failure = failureOfRow(this.#context, row, lookUpTool(next.for, match), error);
          if (!failure) throw error;
          return { outcome: 'failed', failure };
        }
        const isPlanned = next.for === 'user' && this.#options.mode === 'create' && this.#isPlanned(row, found);
        if (isPlanned) found = { user: userLike(row), membership: null };
        continue;
      }
      const problem = await this.#organizations.problemOf(row);
      if (problem) return { outcome: 'failed', failure: failureOfOrganization(this.#context, row, problem) };
      this.#count(next.step, next.input, row);
      did.add(next.step);
      found = simulated(next.step, found, row);
    }
  }

  /** Whether an earlier row would create the same person. If not, this row is remembered as the one that does. */
  #isPlanned(row: ImportRow, { user }: Found): boolean {
    return !user && this.#planned.add(personKey(row, this.#options.match), row.line) !== undefined;
  }

  #count(step: Step, input: Readonly<Record<string, unknown>>, { organization_id, roles }: ImportRow): void {
    const { steps, roles: granted, columns, organizations } = this.preview;
    increase(steps, step);
    if (step === 'update') {
      for (const name of Object.keys(input)) if (name !== 'user_id') increase(columns, name);
    } else if (step === 'add' || step === 'set_role' || step === 'invite') {
      const names = roles.length > 0 ? roles : ['(default)'];
      for (const role of names) increase(granted, granted.size < MAX_KEYS || granted.has(role) ? role : '(others)');
      if (organization_id !== undefined && organizations.size < MAX_KEYS) organizations.add(organization_id);
    }
  }
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What would exist at WorkOS after a step. */
function simulated(step: Step, found: Found, row: ImportRow): Found {
  if (step === 'create') return { user: userLike(row), membership: null };
  if (step === 'invite') return { ...found, invited: true };
  if (step === 'update' || step === 'set_locale') {
    const user = userLike(row);
    return { ...found, user: { ...found.user, ...user, id: found.user?.id ?? user.id } };
  }
  const roles = row.roles.map((slug) => ({ slug }));
  return { ...found, membership: { id: '', organization_id: row.organization_id ?? '', status: 'active', roles } };
}

function userLike({ fields, email }: ImportRow) {
  return { ...fields, id: '-', email: email ?? '' };
}
