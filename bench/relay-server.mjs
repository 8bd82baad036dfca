// Plain Node and undici: relays each call to the API without validation, rate limits, retries, or redaction. A lower bound for
// the latency of a stdio server.
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { Agent } from 'undici';

const agent = new Agent({ connections: 64 });
const origin = process.env['WORKOS_BASE_URL'];
const headers = { authorization: `Bearer ${process.env['WORKOS_TOKEN']}`, accept: 'application/json' };

async function respond(method) {
  if (method !== 'tools/call') return {};
  const { body } = await agent.request({ origin, path: '/organizations?limit=10&order=desc', method: 'GET', headers });
  const structuredContent = await body.json();
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

createInterface({ input: stdin }).on('line', async (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: await respond(method) })}\n`);
});
