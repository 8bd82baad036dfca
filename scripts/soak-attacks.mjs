// The attacks of the soak run, in addition to faults: hostile responses and expressions.
import { randomBytes } from 'node:crypto';

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Hostile responses by the requested id. All are final, so that retries do not slow down the run. `kinds` are the kinds of error
 * with which a call must end; those of the injected faults are always allowed.
 */
export const HOSTILE_RESPONSES = {
  org_huge_title: { status: 422, type: 'text/html', body: () => '<title'.repeat(60_000), kinds: ['input'] },
  org_huge_page: {
    status: 400,
    type: 'text/html',
    body: () => `<html>${'<p>no</p>'.repeat(230_000)}`,
    kinds: ['input'],
  },
  org_long_message: { status: 422, body: () => JSON.stringify({ message: 'no '.repeat(MIB) }), kinds: ['input'] },
  org_deep_error: { status: 409, body: () => `{"errors":${'['.repeat(30_000)}`, kinds: ['conflict'] },
  org_deep: { status: 200, body: () => `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, kinds: ['api'] },
  org_picture: { status: 200, type: 'image/png', body: () => randomBytes(300 * KIB), kinds: ['api'] },
  org_large_picture: { status: 200, type: 'image/png', body: () => randomBytes(3 * MIB), kinds: ['api'] },
  org_headers: {
    status: 403,
    // Just below Node's limit of 16 KiB.
    headers: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x-pad-${at}`, 'x'.repeat(130)])),
    body: () => '{}',
    kinds: ['permission'],
  },
};

/** Expressions over the list that a search for this name returns. Each must end in a result or in an error about the input. */
export const HOSTILE_SEARCH = 'many';
export const HOSTILE_LIST = JSON.stringify({
  object: 'list',
  data: Array.from({ length: 100 }, (_, at) => ({ id: `org_${at}`, name: `Organization ${at}` })),
  list_metadata: { before: null, after: null },
});
export const HOSTILE_QUERIES = [
  'let $d = data in $d[*].[$d[*].[$d[*].[$d[*].id]]]',
  "pad_left('x', `1000000000`)",
  `let $x = data in ${'let $x = [$x, $x] in '.repeat(60)}to_string($x)`,
  "join('', map(&pad_left(id, `100000`), data)) | length(@)",
  'sort_by(data, &name)[*].[$.data[*].id] | length(to_string(@))',
  `${'['.repeat(1_500)}data${']'.repeat(1_500)}`,
  `${'!'.repeat(3_999)}a`,
  `a | "${'\\'.repeat(3_000)}`,
];
