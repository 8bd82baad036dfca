import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/**
 * Starts a server as clients do, lists its tools, and makes one call.
 * @param server its command, args, and env; with --sandbox among the args, no key is needed
 * @returns its name and version, the names of its tools, and how many organizations the call found
 */
export async function stdioSession(server) {
  const client = new Client({ name: 'workos-mcp-release-check', version: '1' });
  await client.connect(new StdioClientTransport(server));
  try {
    const { tools } = await client.listTools();
    const call = { name: 'list_organizations', arguments: { all_pages: true, query: 'length(data)' } };
    const { isError, structuredContent } = await client.callTool(call);
    if (isError) throw new Error('the call of list_organizations failed');
    return {
      server: client.getServerVersion(),
      tools: tools.map(({ name }) => name),
      organizations: structuredContent.result,
    };
  } finally {
    await client.close();
  }
}
