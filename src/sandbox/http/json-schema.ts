import * as z from 'zod';

/** Not checked before it is used: Zod throws if it is none. */
type JsonSchema = Record<string, unknown>;

/** Whether an object is a JSON Schema that the sandbox understands. */
export function isJsonSchema(schema: JsonSchema): boolean {
  try {
    z.fromJSONSchema(schema);
    return true;
  } catch {
    return false;
  }
}

/** The paths of what does not match a JSON Schema, such as `/color/red`. An empty path stands for the value itself. */
export function mismatches(schema: JsonSchema, value: unknown): string[] {
  const { error } = z.fromJSONSchema(schema).safeParse(value);
  return (error?.issues ?? []).map(({ path }) => path.map((key) => `/${String(key)}`).join(''));
}
