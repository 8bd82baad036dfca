import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { tools } from '../../src/tools/catalog.ts';
import { type Connected, connect } from '../harness.ts';

let server: Connected;
let close: () => Promise<void>;
beforeAll(async () => {
  const sandbox = await startSandbox({});
  server = await connect({
    baseUrl: sandbox.url,
    env: { WORKOS_TOKEN: sandbox.key },
    flags: ['--toolsets', 'all', '--max-result-chars', '4000'],
  });
  close = sandbox.close;
});
afterAll(async () => {
  await server.close();
  await close();
});

async function pageOf(
  tool: string,
  input: Record<string, unknown>,
): Promise<{ page: string; value: Record<string, unknown> }> {
  const { value, error } = await server.call(tool, { ...input, report: true });
  expect(error).toBeUndefined();
  return { page: readFileSync(String(value['report']), 'utf8'), value };
}

describe('report', () => {
  it("is an argument of the operators' tools and of export_audit_logs", () => {
    const offering = [...tools.values()].filter(({ input }) => 'report' in input.shape);
    expect(offering.map(({ name }) => name)).toEqual([
      'export_audit_logs',
      'diagnose_sign_in',
      'diagnose_organization',
      'explain_access',
      'list_members',
      'offboard_user',
    ]);
  });

  it('of diagnose_sign_in has the findings, and the attempts over time', async () => {
    const { page, value } = await pageOf('diagnose_sign_in', { user: 'rosa.xu@blueharbor.example' });
    expect(page).toContain('<title>Sign-in of rosa.xu@blueharbor.example</title>');
    expect(page).toContain('Most likely cause (risk)');
    expect(page.match(/class="word /g)).toHaveLength(Object(value['findings']).length);
    expect([...page.matchAll(/class="lane"[^>]*>([^<]*)</g)].map(([, lane]) => lane)).toEqual([
      'wrong password',
      'Radar detected a risk',
      'last sign-in',
    ]);
    expect(value['whole']).toBeUndefined();
  });

  it('of diagnose_organization has the findings, and the failures over time', async () => {
    const { page } = await pageOf('diagnose_organization', { organization: 'blueharbor.example' });
    expect(page).toContain('<h1>Setup of Blue Harbor Bank</h1>');
    expect(page).toContain('<b>Failed sign ins</b>');
    expect(page).toContain('class="lane"');
  });

  it('of explain_access has the roles as a table', async () => {
    const { page } = await pageOf('explain_access', {
      organization: 'Acme Robotics',
      user: 'chloe.okafor@acme-robotics.example',
      permission: 'billing:manage',
    });
    expect(page).toContain('<h1>Access of chloe.okafor@acme-robotics.example</h1>');
    expect(page).toContain('<p class="sub">Acme Robotics: billing:manage</p>');
    expect(page).toMatch(/<td>auditor<\/td><td>membership<\/td>/);
    const who = await pageOf('explain_access', { organization: 'Acme Robotics', permission: 'billing:manage' });
    expect(who.page).toContain('<h1>Who has billing:manage</h1>');
  });

  const rowsIn = (page: string) => (page.match(/<tr><td/g) ?? []).length;

  it('of list_members has the requested page', async () => {
    const { page, value } = await pageOf('list_members', { organization: 'Acme Robotics', limit: 4 });
    expect(rowsIn(page)).toBe(4);
    expect(value).toMatchObject({ object: 'list', list_metadata: { after: expect.any(String) } });
    expect(page).toMatch(/<th scope="col">Name<\/th><th scope="col">Email<\/th><th scope="col">Roles<\/th>/);
  });

  it('of list_members with all_pages has all members, even if the result shows only the first', async () => {
    const { page, value } = await pageOf('list_members', { organization: 'Acme Robotics', all_pages: true, limit: 5 });
    expect(value).toMatchObject({ items: 17, stopped: 'end', path: expect.stringMatching(/\.jsonl$/) });
    expect(rowsIn(page)).toBe(17);
  });

  it('of list_members ends at max_items, and comes with the value of a query', async () => {
    const input = { organization: 'Acme Robotics', all_pages: true, limit: 5, max_items: 7 };
    const { page, value } = await pageOf('list_members', { ...input, query: 'length(data)' });
    expect(value).toMatchObject({ result: 7 });
    expect(rowsIn(page)).toBe(7);
  });

  it('is written for each row of a batch', async () => {
    const { value } = await server.call('call_read_tool', {
      tool: 'list_members',
      arguments: ['Acme Robotics', 'Blue Harbor Bank'].map((organization) => ({ organization, report: true })),
    });
    const paths = Object(value['rows']).map((row: { value: { report?: string } }) => row.value.report);
    expect(paths.map((path: string) => rowsIn(readFileSync(path, 'utf8')))).toEqual([10, 10]);
  });
});
