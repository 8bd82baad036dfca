import type { Config } from '../config/config.ts';
import type { Route, Tool } from '../tools/types.ts';
import { forbiddenReason } from './policy.ts';

/**
 * Why a path must not be probed, or undefined. A probe names a path instead of a tool, so the path is compared with the GET
 * route of every tool. Refused are the routes of tools that are forbidden, that change data, or that a browser opens, such as
 * a logout, because opening it changes something. HEAD and OPTIONS reveal the same as GET.
 * @param path Below the base URL, with or without a query string.
 */
export function probeRefusal(config: Config, tools: Iterable<Tool>, path: string): string | undefined {
  const segments = segmentsOf(path.replace(/[?#].*$/s, ''));
  for (const tool of tools) {
    if (!routesOf(tool).some((route) => route.startsWith('GET ') && leadsTo(route, segments))) continue;
    const forbidden = forbiddenReason(config, tool);
    if (forbidden) return forbidden;
    if (tool.effect !== 'read') return `${tool.name} changes data, and a check only reads`;
    if (tool.kind === 'endpoint' && tool.redirect) return `${tool.name} is for a browser; opening it may end a session`;
  }
  return undefined;
}

function routesOf(tool: Tool): readonly Route[] {
  const own = tool.kind === 'endpoint' ? [tool.route] : tool.kind === 'workflow' ? tool.routes : [];
  return tool.legacyRoute ? [...own, tool.legacyRoute] : own;
}

function leadsTo(route: Route, path: readonly string[]): boolean {
  const template = route.slice('GET /'.length).split('/');
  return (
    template.length === path.length &&
    template.every((segment, at) => segment.startsWith('{') || segment.toLowerCase() === path[at])
  );
}

/** More layers of percent-encoding than any chain of servers decodes. */
const MAX_DECODINGS = 5;

/**
 * The segments of a path as the most lenient server could read them: decoded repeatedly, in lower case, without empty and
 * dot segments, parameters, blanks, control characters, and a file extension. A false match only refuses an unusual spelling;
 * a missed one would let an excluded path through.
 */
function segmentsOf(path: string): string[] {
  let text = path;
  for (let round = 0; round < MAX_DECODINGS; round++) {
    text = text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  const segments: string[] = [];
  for (const raw of text.toLowerCase().split(/[/\\]/)) {
    const segment = raw.replace(/[;?#].*$/s, '').replace(/[\s\u0000-\u001f\u007f]/g, '');
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const last = segments.pop();
  return last === undefined ? [] : [...segments, last.replace(/(?<=.)\.[a-z0-9]+$/, '')];
}
