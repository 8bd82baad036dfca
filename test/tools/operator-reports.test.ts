import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect } from '../harness.ts';

/** The sandbox's sample data, with everything listed. */
let server: Connected;
beforeAll(async () => {
  server = await connect({ flags: ['--sandbox', '--toolsets', 'all'], env: { WORKOS_TOKEN: '' } });
});
afterAll(() => server.close());

describe('a report for a person', () => {
  it.each([
    [
      'diagnose_sign_in',
      { user: 'rosa.xu@blueharbor.example' },
      ['Sign-in of rosa.xu@blueharbor.example', 'Failed sign-ins', 'wrong password', 'Next step'],
    ],
    ['diagnose_organization', { organization: 'Blue Harbor Bank' }, ['Setup of Blue Harbor Bank', 'no active SSO']],
    [
      'explain_access',
      { organization: 'Blue Harbor Bank', user: 'rosa.xu@blueharbor.example' },
      ['Access of rosa.xu@blueharbor.example', 'Blue Harbor Bank'],
    ],
    [
      'list_members',
      { organization: 'Blue Harbor Bank' },
      ['Blue Harbor Bank', 'rosa.xu@blueharbor.example', 'Last sign in'],
    ],
    ['list_members', { organization: 'Acme Robotics', all_pages: true }, ['Acme Robotics', 'Members']],
  ])('%s %o', async (tool, input, texts) => {
    const { value: plain } = await server.call(tool, input);
    const { value, isError } = await server.call(tool, { ...input, report: true });
    expect(isError, JSON.stringify(value)).toBe(false);
    const { report, ...rest } = value;
    expect(rest).toEqual(plain);
    const page = readFileSync(String(report), 'utf8');
    for (const text of texts) expect(page).toContain(text);
    expect(page.length).toBeLessThan(300_000);
  });

  it('of a list has every row of it, however many the result shows', async () => {
    const { value } = await server.call('list_members', {
      organization: 'Acme Robotics',
      all_pages: true,
      query: 'length(data)',
      report: true,
    });
    const page = readFileSync(String(value['report']), 'utf8');
    expect(value['result']).toBeGreaterThan(10);
    expect(new Set(page.match(/om_[0-9A-Z]+/g)).size).toBe(value['result']);
  });
});
