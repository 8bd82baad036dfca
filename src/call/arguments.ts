import type { z } from 'zod';
import { placeholders } from '../client/request-plan.ts';
import { InputError } from '../errors/errors.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import type { Tool } from '../tools/define.ts';

const DEEPEST = 60;
/** Servers and proxies in between refuse URLs a little above this. */
const LONGEST_IN_URL = 8_000;

/**
 * What a client sent, as the tool's schema wants it. Objects and arrays that arrive as JSON text are decoded first,
 * because some clients send them so. Throws InputError that names each field; nothing has been sent then.
 */
export function parseArguments(tool: Tool, raw: Record<string, unknown>): Record<string, unknown> {
  checkTexts(raw, []);
  let parsed = tool.input.safeParse(raw);
  if (!parsed.success) {
    const decoded = decodeText(raw, parsed.error.issues);
    if (decoded) {
      checkTexts(decoded, []);
      parsed = tool.input.safeParse(decoded);
    }
  }
  if (!parsed.success) throw complaint(tool, parsed.error.issues, raw);
  const problem = tool.check?.(parsed.data);
  if (problem) throw new InputError(`${problem}; nothing was sent`, []);
  checkSendable(tool, parsed.data);
  return parsed.data;
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

function complaint(tool: Tool, issues: readonly z.core.$ZodIssue[], raw: Record<string, unknown>): InputError {
  const names = Object.keys(tool.input.shape);
  const fields = new Set<string>();
  const sentences = issues.map((issue) => {
    const path = spell(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .map((key) => {
          fields.add(path ? `${path}.${key}` : key);
          const where = path ? ` in ${path}` : '';
          return `${quoteUntrusted(key)} is no argument${where}${path || key.length > LONGEST_NAME ? '' : didYouMean(key, names)}`;
        })
        .join('; ');
    }
    fields.add(path);
    const missing = issue.code === 'invalid_type' && issue.path.length === 1 && raw[path] === undefined;
    return missing ? `${path} is required` : `${path || 'arguments'}: ${issue.message}`;
  });
  const takes = names.length ? `${tool.name} takes ${names.join(', ')}.` : `${tool.name} takes no arguments.`;
  const shown = sentences.slice(0, 8).join('; ');
  const more = sentences.length > 8 ? `; and ${sentences.length - 8} more` : '';
  return new InputError(
    `${shown}${more}`.slice(0, 1500).replace(/[\ud800-\udbff]$/, ''),
    [...fields],
    `${takes} Nothing was sent.`,
  );
}

/**
 * Refuses what no schema looks at: nesting that is too deep, halves of surrogate pairs, which no JSON parser is bound to
 * take, and `__proto__`, which the schemas drop without a word.
 */
function checkTexts(value: unknown, path: readonly PropertyKey[]): void {
  const refuse = (what: string) => {
    throw new InputError(`${spell(path) || 'arguments'} ${what}`, [spell(path)], 'Correct it; nothing was sent.');
  };
  if (path.length > DEEPEST) refuse(`is nested deeper than ${DEEPEST} levels`);
  if (typeof value === 'string' && /\p{Cs}/u.test(value)) refuse('holds half of a surrogate pair');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__' || /\p{Cs}/u.test(name)) refuse(`cannot have the field ${quoteUntrusted(name)}`);
    checkTexts(item, [...path, name]);
  }
}

/** What goes into the URL or a header has to fit there. */
function checkSendable(tool: Tool, input: Record<string, unknown>): void {
  const bearer = tool.kind === 'endpoint' && tool.auth === 'access_token' ? input['access_token'] : undefined;
  if (typeof bearer === 'string' && !/^[\x21-\x7e]+$/.test(bearer)) {
    throw new InputError('access_token is empty or holds characters that no token has', ['access_token']);
  }
  const route = tool.kind === 'endpoint' ? tool.route : tool.routes[0];
  const inQuery = tool.kind === 'endpoint' && tool.send === 'query';
  const names = inQuery ? tool.fields : route ? placeholders(route) : [];
  for (const name of names) {
    const length = JSON.stringify(input[name])?.length ?? 0;
    if (length <= LONGEST_IN_URL) continue;
    throw new InputError(`${name} is ${length} characters long: no URL can carry that`, [name], 'Nothing was sent.');
  }
}

const LONGEST_NAME = 60;

/** A path to a field. Names inside records are the caller's own, so they may be anything. */
function spell(path: readonly PropertyKey[]): string {
  const text = path.map(String).join('.');
  return text === '' || (/^[\w.-]+$/.test(text) && text.length <= LONGEST_NAME * 3) ? text : quoteUntrusted(text);
}
