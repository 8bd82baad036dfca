import { type Schema, Validator } from '@cfworker/json-schema';
import { isObject } from './body-fields.ts';

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

/** Whether an object is a JSON Schema: its types are known, at any depth, and its properties are schemas. */
export function isJsonSchema(value: unknown): value is Schema {
  if (!isObject(value)) return false;
  const { type, properties, items } = value;
  if (type !== undefined && ![type].flat().every((one) => TYPES.includes(String(one)))) return false;
  if (properties !== undefined && !(isObject(properties) && Object.values(properties).every(isJsonSchema)))
    return false;
  return items === undefined || isJsonSchema(items);
}

/** The paths of what does not match a JSON Schema, such as `/color/red`. An empty path stands for the value itself. */
export function mismatches(schema: Schema, value: unknown): string[] {
  const { errors } = new Validator(schema, '2020-12', false).validate(value);
  return errors
    .filter(({ keyword }) => !['properties', 'items', 'additionalProperties'].includes(keyword))
    .map(({ instanceLocation, keyword, error }) => {
      const missing = keyword === 'required' ? `/${/"(.*)"/.exec(error)?.[1] ?? ''}` : '';
      return instanceLocation.slice(1) + missing;
    });
}
