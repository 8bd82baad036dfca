import { describe, expect, it } from 'vitest';
import { catalogEntries } from '../../src/tools/catalog.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Gemini: a declaration's parameters as an OpenAPI 3.0 schema, and as a JSON Schema. */
const GEMINI = 'https://ai.google.dev/api/caching#Schema';
const GEMINI_JSON = 'https://ai.google.dev/api/caching#FunctionDeclaration';
/** OpenAI: the subset of JSON Schema that it supports for functions in strict mode. */
const OPENAI = 'https://platform.openai.com/docs/guides/structured-outputs#supported-schemas';

const KEYWORDS = [
  ...['type', 'description', 'enum', 'anyOf', 'properties', 'required', 'additionalProperties', 'items'],
  ...['minimum', 'maximum', 'minItems', 'maxItems'],
  // Not in OpenAI's strict mode, which optional arguments rule out anyway; without it, any JSON Schema is accepted.
  ...['minLength', 'maxLength'],
];
const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'];

/** What both vendors accept, the source, and schemas that break the rule. */
const RULES: readonly { rule: string; says: string; breaks: readonly Schema[]; holds(schema: Schema): boolean }[] = [
  {
    rule: 'only keywords that both know: no $ref, oneOf, allOf, not, const, format, pattern, propertyNames, prefixItems',
    says: GEMINI,
    breaks: [
      ...[{ $ref: '#' }, { oneOf: [] }, { allOf: [] }, { not: {} }, { const: 'a' }, { format: 'uuid' }],
      ...[{ pattern: '.' }, { propertyNames: {} }, { patternProperties: {} }, { prefixItems: [] }, { nullable: true }],
      ...[{ default: 1 }, { exclusiveMinimum: true }],
    ],
    holds: (schema) => Object.keys(schema).every((keyword) => KEYWORDS.includes(keyword)),
  },
  {
    rule: 'either one type or choices, never a list of types or neither',
    says: GEMINI,
    breaks: [{ type: ['string', 'null'] }, {}, { enum: ['a'] }, { type: 'string', anyOf: [] }],
    holds: ({ type, anyOf }) =>
      (anyOf === undefined ? TYPES.includes(String(type)) : type === undefined) && !isList(type),
  },
  {
    rule: 'at least two choices, with only a description beside them',
    says: OPENAI,
    breaks: [
      { anyOf: [{ type: 'null' }] },
      { anyOf: [{ type: 'array' }, { type: 'null' }], items: { type: 'string' } },
    ],
    holds: ({ anyOf, description: _, ...beside }) =>
      anyOf === undefined || (isList(anyOf) && anyOf.length > 1 && Object.keys(beside).length === 0),
  },
  {
    rule: 'only strings as listed values',
    says: GEMINI,
    breaks: [
      { type: 'integer', enum: [1] },
      { type: 'string', enum: ['a', null] },
      { type: 'string', enum: [] },
    ],
    holds: ({ type, enum: values }) =>
      values === undefined ||
      (type === 'string' && isList(values) && values.length > 0 && values.every((one) => typeof one === 'string')),
  },
  {
    rule: 'a type of items for each array',
    says: GEMINI,
    breaks: [{ type: 'array' }, { type: 'array', items: [{ type: 'string' }] }, { type: 'array', items: true }],
    holds: ({ type, items }) => (type === 'array') === isSchema(items),
  },
  {
    rule: 'keys for each object: a closed list, any key, or any key with a value of one type',
    says: `${OPENAI} ${GEMINI_JSON}`,
    breaks: [{ type: 'object' }, { type: 'object', additionalProperties: {} }, { type: 'object', properties: {} }],
    holds: ({ type, properties, additionalProperties: others }) =>
      type !== 'object' ||
      (properties === undefined ? others === true || (isSchema(others) && isFilled(others)) : others === false),
  },
  {
    rule: 'only numbers as bounds',
    says: OPENAI,
    breaks: [
      { type: 'integer', minimum: true },
      { type: 'integer', maximum: '1' },
    ],
    holds: (schema) =>
      Object.entries(schema).every(([keyword, value]) => !/^m(?:in|ax)/.test(keyword) || typeof value === 'number'),
  },
  {
    rule: 'a declaration of each required property',
    says: GEMINI,
    breaks: [{ type: 'object', properties: {}, required: ['a'] }],
    holds: ({ properties, required }) =>
      required === undefined ||
      (isList(required) && isSchema(properties) && required.every((one) => Object.hasOwn(properties, String(one)))),
  },
];

const parts = catalogEntries().flatMap(({ definition: { name, inputSchema } }) => partsOf(name, inputSchema));

describe('a schema that every model accepts has', () => {
  it.each(RULES)('$rule ($says)', ({ holds, breaks }) => {
    expect(parts.filter(([, schema]) => !holds(schema)).map(([path]) => path)).toEqual([]);
    expect(breaks.filter(holds)).toEqual([]);
  });

  it('an object at its root, without choices', () => {
    const roots = catalogEntries().map(({ definition }) => definition.inputSchema);
    expect(roots.filter(({ type, anyOf }) => type !== 'object' || anyOf !== undefined)).toEqual([]);
  });

  it('null as a choice if the tool accepts null', () => {
    const choices = new Map(parts.map(([path, { anyOf }]) => [path, anyOf]));
    expect(choices.get('update_connection.saml_options.acs_url')).toEqual([{ type: 'string' }, { type: 'null' }]);
    expect(choices.get('expire_api_key.expires_at')).toEqual([{ type: 'string' }, { type: 'null' }]);
    const taking = [...choices.values()].filter((one) => isList(one) && one.some((choice) => isNull(choice)));
    expect(taking).toHaveLength(58);
  });
});

/** Every schema within a schema, with the path of its argument. */
function partsOf(path: string, schema: Schema): (readonly [string, Schema])[] {
  const { properties, items, additionalProperties, anyOf } = schema;
  const inner = [
    ...Object.entries(isSchema(properties) ? properties : {}).map(([name, one]) => [`${path}.${name}`, one] as const),
    [`${path}[]`, items] as const,
    [`${path}.*`, additionalProperties] as const,
    ...(isList(anyOf) ? anyOf : []).map((one, at) => [`${path}|${at}`, one] as const),
  ];
  return [[path, schema], ...inner.flatMap(([name, one]) => (isSchema(one) ? partsOf(name, one) : []))];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isFilled(schema: Schema): boolean {
  return Object.keys(schema).length > 0;
}

function isNull(schema: unknown): boolean {
  return isSchema(schema) && schema['type'] === 'null';
}
