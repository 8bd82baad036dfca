import { describe, expect, it } from 'vitest';
import requests from '../../src/sandbox/document/requests.json' with { type: 'json' };
import { sampleLandscape } from '../../src/sandbox/landscape.ts';
import { Random } from '../../src/sandbox/random.ts';
import { handleRequest } from '../../src/sandbox/router.ts';
import { State } from '../../src/sandbox/state.ts';

const ROUNDS = 3;
const START = Date.parse('2026-11-02T09:00:00.000Z');

/** Values that break naive code. */
const WEIRD = [
  ...[null, '', 'x', 0, -1, 1e308, true, [], {}, [null], [['x']], { id: 'x' }],
  ...['__proto__', 'constructor', '\u0000', '🦊', 'a'.repeat(3_000), 'https://a.example', 'a@b.example', '2026-11-01'],
];

/** Wrong attempts are counted, and a redirect may create the person who signs in. */
const MAY_CHANGE = /authenticate|verify|confirm|challenge|authorize/;

interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
}

describe('random requests to every operation, with ids of the wrong kind and values of the wrong type,', () => {
  it('never fail inside the sandbox, and change nothing if they are refused', () => {
    const random = new Random(20261102);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random.next() * list.length)];
    const isChance = (share: number) => random.next() < share;
    let time = START;
    const state = new State({ now: () => time, exportPolls: 1 }, sampleLandscape(START));
    const ids = Object.values(state.save().tables).flatMap((rows) => rows.slice(0, 3).map(({ id }) => id));
    const anything = () => (isChance(0.3) ? pick(WEIRD) : pick(ids));

    function valueFor(schema: JsonSchema | undefined, depth = 0): unknown {
      const alternatives = schema?.oneOf ?? schema?.anyOf;
      if (!schema || depth > 4 || isChance(0.15)) return anything();
      if (schema.enum) return pick(schema.enum);
      if (alternatives) return valueFor(pick(alternatives), depth + 1);
      const [type] = [schema.type].flat();
      if (type === 'array') return [valueFor(schema.items, depth + 1)];
      if (type === 'integer' || type === 'number') return Math.floor(random.next() * 40);
      if (type === 'boolean') return isChance(0.5);
      if (!schema.properties) return anything();
      const fields = Object.entries(schema.properties).filter(() => isChance(0.8));
      return Object.fromEntries(fields.map(([name, field]) => [name, valueFor(field, depth + 1)]));
    }

    // The file is generated with this shape.
    const operations = Object.entries(
      requests as Record<string, { body?: JsonSchema; query?: Record<string, JsonSchema> }>,
    );
    const problems: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [operation, { body: schema, query: parameters = {} }] of operations) {
        const [method = '', template = ''] = operation.split(' ');
        const path = template.replaceAll(/\{[^}]+\}/g, () => encodeURIComponent(String(anything())) || 'x');
        const given = valueFor(schema);
        const body = typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given } : {};
        const query = new URLSearchParams();
        for (const [name, parameter] of Object.entries(parameters)) {
          if (isChance(0.5)) query.set(name, String(parameter.enum ? pick(parameter.enum) : anything()));
        }
        time += 10;
        const isRead = method === 'GET';
        const before = isRead ? '' : JSON.stringify(state.save().tables);
        const rest = { idempotencyKey: undefined, fault: undefined, origin: 'http://127.0.0.1:1', filesOrigin: '' };
        const request = { method, path, body, query, token: 'key', ...rest };
        const shown = `${operation} ${path} ${JSON.stringify(body)} ?${query}`;
        try {
          const { status, body: answered } = handleRequest(request, state, 'key');
          const isChanged = !isRead && status >= 400 && JSON.stringify(state.save().tables) !== before;
          if (status >= 500 && status !== 501) problems.push(`${shown}: ${status}`);
          if (status >= 400 && answered === undefined) problems.push(`${shown}: ${status} without a body`);
          if (isChanged && !MAY_CHANGE.test(template)) problems.push(`${shown}: ${status}, but something changed`);
        } catch (error) {
          problems.push(`${shown}: ${String(error)}`);
        }
      }
    }
    expect(problems).toEqual([]);
  });
});
