import { createServer } from 'node:http';

/**
 * Forwards requests to an API on this machine and records its responses: for each request, such as `GET /organizations/{id}`, its
 * statuses and the fields of its bodies with their types.
 */
export async function recordingProxy(target) {
  const answers = new Map();
  const server = createServer(async (incoming, response) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
    const hasBody = chunks.length > 0;
    const answer = await fetch(target + incoming.url, {
      method: incoming.method,
      headers,
      redirect: 'manual',
      ...(hasBody && { body: Buffer.concat(chunks) }),
    });
    const text = await answer.text();
    record(answers, `${incoming.method} ${template(incoming.url)}`, answer.status, text);
    const { 'content-encoding': ____, 'transfer-encoding': _____, ...kept } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, { ...kept, ...(text && { 'content-length': Buffer.byteLength(text) }) });
    response.end(text);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    answers,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * The differences between two recordings, each as one sentence about one request. Omits the fields below one that is missing on
 * the other side, and the bodies of errors that only one side returns.
 */
export function answerDifferences(emulator, sandbox) {
  const requests = [...new Set([...emulator.keys(), ...sandbox.keys()])].sort();
  return requests.flatMap((request) => {
    const [theirs, ours] = [emulator.get(request), sandbox.get(request)];
    if (!theirs || !ours) return [{ request, difference: `only sent to the ${theirs ? 'emulator' : 'sandbox'}` }];
    const statuses = [theirs.statuses, ours.statuses].map((list) => [...list].sort().join(' and '));
    return [
      ...(statuses[0] === statuses[1] ? [] : [`the emulator answers ${statuses[0]}, the sandbox ${statuses[1]}`]),
      ...missing('emulator', theirs, ours),
      ...missing('sandbox', ours, theirs),
      ...otherTypes(theirs.fields, ours.fields),
    ].map((difference) => ({ request, difference }));
  });
}

function missing(owner, { fields }, other) {
  const isComparable = (field) => {
    const status = /^the (\d+)'s /.exec(field)?.[1];
    return status === undefined || other.statuses.has(Number(status));
  };
  const names = [...fields.keys()].filter((field) => !other.fields.has(field) && isComparable(field)).sort();
  const top = names.filter(
    (field) => !names.some((above) => field.startsWith(`${above}.`) || field.startsWith(`${above}[`)),
  );
  return top.length ? [`only the ${owner} has ${top.join(', ')}`] : [];
}

function otherTypes(theirs, ours) {
  return [...theirs.keys()].sort().flatMap((field) => {
    const [their, our] = [theirs.get(field), ours.get(field)];
    // A field that is null on one side may have a value on the other.
    if (!our || new Set([...their, ...our].filter((type) => type !== 'null')).size < 2) return [];
    const [shown, ownShown] = [their, our].map((list) => [...list].sort().join(' or '));
    return [`${field} is ${shown} in the emulator, ${ownShown} in the sandbox`];
  });
}

function record(answers, request, status, text) {
  const known = answers.get(request) ?? { statuses: new Set(), fields: new Map() };
  answers.set(request, known);
  known.statuses.add(status);
  if (text) collect(known.fields, status < 400 ? '' : `the ${status}'s `, JSON.parse(text));
}

function collect(fields, path, value) {
  if (Array.isArray(value)) {
    for (const one of value) collect(fields, `${path}[]`, one);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      const at = path === '' || path.endsWith(' ') ? `${path}${name}` : `${path}.${name}`;
      const type = Array.isArray(one) ? 'array' : one === null ? 'null' : typeof one;
      fields.set(at, (fields.get(at) ?? new Set()).add(type));
      collect(fields, at, one);
    }
  }
}

/** The path without its query and with placeholders for ids. */
function template(url) {
  const path = url.split('?')[0].replace(/\/[a-z_]+_(?:[0-9A-Z]{20,}|nowhere)(?=\/|$)/g, '/{id}');
  return path.replace(/external_id\/.+/, 'external_id/{external_id}').replace(/roles\/.+/, 'roles/{slug}');
}
