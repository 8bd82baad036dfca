import type { z } from 'zod';
import { InputError } from './errors.ts';
import { nearest } from './nearest.ts';
import { quote } from './quote.ts';
import type { Tool } from './tool.ts';

const DEEPEST = 60;

/**
 * What a client sent, as the tool's schema wants it. Objects and arrays that arrive as JSON text are decoded first,
 * because some clients send them so. Throws InputError that names each field; nothing has been sent then.
 */
export function parseArguments(tool: Tool, raw: Record<string, unknown>): Record<string, unknown> {
  if (depth(raw, 0) > DEEPEST) throw new InputError(`The arguments are nested deeper than ${DEEPEST} levels`);
  let parsed = tool.input.safeParse(raw);
  if (!parsed.success) {
    const decoded = decodeText(raw, parsed.error.issues);
    if (decoded) parsed = tool.input.safeParse(decoded);
  }
  if (!parsed.success) throw complaint(tool, parsed.error.issues, raw);
  const problem = tool.check?.(parsed.data);
  if (problem) throw new InputError(`${problem}; nothing was sent`, []);
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
      const value: unknown = JSON.parse(text);
      return depth(value, 0) > DEEPEST ? [] : [[name, value] as const];
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
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .map((key) => {
          fields.add(path ? `${path}.${key}` : key);
          const where = path ? ` in ${path}` : '';
          return `${quote(key)} is no argument${where}${path ? '' : nearest(key, names)}`;
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
  return new InputError(`${shown}${more}`.slice(0, 1500), [...fields], `${takes} Nothing was sent.`);
}

function depth(value: unknown, level: number): number {
  if (typeof value !== 'object' || value === null || level > DEEPEST) return level;
  return Object.values(value).reduce<number>((deepest, item) => Math.max(deepest, depth(item, level + 1)), level);
}
