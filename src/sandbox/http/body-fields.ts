import { validationError } from './errors.ts';

type Body = Record<string, unknown>;

/**
 * Reads a required string field.
 * @throws HttpError 422 if it is missing, not a string, or blank
 */
export function requiredString(body: Body, field: string): string {
  const value = body[field];
  if (value === undefined) throw validationError(field, 'is required', 'required');
  if (typeof value !== 'string' || value.trim() === '') throw validationError(field, 'must be a non-empty string');
  return value;
}

/**
 * Reads an optional field.
 * @throws HttpError 422 if it is present but fails the type guard
 */
export function optionalField<T>(body: Body, field: string, isValid: (value: unknown) => value is T): T | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (!isValid(value)) throw validationError(field, 'has the wrong type');
  return value;
}

/** @throws HttpError 422 if both of two mutually exclusive fields are present */
export function rejectBoth(body: Body, field: string, other: string): void {
  if (body[field] !== undefined && body[other] !== undefined) {
    throw validationError(field, `cannot be combined with ${other}`);
  }
}

/** Whether a value is a JSON object, not an array or null. */
export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

export function isStringOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

export function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

export function isAscii(value: string): boolean {
  return /^[\0-\x7f]*$/.test(value);
}

/** Whether a text could be an email address. The longest has 254 characters. */
export function isEmail(value: string): boolean {
  return value.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value);
}

/** Encodes a text for a URL. Lone surrogates, which JSON allows and UTF-8 does not, are replaced. */
export function encodeText(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
