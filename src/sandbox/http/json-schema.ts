import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import { isObject, isStringArray } from './body-fields.ts';

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

/** Checks for the keywords whose values matter when a schema is read or applied. */
const KEYWORDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => [value].flat().every((one) => TYPES.includes(String(one))),
  properties: (value) => isObject(value) && Object.values(value).every(isJsonSchema),
  items: isJsonSchema,
  allOf: isListOfSchemas,
  anyOf: isListOfSchemas,
  oneOf: isListOfSchemas,
  required: isStringArray,
  enum: Array.isArray,
  pattern: isPattern,
};

/** Whether a value is a JSON Schema: an object with valid values for its keywords, at any depth. */
export function isJsonSchema(value: unknown): value is Schema {
  return (
    isObject(value) &&
    Object.entries(KEYWORDS).every(([keyword, isValid]) => value[keyword] === undefined || isValid(value[keyword]))
  );
}

/**
 * The paths at which a value does not match a JSON Schema, such as `/color/red`. An empty path stands for the value itself.
 * Nothing matches a schema that cannot be applied, such as one with a dangling reference.
 */
export function mismatches(schema: Schema, value: unknown): string[] {
  const errors = errorsOf(schema, value);
  if (!errors) return [''];
  return errors
    .filter(({ keyword }) => !['properties', 'items', 'additionalProperties'].includes(keyword))
    .map(({ instanceLocation, keyword, error }) => {
      const missing = keyword === 'required' ? `/${/"(.*)"/.exec(error)?.[1] ?? ''}` : '';
      return instanceLocation.slice(1) + missing;
    });
}

function errorsOf(schema: Schema, value: unknown): OutputUnit[] | undefined {
  try {
    return new Validator(schema, '2020-12', false).validate(value).errors;
  } catch {
    return undefined;
  }
}

function isListOfSchemas(value: unknown): boolean {
  return Array.isArray(value) && value.every(isJsonSchema);
}

function isPattern(value: unknown): boolean {
  try {
    return typeof value === 'string' && new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
