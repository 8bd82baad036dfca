import type { Route } from '../client/request-plan.ts';
import type { Tool } from '../tools/define.ts';
import { LOOKS } from './confirmation/codes.ts';

/** The reading tool that shows what a write changes: the same path, or the nearest one above it. */
export function lookFor(tools: ReadonlyMap<string, Tool>, tool: Tool, lists: boolean): Tool | undefined {
  const named = LOOKS[tool.name];
  if (named) return tools.get(named);
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

/** The operation that a tool stands for. */
export function routeOf(tool: Tool): Route | undefined {
  return tool.kind === 'endpoint' ? tool.route : tool.routes[0];
}
