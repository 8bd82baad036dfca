import { describe, expect, it } from 'vitest';
import { catalogEntries } from '../../src/tools/catalog.ts';
import { signature } from '../../src/tools/signature.ts';
import { parseSignature } from './signature-parser.ts';

const shown = new Map(catalogEntries().map(({ definition }) => [definition.name, definition.inputSchema]));
const signed = (name: string, options = {}) => signature(name, shown.get(name), options);

describe('the signature of', () => {
  it.each([...shown])('%s says everything that its schema does', (name, schema) => {
    const read = parseSignature(signature(name, schema));
    expect(read.name).toBe(name);
    expect(sorted(read.schema)).toEqual(sorted(structure(schema)));
  });

  it.each([
    ['get_organization', 'get_organization(organization_id)'],
    ['list_groups', /^list_groups\(organization_id, limit\?: 1-100, .*order\?: asc\|desc, search\?, all_pages\?: bool/],
    ['send_invitation', /^send_invitation\(email, .*expires_in_days\?: 1-30/],
    ['create_user', /metadata\?: \{\*: string\(\.\.600\)\}\|null/],
    ['invite_it_contact', /intents: \(.*sso.*\)\[1\+\]/],
  ])('%s reads well', (name, wanted) => {
    if (typeof wanted === 'string') expect(signed(name)).toBe(wanted);
    else expect(signed(name)).toMatch(wanted);
  });

  it('a tool with many choices can be shortened', () => {
    const full = signed('authenticate_user');
    const cut = signed('authenticate_user', { maxChoices: 3 });
    expect(cut.length).toBeLessThan(full.length);
    expect(cut).toContain('|…');
  });

  it('a tool can carry a few words for each argument', () => {
    expect(signed('list_groups', { describe: 40 })).toContain('search? (Part of the name)');
    expect(signed('list_groups', { describe: 4 })).toContain('search? (Part…)');
  });
});

/** A schema reduced to what a signature shows: no descriptions, a single choice as a constant. */
function structure(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(structure);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { description: _, properties, enum: choices, ...rest } = record(schema);
  const [only, ...more] = Array.isArray(choices) ? choices : [];
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, structure(value)])),
    ...(properties !== undefined && { properties: mapped(record(properties)) }),
    ...(only !== undefined && (more.length === 0 ? { const: only } : { enum: choices })),
  };
}

function mapped(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, structure(value)]));
}

/** Sorts everything, because a signature has required arguments first. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    return items.every((one) => typeof one === 'string') ? items.sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
