import { describe, expect, it } from 'vitest';
import { sampleLandscape } from '../../../src/sandbox/landscape.ts';
import { handleRequest } from '../../../src/sandbox/router.ts';
import { State } from '../../../src/sandbox/state.ts';
import { differences } from '../documented-responses.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const MEMBER = 'om_01KHZQMKVRXSZNDPZ5J76021QD';
const ROLES = `/authorization/organizations/${ACME}/roles`;

/** Sends one request after the other to a new sandbox and returns the events that follow. */
function eventsAfter(requests: [request: string, body?: Record<string, unknown>][]) {
  const now = Date.parse('2026-11-02T09:00:00.000Z');
  const state = new State({ now: () => now, exportPolls: 0 }, sampleLandscape(now));
  state.table('events').clear();
  for (const [request, body = {}] of requests) {
    const [method = '', path = ''] = request.split(' ');
    const rest = { idempotencyKey: undefined, fault: undefined, origin: '', filesOrigin: '' };
    const common = { method, path, body, query: new URLSearchParams(), token: 'key', ...rest };
    expect(handleRequest(common, state, 'key').status).toBeLessThan(300);
  }
  const { updated_at, ...event } = state.where('events').at(-1) ?? { updated_at: '' };
  return { names: state.where('events').map((record) => record.event), last: event };
}

describe('the events of', () => {
  it.each<[subject: string, requests: Parameters<typeof eventsAfter>[0], names: string[]]>([
    [
      'an environment’s roles',
      [
        ['POST /authorization/roles', { slug: 'viewer', name: 'Viewer' }],
        ['PUT /authorization/roles/viewer/permissions', { permissions: ['members:read'] }],
      ],
      ['role.created', 'role.updated'],
    ],
    [
      'an organization’s roles',
      [
        [`POST ${ROLES}`, { slug: 'org-viewer', name: 'Viewer' }],
        [`PATCH ${ROLES}/org-viewer`, { name: 'Guest' }],
        [`DELETE ${ROLES}/org-viewer`],
      ],
      ['organization_role.created', 'organization_role.updated', 'organization_role.deleted'],
    ],
    [
      'permissions',
      [
        ['POST /authorization/permissions', { slug: 'robots:start', name: 'Start' }],
        ['PATCH /authorization/permissions/robots:start', { name: 'Start robots' }],
        ['DELETE /authorization/permissions/robots:start'],
      ],
      ['permission.created', 'permission.updated', 'permission.deleted'],
    ],
    ['groups', [[`POST /organizations/${ACME}/groups`, { name: 'Night shift' }]], ['group.created']],
    ['a flag that is disabled', [['PUT /feature-flags/bulk-export/disable']], ['flag.updated']],
    [
      'a flag’s targets, only if they change',
      [
        [`POST /feature-flags/advanced-analytics/targets/${ACME}`],
        [`DELETE /feature-flags/advanced-analytics/targets/${ACME}`],
      ],
      ['flag.rule_updated'],
    ],
    [
      'a role that is assigned on the organization',
      [
        [
          `POST /authorization/organization_memberships/${MEMBER}/role_assignments`,
          { role_slug: 'auditor', resource_external_id: ACME, resource_type_slug: 'organization' },
        ],
      ],
      ['organization_membership.updated'],
    ],
  ])('%s have the document’s names and form', (_subject, requests, names) => {
    const { names: found, last } = eventsAfter(requests);
    expect(found).toEqual(names);
    const list = { object: 'list', data: [last], list_metadata: { after: null } };
    expect(differences('GET /events', 200, list)).toEqual([]);
  });
});
