import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { COMMAND, cleanEnvironment } from './process.ts';

/** Connects the SDK's client to the built server. */
export async function stdioClient(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { WORKOS_TOKEN: 'sk_test_client' },
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const command = { command: process.execPath, args: [COMMAND, ...args], env: cleanEnvironment(env) };
  await client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }));
  return client;
}
