import { Validator } from '@cfworker/json-schema';
import schemas from '../fixtures/response-schemas.json' with { type: 'json' };
import responses from '../fixtures/responses.json' with { type: 'json' };

const OPERATIONS: Record<string, Record<string, object | null>> = responses;
const PATTERNS = Object.keys(OPERATIONS)
  // Literal segments before placeholders.
  .sort((a, b) => (a.replaceAll('{', '~') < b.replaceAll('{', '~') ? -1 : 1))
  .map((operation) => ({ operation, pattern: new RegExp(`^${operation.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`) }));

/** The operation of the OpenAPI document that answers a request such as `GET /organizations/org_1?limit=2`. */
export function operationOf(request: string): string | undefined {
  const [target = ''] = request.split('?');
  return PATTERNS.find(({ pattern }) => pattern.test(target))?.operation;
}

/** How a success differs from the schema that the document has for its status. */
export function differences(operation: string, status: number, body: unknown): string[] {
  const documented = OPERATIONS[operation] ?? {};
  const schema = documented[`${status}`];
  if (status >= 400) return [];
  if (schema === undefined) return [`${operation} has no status ${status} in the document`];
  if (schema === null) return body === undefined ? [] : [`${operation} ${status} has a body, but none in the document`];
  if (body === undefined) return [`${operation} ${status} has no body`];
  const validator = validatorOf(`${operation} ${status}`, schema);
  const { errors } = validator.validate(body);
  return errors.map(({ instanceLocation, error }) => `${operation} ${status}: ${instanceLocation} ${error}`);
}

const components = withoutFormats({ schemas });
const validators = new Map<string, Validator>();

/** Created once for each response, because it walks through all schemas of the document. */
function validatorOf(response: string, schema: object): Validator {
  const made = validators.get(response) ?? new Validator({ ...withoutFormats(schema), components }, '2020-12', false);
  validators.set(response, made);
  return made;
}

/** Even the examples of the document have invalid dates. */
function withoutFormats(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (name, value) =>
    name === 'format' && typeof value === 'string' ? undefined : value,
  );
}
