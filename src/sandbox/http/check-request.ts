import * as z from 'zod';
import REQUESTS from '../document/requests.json' with { type: 'json' };
import { isObject } from './body-fields.ts';
import { HttpError } from './errors.ts';
import { listParam } from './pagination.ts';

/** What the OpenAPI document says of an operation's requests. */
export interface DocumentedRequest {
  /** The status of a success. */
  status: number;
  /** The status of an invalid request. */
  invalid: number;
  /** Needs no API key. */
  public?: boolean;
  query?: Record<string, { type?: unknown; enum?: unknown[]; required?: boolean }>;
  /** A JSON Schema. */
  body?: Parameters<typeof z.fromJSONSchema>[0];
  /** Groups of fields of which a body may have one, such as a password or a hash of one. */
  exclusive?: string[][][];
}

interface Problem {
  field: string;
  code: string;
  message: string;
}

// The file is generated with this shape, of which TypeScript would infer a union of 261 object types.
const OPERATIONS = new Map(Object.entries(REQUESTS as unknown as Record<string, DocumentedRequest>));

const SCHEMAS = new Map<string, z.ZodType>();

/** What the document says of an operation, such as `POST /organizations`. Undefined for the sandbox's own endpoints. */
export function documentedRequest(operation: string): DocumentedRequest | undefined {
  return OPERATIONS.get(operation);
}

/**
 * Checks a request against the document: required fields and parameters, types, choices and limits.
 * @throws HttpError with the status that the document has for invalid requests
 */
export function checkRequest(operation: string, query: URLSearchParams, body: Record<string, unknown>): void {
  const documented = OPERATIONS.get(operation);
  if (!documented) return;
  const problems = [...queryProblems(documented, query), ...bodyProblems(operation, documented, body)];
  if (problems.length > 0) throw invalidRequest(operation, documented.invalid, problems);
}

function queryProblems({ query: parameters = {} }: DocumentedRequest, query: URLSearchParams): Problem[] {
  return Object.entries(parameters).flatMap(([field, { type, enum: choices, required }]) => {
    const values = type === 'array' ? listParam(query, field) : query.getAll(field).filter((value) => value !== '');
    if (values.length === 0) return required ? [{ field, code: 'required', message: `${field} is required` }] : [];
    const isValid = (value: string) =>
      choices ? choices.includes(value) : type !== 'boolean' || value === 'true' || value === 'false';
    const wrong = values.find((value) => !isValid(value));
    return wrong === undefined
      ? []
      : [{ field, code: 'invalid', message: `${field} has an invalid value: '${wrong}'` }];
  });
}

function bodyProblems(operation: string, documented: DocumentedRequest, body: Record<string, unknown>): Problem[] {
  if (documented.body === undefined) return [];
  const schema = SCHEMAS.get(operation) ?? z.fromJSONSchema(documented.body);
  SCHEMAS.set(operation, schema);
  const { error } = schema.safeParse(body);
  const problems = (error?.issues ?? []).flatMap((issue) => problemsOf(issue, body));
  const clashes = (documented.exclusive ?? []).flatMap((variants) => {
    const given = variants.map((fields) => fields.filter((field) => body[field] !== undefined)).filter(hasSome);
    const [[first = ''] = [], [second = ''] = []] = given;
    return given.length < 2
      ? []
      : [{ field: first, code: 'invalid', message: `${first} cannot be combined with ${second}` }];
  });
  return [...problems, ...clashes];
}

function problemsOf(issue: z.core.$ZodIssue, body: unknown): Problem[] {
  if (issue.code === 'invalid_union') {
    const variants = issue.errors.map((issues) =>
      issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
    );
    const [nearest] = variants.sort((a, b) => distance(a, body) - distance(b, body));
    if (nearest) return nearest.flatMap((inner) => problemsOf(inner, body));
  }
  const field = issue.path.join('.');
  if (valueAt(body, issue.path) === undefined) return [{ field, code: 'required', message: `${field} is required` }];
  const problem = issue.code === 'invalid_format' ? 'has the wrong format' : issue.message.toLowerCase();
  return [{ field, code: 'invalid', message: `${field || 'the body'}: ${problem}` }];
}

/** How far a body is from a variant that has these issues: a missing field is less than a wrong constant. */
function distance(issues: readonly z.core.$ZodIssue[], body: unknown): number {
  const isOther = issues.some(({ code, path }) => code === 'invalid_value' && valueAt(body, path) !== undefined);
  return issues.length + (isOther ? 100 : 0);
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) ? value[String(key)] : undefined;
  }, body);
}

function hasSome(list: string[]): boolean {
  return list.length > 0;
}

/**
 * The 400 is the one of the API's framework, which lists sentences; the 422 lists fields and codes. The vault has a form
 * of its own.
 */
function invalidRequest(operation: string, status: number, problems: Problem[]): HttpError {
  const messages = problems.map(({ message }) => message);
  if (operation.includes(' /vault/')) return new HttpError(status, { error: `${messages.join('; ')}.` });
  if (status === 400) return new HttpError(400, { message: messages, error: 'Bad Request' });
  return new HttpError(422, {
    message: `Validation failed: ${messages.join('; ')}.`,
    code: 'invalid_request_parameters',
    errors: problems,
  });
}
