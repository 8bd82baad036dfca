/** Limits for the length of a signature. */
export interface SignatureOptions {
  /** The most choices shown of a list. An ellipsis stands for the others. Unlimited by default. */
  maxChoices?: number;
  /** Adds the description of each argument, cut to this many characters. */
  describe?: number;
  /** The arguments that are described. All, if undefined. */
  described?: readonly string[] | undefined;
  /** Omits the types. */
  bare?: boolean;
}

/**
 * A tool's schema on one line: `send_invitation(email, organization_id?, expires_in_days?: 1-30)`. An argument without a type is a
 * string, and `?` means optional. Types are `int`, `number`, `bool`, `any`, ranges such as `1-100`, `1+`, and `..40` (of a number;
 * in parentheses, of a text's length; in brackets, of a list's length), choices `a|b`, lists `string[]`, objects `{a, b?: int}`,
 * and maps `{*: string}`.
 */
export function signature(name: string, schema: unknown, options: SignatureOptions = {}): string {
  return `${name}(${fieldsOf(record(schema), options)})`;
}

/** Options with descriptions, from the longest to the shortest. */
const DESCRIBED: readonly SignatureOptions[] = [
  { maxChoices: 6, describe: 48 },
  { maxChoices: 6, describe: 24 },
];
/** Options without descriptions, from the longest to the shortest. */
const SHORTER: readonly SignatureOptions[] = [{ maxChoices: 6 }, { maxChoices: 3 }, { bare: true }];
/** The arguments that all lists share. They say the least about a tool. */
const PAGE = ['limit', 'before', 'after', 'order'];

/**
 * A signature of at most `maxLength` characters. To fit, it omits in this order: descriptions, arguments that many tools share,
 * long lists of choices, types, and optional arguments. `…` stands for what is omitted.
 * @param own The tool's own arguments. The others are not described.
 * @param describe Whether to describe arguments if there is room.
 */
export function shortSignature(
  name: string,
  schema: unknown,
  maxLength: number,
  own: readonly string[],
  describe = false,
): string {
  const whole = [...(describe ? DESCRIBED : []), { maxChoices: 6 }].map((options) =>
    signature(name, schema, { ...options, described: own }),
  );
  const fields = fieldsWithin(record(schema), own);
  const parts = SHORTER.map((options) => withoutRest(name, fieldTexts(fields, options)));
  return [...whole, ...parts].find(({ length }) => length <= maxLength) ?? cutSignature(name, fields, maxLength);
}

function withoutRest(name: string, fields: readonly { text: string }[]): string {
  return `${name}(${[...fields.map(({ text }) => text), '…'].join(', ')})`;
}

function cutSignature(name: string, schema: Schema, maxLength: number): string {
  const fields = fieldTexts(schema, { bare: true });
  const needed = fields.filter((one) => one.needed).length;
  let kept = fields.length;
  while (kept > needed && withoutRest(name, fields.slice(0, kept)).length > maxLength) kept--;
  return withoutRest(name, fields.slice(0, kept));
}

/** A schema with only these fields. Pagination arguments come last. */
function fieldsWithin(schema: Schema, names: readonly string[]): Schema {
  const fields = record(schema['properties']);
  const kept = [...names.filter((one) => !PAGE.includes(one)), ...names.filter((one) => PAGE.includes(one))];
  return { ...schema, properties: Object.fromEntries(kept.map((one) => [one, fields[one]])) };
}

function fieldsOf(schema: Schema, options: SignatureOptions): string {
  return fieldTexts(schema, options)
    .map(({ text }) => text)
    .join(', ');
}

/** Required arguments come first. */
function fieldTexts(schema: Schema, options: SignatureOptions): { needed: boolean; text: string }[] {
  const required = new Set(list(schema['required']));
  const fields = Object.entries(record(schema['properties'])).map(([name, value]) => {
    const field = record(value);
    const type = typeOf(field, options);
    const mark = required.has(name) ? '' : '?';
    const words = options.described?.includes(name) === false ? '' : description(field, options);
    return {
      needed: mark === '',
      text: `${name}${mark}${type === 'string' || options.bare ? '' : `: ${type}`}${words}`,
    };
  });
  return [...fields.filter(({ needed }) => needed), ...fields.filter(({ needed }) => !needed)];
}

function description({ description: text }: Schema, { describe = 0 }: SignatureOptions): string {
  if (describe === 0 || typeof text !== 'string') return '';
  return ` (${text.length > describe ? `${text.slice(0, describe)}…` : text})`;
}

function typeOf(schema: Schema, options: SignatureOptions): string {
  const { anyOf, type } = schema;
  if (Array.isArray(anyOf)) return anyOf.map((one) => typeOf(record(one), options)).join('|');
  const choices = list(schema['enum']);
  if (choices.length > 0) return choicesOf(choices, options);
  switch (type) {
    case 'string':
      return `string${range(schema, 'Length', ['(', ')'])}`;
    case 'integer':
      return range(schema, 'imum') || 'int';
    case 'number':
      return 'number';
    case 'boolean':
      return 'bool';
    case 'null':
      return 'null';
    case 'array':
      return `${parenthesized(typeOf(record(schema['items']), options))}[${range(schema, 'Items')}]`;
    case 'object':
      return objectOf(schema, options);
    default:
      return 'any';
  }
}

function objectOf(schema: Schema, options: SignatureOptions): string {
  if ('properties' in schema) return `{${fieldsOf(schema, { ...options, described: undefined })}}`;
  const values = schema['additionalProperties'];
  return values === false ? '{}' : `{*: ${typeOf(record(values), options)}}`;
}

const WORD = /^[A-Za-z_][\w.:/-]*$/;
const TYPES = ['string', 'int', 'number', 'bool', 'any', 'null'];

function choicesOf(choices: readonly unknown[], { maxChoices = Number.POSITIVE_INFINITY }: SignatureOptions): string {
  const shown = choices
    .slice(0, maxChoices)
    .map((one) => (typeof one === 'string' && WORD.test(one) && !TYPES.includes(one) ? one : JSON.stringify(one)));
  return [...shown, ...(choices.length > maxChoices ? ['…'] : [])].join('|');
}

function parenthesized(type: string): string {
  return /[|]/.test(type) && !type.startsWith('{') ? `(${type})` : type;
}

/** `1-100`, `1+`, or `..100` from `minimum` and `maximum` or the like. Empty if neither is set. */
function range(schema: Schema, bound: 'imum' | 'Length' | 'Items', [open, close] = ['', '']): string {
  const [min, max] = [schema[`min${bound}`], schema[`max${bound}`]];
  if (min === undefined && max === undefined) return '';
  const text = min === undefined ? `..${max}` : max === undefined ? `${min}+` : `${min}-${max}`;
  return `${open}${text}${close}`;
}

type Schema = Readonly<Record<string, unknown>>;

function record(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
