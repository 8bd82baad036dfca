import { routeOf } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';

/**
 * The reading tool that shows what a write changes: the one its declaration names, or else the one with the same path or
 * the nearest path above it. With `lists`, a list counts too, although it shows more than the object itself.
 */
export function readBackTool(
  tools: ReadonlyMap<string, Tool>,
  tool: Tool,
  { lists }: { lists: boolean },
): Tool | undefined {
  if (tool.readBack) return tools.get(tool.readBack);
  const route = routeOf(tool);
  if (!route) return undefined;
  let path = route.slice(route.indexOf(' ') + 1);
  while (path !== '') {
    const wanted = `GET ${path}`;
    for (const other of tools.values()) {
      if (routeOf(other) !== wanted || (other.kind === 'endpoint' && other.redirect)) continue;
      if (lists || (!other.paged && wanted.includes('{'))) return other;
    }
    path = path.slice(0, path.lastIndexOf('/'));
  }
  return undefined;
}
