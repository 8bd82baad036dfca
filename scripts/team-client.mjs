// Connects to a team server as an MCP client does, signs in to the AuthKit stand-in as one of its users, and calls a tool.
//   node scripts/team-client.mjs URL --as NAME [TOOL ['JSON']]
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { importSource } from './import-source.mjs';

const { SignIn, connectTo } = await importSource('test/http/whole/sign-in.ts');
const { values, positionals } = parseArgs({
  options: { as: { type: 'string', default: 'rita' } },
  allowPositionals: true,
});
const [url, tool, input = '{}'] = positionals;
await untilReady();
const client = await connectTo(url, new SignIn(values.as, (step) => process.stderr.write(`${values.as} ${step}\n`)));
if (!tool) {
  const { tools } = await client.listTools();
  process.stdout.write(`${tools.map(({ name }) => name).join('\n')}\n`);
} else {
  const { content } = await client.callTool({ name: tool, arguments: JSON.parse(input) });
  for (const block of content) process.stdout.write(`${block.text ?? JSON.stringify(block)}\n`);
}
await client.close();

/** Waits for the server and its authorization server, in case they have just been started. */
async function untilReady() {
  for (let tries = 0; tries < 50; tries++) {
    try {
      const metadata = await (await fetch(new URL('/.well-known/oauth-protected-resource', url))).json();
      const [authkit] = metadata.authorization_servers;
      if ((await fetch(new URL('/.well-known/oauth-authorization-server', authkit))).ok) return;
    } catch {
      // Not ready yet.
    }
    await delay(200);
  }
}
