import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import REQUESTS from '../document/requests.json' with { type: 'json' };
import { apiError, HttpError } from './errors.ts';
import { listParam } from './pagination.ts';

/** What the OpenAPI document says about an operation's requests. */
export interface DocumentedRequest {
  /** The status of a success. */
  status: number;
  /** The status of an invalid request. */
  invalid: number;
  /** Needs no API key. */
  public?: boolean;
  query?: Record<string, { type?: unknown; enum?: unknown[]; required?: boolean }>;
  body?: Schema;
  /** Mutually exclusive groups of fields, such as a password or a password hash. */
  exclusive?: string[][][];
}

interface Problem {
  field: string;
  code: string;
  message: string;
}

// The file is generated with this shape. TypeScript would infer a union of 261 object types.
const OPERATIONS = new Map(Object.entries(REQUESTS as unknown as Record<string, DocumentedRequest>));

const VALIDATORS = new Map<string, Validator>();

/** What the document says about an operation, such as `POST /organizations`. Undefined for the sandbox's own endpoints. */
export function documentedRequest(operation: string): DocumentedRequest | undefined {
  return OPERATIONS.get(operation);
}

/**
 * Checks a request against the document: required fields and parameters, types, choices, and limits.
 * @throws HttpError with the status that the document gives for invalid requests
 */
export function checkRequest(operation: string, query: URLSearchParams, body: Record<string, unknown>): void {
  const documented = OPERATIONS.get(operation);
  if (!documented) return;
  const problems = [...queryProblems(documented, query, body), ...bodyProblems(operation, documented, body)];
  if (problems.length > 0) throw invalidRequest(operation, documented.invalid, problems);
}

/** The document lists the parameters of `POST /sso/token` twice, so one in the body is not required in the query. */
function queryProblems(
  { query: parameters = {} }: DocumentedRequest,
  query: URLSearchParams,
  body: Record<string, unknown>,
): Problem[] {
  return Object.entries(parameters).flatMap(([field, { type, enum: choices, required }]) => {
    const values = type === 'array' ? listParam(query, field) : query.getAll(field).filter((value) => value !== '');
    const isMissing = required && body[field] === undefined;
    if (values.length === 0) return isMissing ? [{ field, code: 'required', message: `${field} is required` }] : [];
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
  const validator = VALIDATORS.get(operation) ?? new Validator(documented.body, '2020-12', false);
  VALIDATORS.set(operation, validator);
  const problems = causesOf(validator.validate(body).errors).map(problemOf);
  const clashes = (documented.exclusive ?? []).flatMap((variants) => {
    const given = variants.map((fields) => fields.filter((field) => body[field] !== undefined)).filter(hasSome);
    const [[first = ''] = [], [second = ''] = []] = given;
    return given.length < 2
      ? []
      : [{ field: first, code: 'invalid', message: `${first} cannot be combined with ${second}` }];
  });
  return [...problems, ...clashes];
}

/** The errors that are not caused by others. Among failed alternatives, only the errors of the closest match. */
function causesOf(errors: readonly OutputUnit[]): OutputUnit[] {
  const union = errors.find(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  if (!union) return errors.filter(({ keyword }) => !['properties', 'items', 'additionalProperties'].includes(keyword));
  const alternativeOf = ({ keywordLocation, instanceLocation }: OutputUnit) =>
    instanceLocation.startsWith(union.instanceLocation) && keywordLocation.startsWith(`${union.keywordLocation}/`)
      ? keywordLocation.slice(union.keywordLocation.length + 1).split('/')[0]
      : undefined;
  // A wrong constant weighs more than a missing field, because it means that another alternative was intended.
  const distances = new Map<string, number>();
  for (const error of errors) {
    const alternative = alternativeOf(error);
    if (alternative === undefined) continue;
    distances.set(alternative, (distances.get(alternative) ?? 0) + (error.keyword === 'const' ? 100 : 1));
  }
  const [nearest] = [...distances].sort(([, one], [, other]) => one - other)[0] ?? [];
  const rest = errors.filter((error) => error !== union && [undefined, nearest].includes(alternativeOf(error)));
  return nearest === undefined ? [union, ...causesOf(rest)] : causesOf(rest);
}

/** What is wrong with a value, by the keyword that it violates. */
const RULES: Readonly<Record<string, (detail: string) => string>> = {
  type: (detail) => `must be ${detail.replaceAll('"', '').replaceAll(',', ' or ')}`,
  enum: (detail) => (detail.length < 200 ? `must be one of ${detail.replaceAll(',', ', ')}` : 'is not a known value'),
  const: (detail) => `must be ${detail}`,
  minLength: () => 'is too short',
  maxLength: () => 'is too long',
  minItems: () => 'has too few items',
  maxItems: () => 'has too many items',
  maximum: () => 'is too large',
  pattern: () => 'has the wrong format',
};

function problemOf({ instanceLocation, keyword, error }: OutputUnit): Problem {
  const parent = instanceLocation.split('/').slice(1).map(decodeURIComponent);
  if (keyword === 'required') {
    const field = [...parent, /"(.*)"/.exec(error)?.[1] ?? ''].join('.');
    return { field, code: 'required', message: `${field} is required` };
  }
  const field = parent.join('.');
  const detail = /(?:Expected|any of|match) ["[]?(.*?)["\]]?\.$/.exec(error)?.[1] ?? '';
  const rule = RULES[keyword]?.(detail) ?? 'is not valid';
  return { field, code: 'invalid', message: `${field || 'the body'} ${rule}` };
}

function hasSome(list: string[]): boolean {
  return list.length > 0;
}

/**
 * The error for an invalid request. As in the API, a 400 lists sentences, and a 422 lists fields and codes. The vault and agents
 * have separate formats.
 */
function invalidRequest(operation: string, status: number, problems: Problem[]): HttpError {
  const messages = problems.map(({ message }) => message);
  if (operation.includes(' /vault/')) return new HttpError(status, { error: `${messages.join('; ')}.` });
  if (operation.includes(' /agents/') && !operation.startsWith('GET ')) {
    return apiError(400, 'invalid_request', `${messages.join('; ')}.`);
  }
  if (status === 400) return new HttpError(400, { message: messages, error: 'Bad Request' });
  return new HttpError(422, {
    message: `Validation failed: ${messages.join('; ')}.`,
    code: 'invalid_request_parameters',
    errors: problems,
  });
}
