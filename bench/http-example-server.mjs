// The SDK's own example of a stateless HTTP server, with one tool that makes the same API request as ours: the baseline for the
// team server. It has no authentication.
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { Agent } from 'undici';
import * as z from 'zod';

const api = process.env.WORKOS_BASE_URL;
const agent = new Agent({ connections: 64 });

function getServer() {
  const server = new McpServer({ name: 'example', version: '1.0.0' });
  const inputSchema = { limit: z.number().optional() };
  server.registerTool('list_organizations', { description: 'List organizations.', inputSchema }, async ({ limit }) => {
    const { body } = await agent.request({
      origin: api,
      path: `/organizations?limit=${limit}&order=desc`,
      method: 'GET',
      headers: { authorization: 'Bearer sk_test_bench', accept: 'application/json' },
    });
    const value = await body.json();
    return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value };
  });
  return server;
}

const app = createMcpExpressApp();
app.post('/mcp', async (request, response) => {
  const server = getServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
  response.on('close', () => {
    transport.close();
    server.close();
  });
});
const listening = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${listening.address().port}/mcp\n`);
});
