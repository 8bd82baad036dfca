import * as z from 'zod';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { areAllRoles, readRoles } from '../operators/access-facts.ts';
import { readsOf } from '../operators/reads.ts';
import type { WorkflowContext } from '../types.ts';
import type { ImportRow } from './columns.ts';

/** Why a row cannot create a membership, and the tool that showed it. */
export interface OrganizationProblem {
  tool: string;
  why: string;
}

/** The roles of an organization; null if it does not exist, undefined if they could not be read. */
type Roles = readonly string[] | null | undefined;

/** The most organizations in the cache. When it is full, it is cleared. */
const MAX_KEPT = 2_000;
/** The most roles that a message names. */
const MAX_NAMED = 12;
const ORGANIZATION = 'get_organization';
const ROLES = 'list_organization_roles';

/**
 * Checks that the organizations and roles of rows exist, once per organization and before the first write for a row. Otherwise, a
 * user could be created who then belongs to no organization. What cannot be read counts as existing.
 */
export class OrganizationRoles {
  readonly #context: WorkflowContext;
  readonly #known = new Map<string, Promise<Roles>>();

  constructor(context: WorkflowContext) {
    this.#context = context;
  }

  async problemOf({ organization_id, roles }: ImportRow): Promise<OrganizationProblem | undefined> {
    if (organization_id === undefined) return undefined;
    const present = await this.#rolesOf(organization_id);
    if (present === null) return { tool: ORGANIZATION, why: 'no organization has the id in organization_id' };
    const missing = present && roles.find((slug) => !present.includes(slug));
    if (missing === undefined) return undefined;
    const shown = present?.slice(0, MAX_NAMED).map((slug) => quoteUntrusted(slug, 60));
    return {
      tool: ROLES,
      why: `the organization has no role ${quoteUntrusted(missing, 60)}; it has ${shown?.join(', ') || 'none'}`,
    };
  }

  #rolesOf(organization_id: string): Promise<Roles> {
    const known = this.#known.get(organization_id);
    if (known) return known;
    if (this.#known.size === MAX_KEPT) this.#known.clear();
    const read = this.#read(organization_id);
    this.#known.set(organization_id, read);
    return read;
  }

  async #read(organization_id: string): Promise<Roles> {
    const tools = [ORGANIZATION, ROLES, 'list_roles'].map((name) => this.#context.tools.get(name));
    if (tools.some((tool) => !tool || this.#context.forbiddenReason(tool) !== undefined)) return undefined;
    const reads = readsOf(this.#context);
    const organization = await reads.object(z.looseObject({ id: z.string() }), ORGANIZATION, { organization_id });
    if (!organization) return organization;
    const roles = await readRoles(reads, organization_id);
    return roles && areAllRoles(roles, reads.unread) ? roles.map(({ slug }) => slug) : undefined;
  }
}
