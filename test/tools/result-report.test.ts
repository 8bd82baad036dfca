import { describe, expect, it } from 'vitest';
import { resultReport, tableOf } from '../../src/tools/result-report.ts';

const NOW = Date.parse('2026-11-26T04:26:00Z');
const reportOf = (result: Record<string, unknown>) => resultReport(result, { title: 'Acme', now: NOW });

describe('the report of a result', () => {
  it('has its findings first, then its lists as tables, then everything else as facts', () => {
    const report = reportOf({
      summary: 'one problem',
      organization: { id: 'org_1', name: 'Acme' },
      findings: [{ check: 'domain', status: 'problem', detail: 'is pending', fix: 'verify it' }],
      members: [{ user_id: 'user_1', email: 'ada@acme.example', status: 'active' }],
      not_visible: ['what the identity provider has in its own log'],
      already_inactive: ['Globex', 'Initech'],
      next: { tool: 'verify_organization_domain', arguments: { organization_domain_id: 'd_1' }, why: 'check it' },
      omitted: 3,
      report: '/tmp/x.html',
    });
    expect(report).toEqual({
      title: 'Acme',
      generated_at: '2026-11-26T04:26:00.000Z',
      summary: 'One problem.',
      sections: [
        {
          kind: 'findings',
          title: 'Findings',
          findings: [{ check: 'domain', status: 'problem', detail: 'Is pending.', fix: 'Verify it.' }],
        },
        {
          kind: 'table',
          title: 'Members',
          columns: [
            { name: 'Email', kind: 'text' },
            { name: 'Status', kind: 'status' },
            { name: 'User id', kind: 'code' },
          ],
          rows: [['ada@acme.example', 'active', 'user_1']],
        },
        {
          kind: 'facts',
          title: 'Details',
          facts: [
            ['Organization: id', 'org_1'],
            ['Organization: name', 'Acme'],
            ['Not visible', 'what the identity provider has in its own log'],
            ['Already inactive', 'Globex, Initech'],
            ['Next step: tool', 'verify_organization_domain'],
            ['Next step: arguments', '{"organization_domain_id":"d_1"}'],
            ['Next step: why', 'check it'],
          ],
        },
      ],
    });
  });

  it('accepts findings of any shape', () => {
    const { sections } = reportOf({
      findings: [{ check: 7, status: 'odd' }, null, 'text', { detail: { message: 'no' } }],
    });
    expect(sections).toMatchObject([
      {
        findings: [
          { check: '7', status: 'skipped' },
          { check: '', status: 'skipped', detail: 'No.' },
        ],
      },
    ]);
  });

  it.each([
    ['active', 'Active.'],
    ['exists, address verified', 'Exists, address verified.'],
    ['billing:manage does not follow', 'billing:manage does not follow.'],
    ['ada@acme.example is in', 'ada@acme.example is in.'],
    ['Done!', 'Done!'],
  ])('writes %j as a sentence', (detail, sentence) => {
    const { sections } = reportOf({ findings: [{ check: 'x', status: 'ok', detail }] });
    expect(sections).toMatchObject([{ findings: [{ detail: sentence }] }]);
  });
});

describe('a table of objects', () => {
  it.each([
    ['id', 'org_1', 'code'],
    ['user_id', 'user_1', 'code'],
    ['ok', true, 'status'],
    ['directory_state', 'active', 'status'],
    ['count', 7, 'number'],
    ['last_sign_in_at', '2026-11-26T04:26:00Z', 'time'],
    ['name', 'Ada', 'text'],
    ['roles', ['a', 'b'], 'text'],
  ])('shows %s %j as %s', (name, value, kind) => {
    expect(tableOf('T', [{ [name]: value }, {}, { [name]: null }])).toMatchObject({
      columns: [{ kind }],
      rows: [[Array.isArray(value) ? 'a, b' : value], [null], [null]],
    });
  });

  it('shows an error by its message', () => {
    const { rows } = Object(tableOf('T', [{ error: { kind: 'permission', message: 'not allowed' } }]));
    expect(rows).toEqual([['not allowed']]);
  });
});
