// Extracts from the OpenAPI document what the sandbox and its tests use: how requests are validated and which status answers them
// (src/sandbox/document/requests.json), and the schemas of responses (test/fixtures/responses.json).

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const PROSE = ['description', 'example', 'examples', 'title', 'summary', 'deprecated'];
/**
 * Fields that accept more than the document says: null deletes a metadata key (src/sandbox/metadata.ts checks the rest), and
 * clears a Stripe customer, as in the official SDKs.
 */
const LOOSER = { metadata: {}, stripe_customer_id: { type: ['string', 'null'] } };
/** WorkOS's notion of a date-time, which allows offsets and dates without a time. */
const DATE = '^\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}.*)?$';

/** The operations by `METHOD /path`, each with its success status, its status for invalid input, and the schemas of its input. */
export function sandboxOperations(document) {
  return byRoute(document, (_path, details, item) => {
    const statuses = Object.keys(details.responses ?? {});
    const parameters = [...(item.parameters ?? []), ...(details.parameters ?? [])];
    const query = parameters
      .filter((one) => one.in === 'query')
      .map((one) => [one.name, queryParameter(document, one)]);
    const body = details.requestBody?.content?.['application/json']?.schema;
    return {
      // If a deletion may return a body or not, it returns none.
      status: Number(
        statuses.find((status) => status === '204') ?? statuses.find((status) => /^[23]/.test(status)) ?? 200,
      ),
      invalid: statuses.includes('422') || !statuses.includes('400') ? 422 : 400,
      ...(details.security?.length === 0 && { public: true }),
      ...(query.length && { query: Object.fromEntries(query) }),
      ...(body && { body: plain(inlined(document, body)) }),
      ...(details['x-mutually-exclusive-body-groups'] && { exclusive: exclusiveFields(details) }),
    };
  });
}

/** The events by name, each with the names of the fields in its data. */
export function eventFields(document) {
  const found = {};
  const walk = (node) => {
    if (Array.isArray(node)) for (const one of node) walk(one);
    else if (node && typeof node === 'object') {
      const name = node.properties?.event?.const;
      if (name && node.properties?.object?.const === 'event') {
        found[name] = Object.keys(inlined(document, node.properties.data).properties ?? {});
      }
      for (const one of Object.values(node)) walk(one);
    }
  };
  walk(document.components?.schemas?.EventSchema);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The schemas of all responses by route and status, with the components they refer to. */
export function responseSchemas(document) {
  const operations = byRoute(document, (_path, details) =>
    Object.fromEntries(
      Object.entries(details.responses ?? {}).map(([status, response]) => [
        status,
        withoutProse(response.content?.['application/json']?.schema ?? (inWords(response) ? {} : null)),
      ]),
    ),
  );
  const used = {};
  const collect = (node) => {
    if (Array.isArray(node)) for (const one of node) collect(one);
    else if (node && typeof node === 'object') {
      const name = node.$ref?.replace('#/components/schemas/', '');
      if (name && !used[name]) {
        used[name] = withoutProse(document.components.schemas[name]);
        collect(used[name]);
      }
      for (const one of Object.values(node)) collect(one);
    }
  };
  collect(operations);
  const schemas = Object.fromEntries(Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { operations, components: { schemas } };
}

/** Whether the document describes the body only in words, so that any body is valid. */
function inWords({ content, description = '' }) {
  return content === undefined && /\bobject\b/.test(description);
}

/** Formats an object as JSON with one entry per line. */
export function oneEntryPerLine(value) {
  const entries = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${JSON.stringify(one)}`);
  return `{\n${entries.join(',\n')}\n}\n`;
}

function byRoute(document, describe) {
  const rows = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => [
      `${method.toUpperCase()} ${path}`,
      describe(path, item[method], item),
    ]),
  );
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function queryParameter(document, { schema = {}, required }) {
  const { type, enum: choices, const: constant, items } = plain(inlined(document, schema));
  return {
    type,
    ...(choices && { enum: choices }),
    ...(constant !== undefined && { enum: [constant] }),
    ...(items?.enum && { enum: items.enum }),
    ...(required && { required }),
  };
}

/** Mutually exclusive groups of fields. */
function exclusiveFields(details) {
  return Object.values(details['x-mutually-exclusive-body-groups']).map(({ variants }) => Object.values(variants));
}

function inlined(document, node, trail = []) {
  if (Array.isArray(node)) return node.map((one) => inlined(document, one, trail));
  if (!node || typeof node !== 'object') return node;
  if (node.$ref) {
    if (trail.includes(node.$ref)) return {};
    const target = node.$ref
      .slice(2)
      .split('/')
      .reduce((at, key) => at[key], document);
    return inlined(document, target, [...trail, node.$ref]);
  }
  return Object.fromEntries(Object.entries(node).map(([key, one]) => [key, inlined(document, one, trail)]));
}

/** A schema without prose, formats, and `not`, which the exclusive groups make redundant. */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (!schema || typeof schema !== 'object') return schema;
  const { allOf, oneOf, not: _, format, ...rest } = withoutProse(schema, false);
  const parts = [...(allOf ?? []), ...(oneOf ? [{ oneOf }] : [])].map(withoutExclusion);
  const own = parts.length ? Object.assign({}, rest, ...parts) : rest;
  if (parts.length) {
    own.properties = Object.assign({}, rest.properties, ...parts.map((part) => part.properties));
    own.required = [...(rest.required ?? []), ...parts.flatMap((part) => part.required ?? [])];
  }
  return {
    ...Object.fromEntries(
      Object.entries(own).map(([key, one]) => [
        key,
        key === 'properties'
          ? Object.fromEntries(Object.entries(one).map(([name, field]) => [name, LOOSER[name] ?? plain(field)]))
          : plain(one),
      ]),
    ),
    ...(format === 'date-time' && { pattern: DATE }),
  };
}

/**
 * Reduces alternatives that exclude each other with `not` to their fields, all optional. Does the same for two alternatives with
 * one field each, such as saml_options and oidc_options, because the API has specific error codes for a wrong choice.
 */
function withoutExclusion(part) {
  const excludes = part.oneOf?.some((one) => /"not":/.test(JSON.stringify(one)));
  const fields = part.oneOf?.flatMap((one) => Object.values(one.properties ?? {})) ?? [];
  const choosesOptions = fields.length === 2 && fields.every(({ properties }) => properties);
  if (!excludes && !choosesOptions) return part;
  return { type: 'object', properties: Object.assign({}, ...part.oneOf.map((one) => one.properties)) };
}

function withoutProse(schema, deep = true) {
  if (Array.isArray(schema)) return schema.map((one) => withoutProse(one, deep));
  if (!schema || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema)
      // The document has a schema whose type is `delegated|autonomous`, which are values and not types.
      .filter(([key, one]) => !key.startsWith('x-') && !PROSE.includes(key) && !(key === 'type' && /\|/.test(one)))
      .map(([key, one]) => [
        key,
        !deep
          ? one
          : key === 'properties'
            ? Object.fromEntries(Object.entries(one).map(([name, field]) => [name, withoutProse(field)]))
            : withoutProse(one),
      ]),
  );
}
