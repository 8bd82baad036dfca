import { invalid } from './reply.ts';

type Body = Record<string, unknown>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Whether a value is a text or null. */
export function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

/** Whether a value is a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether a value is true or false. */
export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** A field that must be there and hold some text. */
export function requiredText(body: Body, field: string): string {
  const value = body[field];
  if (value === undefined) throw invalid(field, 'is required', 'required');
  if (typeof value !== 'string' || value.trim() === '') throw invalid(field, 'must be a non-empty string');
  return value;
}

/** A field that may be left out, but must be of its kind where it is given. */
export function optional<T>(body: Body, field: string, isKind: (value: unknown) => value is T): T | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (!isKind(value)) throw invalid(field, 'has the wrong type');
  return value;
}

/** Refuses two fields that exclude each other. */
export function notBoth(body: Body, one: string, other: string): void {
  if (body[one] !== undefined && body[other] !== undefined) throw invalid(one, `cannot be combined with ${other}`);
}
