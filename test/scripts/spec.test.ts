import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/spec.mjs', import.meta.url));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script with a document that has these paths. Returns the lines it printed and the JSON it wrote. */
function spec(paths: unknown, components: unknown = {}) {
  const document = join(folder, 'openapi.json');
  writeFileSync(document, JSON.stringify({ paths, components }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, document, '--out', folder], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return {
    printed: stdout.trimEnd().split('\n'),
    written: JSON.parse(readFileSync(join(folder, 'operations.json'), 'utf8')),
  };
}

const body = (schema: unknown) => ({ requestBody: { content: { 'application/json': { schema } } } });
const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
});
const text = { type: 'string' };

describe('npm run spec', () => {
  it('writes path, query and body fields with their types, choices and limits', () => {
    const { written } = spec({
      '/things/{thingId}': {
        parameters: [{ name: 'thingId', in: 'path', required: true, schema: { type: 'string', maxLength: 9 } }],
        post: {
          parameters: [
            {
              name: 'limit',
              in: 'query',
              schema: { type: 'integer', minimum: 1, maximum: 100, description: 'How many' },
            },
            { name: 'old', in: 'query', deprecated: true, schema: text },
            { name: 'idempotency-key', in: 'header', schema: text },
          ],
          ...body(
            object(
              {
                state: { type: ['string', 'null'], enum: ['on', 'off', null], example: 'on' },
                tags: { type: 'array', minItems: 1, items: { type: 'string', maxLength: 5 } },
                metadata: { type: 'object', additionalProperties: text },
              },
              ['state'],
            ),
          ),
        },
      },
    });
    expect(written).toEqual({
      'POST /things/{thingId}': {
        path: { thingId: { required: true, types: ['string'], maxLength: 9 } },
        query: {
          limit: { types: ['integer'], minimum: 1, maximum: 100 },
          old: { deprecated: true, types: ['string'] },
        },
        body: {
          metadata: { types: ['object'], values: { types: ['string'] } },
          state: { required: true, types: ['null', 'string'], enum: ['off', 'on'] },
          tags: { types: ['array'], minItems: 1, items: { types: ['string'], maxLength: 5 } },
        },
      },
    });
  });

  it('requires a field of a union if every variant does, and merges the choices of the variants', () => {
    const variant = (kind: string, own: string) => object({ kind: { const: kind }, [own]: text }, ['kind', own]);
    const { written } = spec(
      {
        '/things': {
          post: body({
            allOf: [
              object({ name: text }, ['name']),
              { oneOf: [{ $ref: '#/components/schemas/First' }, variant('second', 'weight')] },
            ],
          }),
        },
      },
      { schemas: { First: variant('first', 'size') } },
    );
    expect(written['POST /things'].body).toEqual({
      kind: { required: true, types: ['string'], enum: ['first', 'second'] },
      name: { required: true, types: ['string'] },
      size: { types: ['string'] },
      weight: { types: ['string'] },
    });
  });

  it('distinguishes an empty body from no body, and handles a recursive schema', () => {
    const node = object({ parent: { $ref: '#/components/schemas/Node' } });
    const { written } = spec(
      {
        '/a': { post: body(object({})) },
        '/b': { post: {} },
        '/c': { post: body({ $ref: '#/components/schemas/Node' }) },
      },
      { schemas: { Node: node } },
    );
    expect(written['POST /a']).toEqual({ path: {}, body: {} });
    expect(written['POST /b']).toEqual({ path: {} });
    expect(Object.keys(written['POST /c'].body)).toEqual(['parent']);
  });

  it('prints what was added, removed and changed, and that nothing changed for the same document', () => {
    const first = {
      '/gone': { get: {} },
      '/things': { post: body(object({ name: text, size: text, state: { enum: ['on'] } }, ['size'])) },
    };
    spec(first);
    expect(spec(first).printed[0]).toBe('nothing changed');
    const second = {
      '/new': { get: {} },
      '/things': {
        post: body(
          object({ name: { type: ['string', 'null'] }, size: text, state: { enum: ['on', 'off'] }, tag: text }),
        ),
      },
    };
    expect(spec(second).printed).toEqual([
      '- GET /gone',
      '+ GET /new',
      '~ POST /things: body.name was string, optional, is null or string, optional',
      '~ POST /things: body.size was string, required, is string, optional',
      '~ POST /things: body.state was string, optional, one of on, is string, optional, one of off | on',
      '+ POST /things: body.tag (string, optional)',
      '2 operations, 4 fields',
    ]);
  });

  it('writes the same bytes whatever the order in the document', () => {
    const file = () => readFileSync(join(folder, 'operations.json'), 'utf8');
    spec({ '/a': { get: {} }, '/b': { post: body(object({ x: text, y: text })) } });
    const before = file();
    spec({ '/b': { post: body(object({ y: text, x: text })) }, '/a': { get: {} } });
    expect(file()).toBe(before);
  });

  it('keeps only the columns that the tests use with --policy, and consentFor if an operation has it', () => {
    const row = (tool: string) => ({ tool, method: 'PUT', specPath: '/things/{id}', path: '/things/{thing_id}' });
    const rows = join(folder, 'rows.json');
    writeFileSync(rows, JSON.stringify([{ ...row('a'), consentFor: { size: 'removes' }, emulator: true }, row('b')]));
    const document = join(folder, 'openapi.json');
    writeFileSync(document, JSON.stringify({ paths: {} }));
    const { status } = spawnSync(process.execPath, [script, document, '--policy', rows, '--out', folder]);
    expect(status).toBe(0);
    const written: object[] = JSON.parse(readFileSync(join(folder, 'policy.json'), 'utf8'));
    expect(written).toMatchObject([
      { tool: 'a', operation: 'PUT /things/{id}', consentFor: { size: 'removes' } },
      { tool: 'b', operation: 'PUT /things/{id}' },
    ]);
    expect(written[0]).not.toHaveProperty('emulator');
    expect(written[1]).not.toHaveProperty('consentFor');
  });

  it('reads YAML too', () => {
    const document = join(folder, 'openapi.yaml');
    writeFileSync(document, 'paths:\n  /things:\n    get:\n      summary: Things\n');
    const { stdout } = spawnSync(process.execPath, [script, document, '--out', folder], { encoding: 'utf8' });
    expect(stdout).toBe('+ GET /things\n1 operations, 0 fields\n');
  });

  it('prints its usage and exits with code 2 if there is no document', () => {
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('usage: node scripts/spec.mjs openapi.(json|yaml)');
  });
});
