import * as z from 'zod';
import type { Tool } from './types.ts';

/** A tool as tools/list shows it. */
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

/** Computes what tools/list shows of a tool from its declaration. */
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
 * Removes what costs tokens and says nothing from a JSON Schema: safe-integer bounds, `anyOf` around null, key patterns, and
 * that a count without a maximum is at least 1.
 */
function plain(schema: unknown): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null) return {};
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$schema' || keyword === 'propertyNames') continue;
    if (typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER) continue;
    if (keyword === 'minimum' && value === 1 && isUnbounded(schema)) continue;
    out[keyword] = keyword === 'properties' ? mapValues(value) : plainValue(value);
  }
  const { anyOf, ...rest } = out;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return out;
  const [first, second]: unknown[] = anyOf;
  if (!isRecord(first) || !isRecord(second) || second['type'] !== 'null' || typeof first['type'] !== 'string')
    return out;
  const choices = Array.isArray(first['enum']) ? { enum: [...first['enum'], null] } : {};
  return { ...first, ...rest, ...choices, type: [first['type'], 'null'] };
}

function isUnbounded(schema: object): boolean {
  return !('maximum' in schema) || schema.maximum === Number.MAX_SAFE_INTEGER;
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
