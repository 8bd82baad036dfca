import * as z from 'zod';
import type { Tool } from './types.ts';

/** A tool's entry in tools/list. */
export interface McpDefinition {
  name: string;
  title: string;
  description: string;
  inputSchema: { type: 'object'; [keyword: string]: unknown };
  annotations: {
    title: string;
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

/** Computes a tool's entry in tools/list from its declaration. */
export function mcpDefinition(tool: Tool): McpDefinition {
  const reads = tool.effect === 'read';
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: { type: 'object', ...plain(z.toJSONSchema(tool.input, { io: 'input', reused: 'inline' })) },
    annotations: {
      title: tool.title,
      readOnlyHint: reads,
      destructiveHint: tool.mayNeedConsent,
      idempotentHint: tool.effect !== 'create' && tool.effect !== 'overwrite',
      openWorldHint: !tool.local,
    },
  };
}

/**
 * Reduces a JSON Schema to the subset that every model accepts (test/tools/portable-schemas.test.ts), without parts that cost
 * tokens and say little: safe-integer bounds, key patterns, defaults, and the minimums of durations (0), counts without a maximum
 * (1), and text lengths (1). Calls are still checked against all of these.
 */
function plain(schema: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (LEFT_OUT.includes(keyword)) continue;
    if (typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER) continue;
    if (keyword === 'minimum' && (value === 0 || (value === 1 && isUnbounded(schema)))) continue;
    if (keyword === 'minLength' && value === 1) continue;
    if (keyword === 'const') out['enum'] = [value];
    else if (keyword === 'additionalProperties' && isRecord(value)) out[keyword] = isEmpty(value) || plain(value);
    else out[keyword] = keyword === 'properties' ? mapValues(value) : plainValue(value);
  }
  return oneTypeEach(out);
}

const LEFT_OUT: readonly string[] = ['$schema', 'propertyNames', 'default'];

/** Turns a list of types into `anyOf`, and moves a description from the first choice to the schema, where clients look for it. */
function oneTypeEach(schema: Record<string, unknown>): Record<string, unknown> {
  const { type, anyOf, ...rest } = schema;
  if (Array.isArray(type)) return { ...rest, anyOf: type.map((one) => ({ type: one })) };
  const [first, ...others]: unknown[] = Array.isArray(anyOf) ? anyOf : [];
  if ('description' in rest || !isRecord(first) || !('description' in first)) return schema;
  const { description, ...choice } = first;
  return { ...rest, description, anyOf: [choice, ...others] };
}

function isUnbounded(schema: object): boolean {
  return !('maximum' in schema) || schema.maximum === Number.MAX_SAFE_INTEGER;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  return isRecord(value) ? plain(value) : value;
}

function mapValues(value: unknown): unknown {
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainValue(one)]))
    : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
