import { PERMISSIONS, type Rights } from '../config/rights.ts';
import { asObject } from '../results/result.ts';
import { toolset, workflow } from '../tools/define.ts';
import type { Plan, Tool, WorkflowContext } from '../tools/types.ts';
import { TEAM_PERMISSIONS, TEAM_ROLES } from './permissions.ts';

/** A tool call that is still needed. */
interface Step {
  tool: 'create_permission' | 'create_role' | 'add_role_permission';
  arguments: Record<string, unknown>;
}

/** The permissions and roles that an environment has. */
interface PresentAccess {
  permissions: readonly string[];
  /** The permissions of each role, by slug. */
  roles: ReadonlyMap<string, readonly unknown[]>;
}

/** The calls that create the missing permissions and roles of a team, in order. Existing ones are kept. Pure. */
export function missingSteps({ permissions, roles }: PresentAccess): Step[] {
  // The constant has exactly the keys of its type.
  const rights = Object.keys(PERMISSIONS) as (keyof Rights)[];
  return [
    ...rights
      .filter((right) => !permissions.includes(PERMISSIONS[right]))
      .map((right): Step => {
        return { tool: 'create_permission', arguments: { slug: PERMISSIONS[right], ...TEAM_PERMISSIONS[right] } };
      }),
    ...TEAM_ROLES.flatMap(({ slug, name, description, rights: given }): Step[] => {
      const present = roles.get(slug);
      const missing = given.map((right) => PERMISSIONS[right]).filter((one) => !present?.includes(one));
      return [
        ...(present ? [] : [{ tool: 'create_role' as const, arguments: { slug, name, description } }]),
        ...missing.map((one): Step => {
          return { tool: 'add_role_permission', arguments: { role_slug: slug, slug: one } };
        }),
      ];
    }),
  ];
}

/** The name of the tool below, which is never listed for clients. */
export const SET_UP_TEAM = 'set_up_team';

/** A tool that creates the permissions and roles of a team through other tools, with consent. */
export const setUpTeam: Tool = oneOf(
  toolset('http', 'Permissions and roles of a team', {
    [SET_UP_TEAM]: workflow({
      title: 'Set up a team',
      description: 'Creates the permissions and roles that workos-mcp http uses.',
      input: {},
      effect: 'update',
      madeOf: ['list_permissions', 'list_roles', 'create_permission', 'create_role', 'add_role_permission'],
      plan: async (_input, context) => planOf(missingSteps(await presentAccess(context))),
      async run(_input, context, plan) {
        const steps = plan?.steps ?? [];
        for (const [at, { tool, ...given }] of steps.entries()) {
          context.progress(at, steps.length, `${String(tool)} ${String(given['slug'])}`);
          await context.call(String(tool), given);
        }
        return {
          changed: steps.length > 0,
          permissions: Object.values(PERMISSIONS),
          roles: TEAM_ROLES.map(({ slug, rights }) => ({ slug, permissions: rights.map((one) => PERMISSIONS[one]) })),
        };
      },
    }),
  }).tools,
);

function oneOf(tools: readonly Tool[]): Tool {
  const [tool] = tools;
  if (!tool) throw new Error('a toolset without a tool');
  return tool;
}

function planOf(steps: readonly Step[]): Plan | undefined {
  if (steps.length === 0) return undefined;
  const summary = `Create those of the ${Object.keys(PERMISSIONS).length} permissions and ${TEAM_ROLES.length} roles that are missing`;
  return { summary, steps: steps.map(({ tool, arguments: given }) => ({ tool, ...given })) };
}

async function presentAccess(context: WorkflowContext): Promise<PresentAccess> {
  const [permissions, roles] = await Promise.all([
    context.call('list_permissions', { all_pages: true }),
    context.call('list_roles', {}),
  ]);
  const items = (list: unknown) => [asObject(list)['data'] ?? []].flat().map(asObject);
  return {
    permissions: items(permissions).map(({ slug }) => String(slug)),
    roles: new Map(items(roles).map(({ slug, permissions: of }) => [String(slug), [of ?? []].flat()])),
  };
}
