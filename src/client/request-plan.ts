import { InputError } from '../errors/errors.ts';

/** The methods that the WorkOS API uses. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A method and a path template, such as `GET /organizations/{organization_id}`. */
export type Route = `${Method} /${string}`;

/** The placeholder names of a route, as a union type. */
export type Placeholder<R extends string> = R extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** One request as it is sent; `path` is encoded and starts with a slash. */
export interface RequestPlan {
  method: Method;
  path: string;
  /** Encoded, without the question mark; empty if there is none. */
  query: string;
  /** Undefined if the request has no body at all. */
  body: Record<string, unknown> | undefined;
}

/** Options for planRequest(). */
export interface PlanOptions {
  /** Where fields that are not placeholders are sent. */
  send: 'body' | 'query';
  /** Fields sent in the query string even if the others are sent in the body. */
  queryFields?: readonly string[];
  /** Send a body even if it is empty, because the operation has body fields. */
  hasBody: boolean;
  /** Repeat the name for each item of an array instead of joining the items with commas. */
  repeatArrays?: boolean;
}

/**
 * Turns a route and its input into a request. Placeholders fill the path; the other fields go to the query string or the body.
 * Undefined fields are left out; null is kept, because WorkOS reads it as "clear".
 * @throws {InputError} for a path argument that could leave its segment.
 */
export function planRequest(route: Route, input: Readonly<Record<string, unknown>>, options: PlanOptions): RequestPlan {
  const space = route.indexOf(' ');
  // The type Route guarantees a method before the first space.
  const method = route.slice(0, space) as Method;
  const used = new Set<string>();
  const path = route.slice(space + 1).replace(/\{(\w+)\}/g, (_, name: string) => {
    used.add(name);
    return segment(name, input[name]);
  });
  const rest = Object.entries(input).filter(([name, value]) => !used.has(name) && value !== undefined);
  const inQuery = ([name]: [string, unknown]) => options.send === 'query' || options.queryFields?.includes(name);
  const hasBody = options.send === 'body' && options.hasBody;
  const body = hasBody ? Object.fromEntries(rest.filter((entry) => !inQuery(entry))) : undefined;
  const query = queryString(rest.filter(inQuery), options.repeatArrays ?? false);
  return { method, path, query, body };
}

/** The placeholder names of a route, in order. */
export function placeholders(route: Route): string[] {
  return Array.from(route.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '');
}

/**
 * One path segment. encodeURIComponent keeps `.` and `..`, and URL parsers resolve them even when encoded, so both are
 * refused. So is the empty string, which would address the collection instead of the item.
 */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new InputError(`${name} must be a non-empty string`, [name]);
  if (value === '.' || value === '..') throw new InputError(`${name} cannot be "${value}"`, [name]);
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) throw new InputError(`${name} contains a control character`, [name]);
  return encode(name, value);
}

function queryString(entries: [string, unknown][], repeatArrays: boolean): string {
  return entries.flatMap(([name, value]) => pairs(name, value, repeatArrays)).join('&');
}

function pairs(name: string, value: unknown, repeatArrays: boolean): string[] {
  if (Array.isArray(value)) {
    if (repeatArrays) return value.map((item) => `${encode(name, name)}=${encode(name, String(item))}`);
    return value.length ? [`${encode(name, name)}=${value.map((item) => encode(name, String(item))).join(',')}`] : [];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(
      ([key, item]) => `${encode(name, `${name}[${key}]`)}=${encode(name, String(item))}`,
    );
  }
  return [`${encode(name, name)}=${encode(name, String(value))}`];
}

function encode(name: string, text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new InputError(`${name} contains an unpaired surrogate, which a URL cannot encode`, [name]);
  }
}
