import { isObject } from './http/body-fields.ts';
import { apiError } from './http/errors.ts';

type Claims = Record<string, unknown>;

/** Claims that a template may not set. */
const RESERVED = ['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sid', 'sub'];

const EXPRESSION = /\{\{(.*?)\}\}/g;

/** @throws HttpError 422 unless the template is a JSON object that sets no reserved claim */
export function checkJwtTemplate(content: string): void {
  const claims = parseTemplate(content);
  const reserved = Object.keys(claims ?? {}).find((name) => RESERVED.includes(name));
  const problem = claims ? reserved && `it sets the reserved claim '${reserved}'` : 'it is not a JSON object';
  if (problem) throw apiError(422, 'invalid_request_parameters', `Invalid JWT template: ${problem}.`);
}

/**
 * The claims of a template, such as `{"plan": {{ organization.metadata.plan || 'free' }}}`. A claim without a value is
 * left out.
 * @param context the objects that expressions can name, such as `user`
 */
export function renderJwtTemplate(content: string, context: Claims): Claims {
  const claims = Object.entries(parseTemplate(content) ?? {}).map(([name, value]) => [name, render(value, context)]);
  return Object.fromEntries(claims.filter(([, value]) => value !== null && value !== undefined));
}

/** Parses a template after quoting its expressions, so that it is valid JSON. Undefined if it is not a JSON object. */
function parseTemplate(content: string): Claims | undefined {
  const quoted = content.replaceAll(/"(?:[^"\\]|\\.)*"|\{\{.*?\}\}/g, (part) =>
    part.startsWith('"') ? part : JSON.stringify(part),
  );
  try {
    const value: unknown = JSON.parse(quoted);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function render(value: unknown, context: Claims): unknown {
  if (Array.isArray(value)) return value.map((item) => render(item, context));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, render(inner, context)]));
  }
  if (typeof value !== 'string') return value;
  const only = /^\{\{([^{}]*)\}\}$/.exec(value)?.[1];
  if (only !== undefined) return evaluate(only, context);
  return value.replaceAll(EXPRESSION, (_, expression: string) => String(evaluate(expression, context) ?? ''));
}

/** Evaluates an expression: paths and quoted literals separated by `||`. Returns the first value, or null if there is none. */
function evaluate(expression: string, context: Claims): unknown {
  for (const alternative of expression.split('||').map((part) => part.trim())) {
    const literal = /^'(.*)'$/.exec(alternative)?.[1];
    const value =
      literal ?? alternative.split('.').reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : null), context);
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
