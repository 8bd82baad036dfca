import { expect } from 'vitest';
import type { SandboxClient } from '../sandbox-client.ts';

/** Events, webhook endpoints and audit log schemas and settings. */
export async function eventsSession({ call, idOf }: SandboxClient): Promise<void> {
  // In pages of 100, so that every event of the sample data is checked against the document.
  let after: string | null = '';
  while (after !== null) after = (await call(`GET /events?limit=100&after=${after}`)).body.list_metadata.after;

  const endpoint = { endpoint_url: 'https://juniper.example/hooks', events: ['user.created'] };
  const { id } = (await call('POST /webhook_endpoints', endpoint)).body;
  await call(`PATCH /webhook_endpoints/${id}`, { status: 'disabled' });
  await call('GET /webhook_endpoints');
  await call(`DELETE /webhook_endpoints/${id}`);

  await call('GET /audit_logs/actions?limit=100');
  await call('POST /audit_logs/actions/book.lent/schemas', { targets: [{ type: 'book' }] });
  await call('GET /audit_logs/actions/book.lent/schemas');

  const organization = `/organizations/${await idOf('/organizations', 'Acme Robotics')}`;
  await call(`PUT ${organization}/audit_logs_retention`, { retention_period: '1_YEAR' });
  await call(`GET ${organization}/audit_logs_retention`);
  const configuration = await call(`GET ${organization}/audit_log_configuration`);
  expect(configuration.body).toMatchObject({ retention_period_in_days: 365, state: 'active' });
}
