import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page } from './schemas.ts';

const connection = { connection_id: id() };

export const sso = toolset('sso', "SSO connections to customers' identity providers", {
  list_connections: endpoint('GET /connections', {
    title: 'List SSO connections',
    description:
      "List SSO connections. Filter by organization_id. To create one, a customer's IT admin uses generate_portal_link.",
    input: {
      ...page,
      connection_type: z.string().optional().describe('Such as OktaSAML, EntraIdOIDC, AzureSAML'),
      domain: z.string().optional().describe('Such as example.com'),
      organization_id: id().optional(),
      search: z.string().optional().describe('Part of the name'),
    },
    core: true,
  }),

  get_connection: endpoint('GET /connections/{connection_id}', {
    title: 'Get SSO connection',
    description: 'Get one SSO connection with its type, state and domains.',
    input: connection,
    core: true,
  }),

  delete_connection: endpoint('DELETE /connections/{connection_id}', {
    title: 'Delete SSO connection',
    description: 'Permanently delete an SSO connection. Nobody can sign in through it any more.',
    input: connection,
    core: true,
  }),
});
