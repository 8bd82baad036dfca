import type { z } from 'zod';
import { placeholders } from '../client/request-plan.ts';
import { InputError } from '../errors/errors.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { truncate } from '../text/truncate.ts';
import { routeOf } from '../tools/define.ts';
import { mcpDefinition } from '../tools/mcp-definition.ts';
import { shortSignature } from '../tools/signature.ts';
import type { Tool } from '../tools/types.ts';

const MAX_DEPTH = 60;
/** Characters of the signature in an error. */
const MAX_SIGNATURE = 1_500;
/** Servers and proxies refuse URLs a little longer than this. */
const MAX_IN_URL = 8_000;

/**
 * Parses a client's arguments with the tool's schema. Objects and arrays that arrive as JSON text are decoded first,
 * because some clients send them that way.
 * @throws {InputError} that names each wrong argument. Nothing has been sent at this point.
 */
export function parseArguments(tool: Tool, given: Record<string, unknown>): Record<string, unknown> {
  checkStrings(given, []);
  const raw = underRealNames(tool, given);
  let parsed = tool.input.safeParse(raw);
  if (!parsed.success) {
    const decoded = decodeText(raw, parsed.error.issues);
    if (decoded) {
      checkStrings(decoded, []);
      parsed = tool.input.safeParse(decoded);
    }
  }
  if (!parsed.success) throw schemaError(tool, parsed.error.issues, raw);
  const problem = tool.check?.(parsed.data);
  if (problem) throw new InputError(problem, []);
  checkSendable(tool, parsed.data);
  return parsed.data;
}

/**
 * An argument that a client named by its last part only, such as `slug` for `role_slug`. Undefined unless it is the only
 * unknown argument and the only missing placeholder ends with it.
 */
export function shortenedName(
  tool: Tool,
  given: Record<string, unknown>,
): { given: string; meant: string } | undefined {
  const known = [...Object.keys(tool.input.shape), ...Object.keys(tool.aliases), ...Object.keys(tool.insteadOf)];
  const [unknown, ...more] = Object.keys(given).filter((name) => !known.includes(name));
  const route = routeOf(tool);
  if (unknown === undefined || more.length > 0 || !route) return undefined;
  const [missing, ...others] = placeholders(route).filter((name) => given[name] === undefined);
  // Secret arguments are hidden by their declared name, so another name would leave them in plain text.
  if (missing === undefined || others.length > 0 || tool.secrets.in?.includes(missing)) return undefined;
  // An object with an external id also has an id, so `id` does not mean the external one.
  if (missing.endsWith('external_id')) return undefined;
  return missing.endsWith(`_${unknown}`) ? { given: unknown, meant: missing } : undefined;
}

/** Renames aliases and a shortened name to the declared names. An alias stays if its declared name was given too. */
export function underRealNames(tool: Tool, given: Record<string, unknown>): Record<string, unknown> {
  const shortened = shortenedName(tool, given);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (name === shortened?.given) return [shortened.meant, value];
      const real = Object.hasOwn(tool.aliases, name) ? tool.aliases[name] : undefined;
      return [real !== undefined && !Object.hasOwn(given, real) ? real : name, value];
    }),
  );
}

function decodeText(
  raw: Record<string, unknown>,
  issues: readonly z.core.$ZodIssue[],
): Record<string, unknown> | undefined {
  const decoded = issues.flatMap((issue) => {
    const name = issue.path[0];
    const text = typeof name === 'string' && issue.path.length === 1 ? raw[name] : undefined;
    if (typeof name !== 'string' || typeof text !== 'string' || !/^\s*[[{]/.test(text)) return [];
    try {
      return [[name, JSON.parse(text)] as const];
    } catch {
      return [];
    }
  });
  return decoded.length ? { ...raw, ...Object.fromEntries(decoded) } : undefined;
}

function schemaError(tool: Tool, issues: readonly z.core.$ZodIssue[], raw: Record<string, unknown>): InputError {
  const names = Object.keys(tool.input.shape);
  const fields = new Set<string>();
  const sentences = issues.map(insideUnion).map((issue) => {
    const path = formatPath(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .map((key) => {
          fields.add(path ? `${path}.${key}` : key);
          const where = path ? ` in ${path}` : '';
          const instead = !path && Object.hasOwn(tool.insteadOf, key) ? `. ${tool.insteadOf[key]}` : undefined;
          return `Unknown argument ${quoteUntrusted(key)}${where}${instead ?? (path || key.length > MAX_NAME ? '' : didYouMean(key, names))}`;
        })
        .join('; ');
    }
    fields.add(path);
    const missing = issue.code === 'invalid_type' && issue.path.length === 1 && raw[path] === undefined;
    return missing ? `${path} is required` : `${path || 'arguments'}: ${issue.message}`;
  });
  const takes = shortSignature(tool.name, mcpDefinition(tool).inputSchema, MAX_SIGNATURE, tool.fields);
  const shown = sentences.slice(0, 8).join('; ');
  const more = sentences.length > 8 ? `; and ${sentences.length - 8} more` : '';
  return new InputError(truncate(`${shown}${more}`, 1500), [...fields], `Nothing was sent. Call it as ${takes}.`);
}

/** For an argument that matches no member of a union, the issue with the closest member. */
function insideUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inside = issue.errors.flat();
  // The closest member has the deepest issue, or else an issue other than a wrong type, such as a wrong size.
  const depth = inside.reduce((most, { path }) => Math.max(most, path.length), 0);
  const nearest = inside.find(({ path, code }) => (depth > 0 ? path.length === depth : code !== 'invalid_type'));
  return nearest ? insideUnion({ ...nearest, path: [...issue.path, ...nearest.path] }) : issue;
}

/**
 * Refuses what the schemas do not check: excessive nesting, unpaired surrogates, which JSON parsers may reject, and
 * `__proto__`, which the schemas drop silently.
 */
function checkStrings(value: unknown, path: readonly PropertyKey[]): void {
  const refuse = (what: string) => {
    throw new InputError(
      `${formatPath(path) || 'arguments'} ${what}`,
      [formatPath(path)],
      'Correct it. Nothing was sent.',
    );
  };
  if (path.length > MAX_DEPTH) refuse(`is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'string' && /\p{Cs}/u.test(value)) refuse('contains an unpaired surrogate');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__' || /\p{Cs}/u.test(name)) refuse(`cannot have the field ${quoteUntrusted(name)}`);
    checkStrings(item, [...path, name]);
  }
}

/** Refuses values that do not fit into a URL or a header. */
function checkSendable(tool: Tool, input: Record<string, unknown>): void {
  const bearer = tool.kind === 'endpoint' && tool.auth === 'access_token' ? input['access_token'] : undefined;
  if (typeof bearer === 'string' && !/^[\x21-\x7e]+$/.test(bearer)) {
    throw new InputError('access_token is empty or contains invalid characters', ['access_token']);
  }
  const route = routeOf(tool);
  const inQuery = tool.kind === 'endpoint' && tool.send === 'query';
  const names = inQuery ? tool.fields : route ? placeholders(route) : [];
  for (const name of names) {
    const length = JSON.stringify(input[name])?.length ?? 0;
    if (length <= MAX_IN_URL) continue;
    throw new InputError(`${name} is ${length} characters long, too long for a URL`, [name], 'Nothing was sent.');
  }
}

const MAX_NAME = 60;

/** The path to an argument, quoted if necessary: the caller chooses the keys inside records. */
function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map(String).join('.');
  return text === '' || (/^[\w.-]+$/.test(text) && text.length <= MAX_NAME * 3) ? text : quoteUntrusted(text);
}
