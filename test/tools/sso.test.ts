import { sso } from '../../src/tools/sso.ts';
import { sends } from '../harness.ts';

sends(sso, [
  [
    'list_connections',
    {
      limit: 5,
      before: 'conn_b',
      after: 'conn_a',
      order: 'asc',
      connection_type: 'OktaSAML',
      domain: 'acme.com',
      organization_id: 'org_1',
      search: 'Acme Corp',
    },
    'GET /connections?order=asc&limit=5&before=conn_b&after=conn_a&connection_type=OktaSAML&domain=acme.com&organization_id=org_1&search=Acme%20Corp',
  ],
  ['list_connections', {}, 'GET /connections?order=desc'],
  ['get_connection', { connection_id: 'conn_1' }, 'GET /connections/conn_1'],
  ['delete_connection', { connection_id: 'conn_1' }, 'DELETE /connections/conn_1'],
]);
