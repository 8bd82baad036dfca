import { hidesSecrets, routeOf } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';

/** What to do about a secret of this tool that could not be delivered: read it again, or replace it. */
export function replacementHint(tools: ReadonlyMap<string, Tool>, tool: Tool): string {
  const neighbours = [...tools.values()].filter(({ name, toolset }) => toolset === tool.toolset && name !== tool.name);
  const reader = neighbours.find((other) => other.effect === 'read' && givesSame(other, tool));
  if (reader) return `${reader.name} with secret_output returns it again.`;
  const remover =
    tool.secrets.class === 'once' && neighbours.find((other) => other.effect === 'delete' && deletesWhat(other, tool));
  return remover
    ? `The secret is lost. Delete what was created with ${remover.name}, then call ${tool.name} again.`
    : `The secret is lost. Call ${tool.name} again for a new one.`;
}

/** Whether a reading tool returns the same secrets, compared by field name. */
function givesSame(reader: Tool, { secrets }: Tool): boolean {
  if (!hidesSecrets(reader.secrets)) return false;
  const read = new Set(reader.secrets.out?.map(nameOf));
  return (secrets.out ?? []).every((path) => read.has(nameOf(path)));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Whether one tool deletes what the other creates, as `DELETE /api_keys/{id}` does for `POST /organizations/{id}/api_keys`. */
function deletesWhat(remover: Tool, creator: Tool): boolean {
  const collection = routeOf(remover)?.split('/').at(-2);
  const created = routeOf(creator)?.split('/') ?? [];
  return collection !== undefined && created.some((step, at) => at > 0 && isCollection(step, collection, created, at));
}

/** Whether the step names the collection (`auth_factors` also names `factors`), and no id of an existing object follows. */
function isCollection(step: string, collection: string, steps: readonly string[], at: number): boolean {
  return (step === collection || step.endsWith(`_${collection}`)) && !steps[at + 1]?.startsWith('{');
}
