import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as z from 'zod';

const List = z.object({ data: z.array(z.record(z.string(), z.unknown())) });
const Created = z.object({ id: z.string() });
const Failed = z.object({ error: z.object({ kind: z.string(), message: z.string(), hint: z.string() }) });
const Export = z.object({
  path: z.string(),
  bytes: z.number(),
  rows: z.number(),
  by_action: z.record(z.string(), z.number()),
  by_actor: z.array(z.object({ id: z.string().optional(), name: z.string().optional() })),
});
const Checked = z.object({
  summary: z.string(),
  findings: z.array(z.object({ check: z.string(), status: z.string(), detail: z.string() })),
});
const Queried = z.object({ result: z.unknown() });

const DAY_MS = 86_400_000;

/**
 * A short session as an agent would have it: a real MCP client starts this very command in sandbox mode and drives it
 * over stdio. Returns the exit code: 0, or 1 if a step failed.
 */
export async function demo(out: (line: string) => void): Promise<number> {
  const heading = (text: string) => out(`\n\x1b[1m${text}\x1b[0m`);
  const command = process.argv[1];
  if (!command) throw new Error('The demo cannot tell which file it was started from');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, '--sandbox'],
    stderr: 'inherit',
  });
  const client = new Client({ name: 'demo', version: '1' }, { capabilities: {} });
  await client.connect(transport);

  async function call(tool: string, input: Record<string, unknown>): Promise<unknown> {
    out(`  > ${tool} ${JSON.stringify(input)}`);
    const result = await client.callTool({ name: tool, arguments: input }, undefined, {
      onprogress: ({ message }) => out(`    … ${message}`),
      resetTimeoutOnProgress: true,
    });
    const [block] = Array.isArray(result.content) ? result.content : [];
    return JSON.parse(block?.type === 'text' ? block.text : 'null');
  }

  try {
    const { tools } = await client.listTools();
    out(`workos-mcp serves ${tools.length} tools over stdio. The sandbox stands in for WorkOS, with sample data.`);

    heading('1. Look around');
    const found = List.parse(await call('list_organizations', { search: 'Acme' }));
    const acme = Created.parse(found.data[0]);
    out(`    ${String(found.data[0]?.['name'])} is ${acme.id}`);
    const count = Queried.parse(await call('list_users', { all_pages: true, query: 'length(data)' }));
    out(
      `    ${String(count.result)} users. The server counted them, so there is one number to read instead of a list.`,
    );
    const connections = Queried.parse(
      await call('list_connections', { limit: 100, query: "data[?state!='active'].{name: name, state: state}" }),
    );
    for (const line of rowsOf(connections.result)) out(`    not active: ${line}`);

    heading('2. Onboard a customer');
    const organization = Created.parse(
      await call('create_organization', { name: 'Juniper Books', domains: ['juniper-books.example'] }),
    );
    const user = Created.parse(
      await call('create_user', { email: 'ada@juniper-books.example', first_name: 'Ada', last_name: 'Nkemelu' }),
    );
    const membership = Created.parse(
      await call('create_organization_membership', {
        user_id: user.id,
        organization_id: organization.id,
        role_slug: 'admin',
      }),
    );
    out(`    Ada is an admin of Juniper Books: ${membership.id}`);

    heading('3. Recover from a wrong id by following the hint');
    const { error } = Failed.parse(await call('get_organization', { organization_id: 'org_juniper' }));
    out(`    ${error.kind}: ${error.message}`);
    out(`    hint: ${error.hint}`);
    const again = List.parse(await call('list_organizations', { search: 'Juniper' }));
    out(`    found: ${String(again.data[0]?.['name'])} is ${String(again.data[0]?.['id'])}`);

    // The sample data moves with the calendar: an account was taken over sixteen days ago.
    const [day, nextDay] = [16, 15].map((days) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10));
    heading(`4. What happened at Acme on the night of ${day}?`);
    const night = Export.parse(
      await call('export_audit_logs', {
        organization_id: acme.id,
        range_start: `${day}T00:00:00Z`,
        range_end: `${nextDay}T00:00:00Z`,
      }),
    );
    out(`    ${night.rows} events in ${night.bytes} bytes of CSV at ${night.path}`);
    for (const [action, times] of Object.entries(night.by_action)) out(`    ${String(times).padStart(4)} × ${action}`);
    out(`    mostly by ${night.by_actor[0]?.name ?? night.by_actor[0]?.id}`);

    heading('5. Is the connection healthy?');
    const checked = Checked.parse(await call('check_connector', {}));
    for (const { check, status, detail } of checked.findings)
      out(`    ${status.padEnd(8)} ${check.padEnd(10)} ${detail}`);
    out(`    ${checked.summary}`);

    out('\nThe server, the protocol and the HTTP requests were real. Only WorkOS was simulated.');
    out('With your own key: WORKOS_TOKEN=sk_test_… node dist/index.js check');
    return 0;
  } catch (error) {
    out(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await client.close();
  }
}

function rowsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((row) => Object.values(row ?? {}).join(', ')) : [];
}
