import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as z from 'zod';
import type { Invocation } from '../config/argv.ts';
import { escapeInvisible } from '../text/quote-untrusted.ts';
import type { Setup } from './setup.ts';
import { paintFor, wrapped } from './terminal.ts';

const List = z.object({ data: z.array(z.record(z.string(), z.unknown())) });
const Queried = z.object({ result: z.unknown() });
const Found = z.object({ tools: z.array(z.record(z.string(), z.unknown())) });
const Failed = z.object({ error: z.object({ kind: z.string(), message: z.string(), hint: z.string() }) });
const Batch = z.object({
  succeeded: z.number(),
  failed: z.number(),
  rows: z.array(
    z.object({
      index: z.number(),
      value: z.object({ email: z.string(), state: z.string() }).optional(),
      error: z.object({ message: z.string() }).optional(),
    }),
  ),
});
const Export = z.object({ rows: z.number(), path: z.string(), by_action: z.record(z.string(), z.number()) });
const Preview = z.object({
  preview: z.array(
    z.object({
      with: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
      plan: z
        .object({
          summary: z.string(),
          findings: z.array(z.object({ status: z.string(), detail: z.string() })).optional(),
        })
        .optional(),
    }),
  ),
  confirmation: z.string(),
});
const Rows = z.object({ result: z.array(z.object({ name: z.string(), status: z.string() })) });
const Summary = z.object({ summary: z.string() });

const Diagnosis = z.object({
  summary: z.string(),
  findings: z.array(z.object({ check: z.string(), status: z.string(), detail: z.string() })),
  next: z.object({ tool: z.string(), why: z.string() }),
});

const DAY_MS = 86_400_000;

/** The maximum width of the demo's lines, in characters. */
const WIDTH = 80;

/**
 * Runs a short session as an agent would: a real MCP client starts this command in sandbox mode and drives it over stdio. Returns
 * the exit code: 0, or 1 if a step failed.
 */
export async function demo({ options }: Invocation, { streams, signal }: Setup): Promise<number> {
  const { out, outTerminal } = streams;
  const paint = paintFor(outTerminal);
  const command = process.argv[1];
  if (!command) throw new Error('The demo cannot tell which file it was started from');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, '--sandbox', '--confirm', 'always'],
    stderr: 'inherit',
  });
  const client = new Client({ name: 'demo', version: '1' }, { capabilities: {} });
  await client.connect(transport);
  const pauses = outTerminal !== undefined && process.stdin.isTTY && options['fast'] === undefined;
  const pause = pauses ? pauser(signal) : undefined;

  const lines = (text: string, indent: number, style = (line: string) => line) => {
    const shown = wrapped(escapeInvisible(text), WIDTH - indent);
    for (const line of shown) out(' '.repeat(indent) + style(line));
  };
  const say = (text: string) => lines(text, 4);
  async function section(title: string): Promise<void> {
    await pause?.wait();
    if (signal.aborted) throw new Error('interrupted');
    out(`\n${paint.bold(title)}`);
  }
  async function call(tool: string, input: Record<string, unknown>): Promise<unknown> {
    lines(`> ${tool} ${spaced(input)}`, 2, paint.cyan);
    const result = await client.callTool({ name: tool, arguments: input }, undefined, {
      onprogress: ({ message }) => lines(`… ${message}`, 4, paint.dim),
      resetTimeoutOnProgress: true,
    });
    const [block] = Array.isArray(result.content) ? result.content : [];
    return JSON.parse(block?.type === 'text' ? block.text : 'null');
  }

  const session: Session = { section, say, call, out };
  try {
    const { tools } = await client.listTools();
    out(`workos-mcp serves ${tools.length} tools over stdio.`);
    out('The sandbox stands in for WorkOS, with sample data.');

    await countOnTheServer(session);
    await findTool(session);
    await runBatch(session);
    await maskSecret(session);
    const organization_id = await followHint(session);
    await exportAuditLog(session, organization_id);
    await diagnoseSignIn(session);
    await explainCustomer(session);
    await offboard(session);
    await deleteWithConsent(session, organization_id);
    await connectClient(session);
    return 0;
  } catch (error) {
    if (signal.aborted) return 1;
    out(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    pause?.close();
    await client.close();
  }
}

/** Helpers for the sections of the demo. */
interface Session {
  /** Begins a section. On a terminal, waits for Enter first. */
  section(title: string): Promise<void>;
  say(text: string): void;
  /** Prints a call, makes it, and returns its result. */
  call(tool: string, input: Record<string, unknown>): Promise<unknown>;
  out(line: string): void;
}

async function countOnTheServer({ section, say, call }: Session): Promise<void> {
  await section('1. Count without reading');
  const count = Queried.parse(await call('list_users', { all_pages: true, query: 'length(data)' }));
  say(`${String(count.result)} users. The server read every page; the agent got one number.`);
  const states = Queried.parse(await call('list_connections', { all_pages: true, query: 'count_by(data, &state)' }));
  say(`Connections by state: ${JSON.stringify(states.result)}`);
}

async function findTool({ section, say, call }: Session): Promise<void> {
  await section('2. Find the right tool');
  const found = Found.parse(await call('find_tools', { query: 'where is a user signed in' }));
  for (const { tool, effect, run_with } of found.tools.slice(0, 3)) {
    say(`${String(tool)} (${String(effect)})${run_with === tool ? '' : `, which ${String(run_with)} runs`}`);
  }
}

async function runBatch({ section, say, call }: Session): Promise<void> {
  await section('3. Invite three people in one call; one of them twice');
  const emails = ['ana@kestrel.example', 'ana@kestrel.example', 'ben@kestrel.example'];
  const batch = Batch.parse(
    await call('call_write_tool', { tool: 'send_invitation', arguments: emails.map((email) => ({ email })) }),
  );
  for (const { index, value, error } of batch.rows) {
    say(value ? `row ${index}: ${value.email} is ${value.state}` : `row ${index}: ${error?.message}`);
  }
  say(`${batch.succeeded} sent, ${batch.failed} failed. A failed row does not stop the others.`);
}

async function maskSecret({ section, say, call }: Session): Promise<void> {
  await section('4. A secret stays out of the conversation');
  const invitations = await call('call_read_tool', { tool: 'list_invitations', arguments: { limit: 1 } });
  const [invitation] = List.parse(invitations).data;
  say(`${String(invitation?.['email'])} has the token ${String(invitation?.['token'])}`);
  say('It is masked. With secret_output: file it goes to a private file instead.');
}

async function followHint({ section, say, call }: Session): Promise<string> {
  await section('5. A wrong id, and a hint that helps');
  const { error } = Failed.parse(await call('get_organization', { organization_id: 'org_acme' }));
  say(`${error.kind}: ${error.message}`);
  say(`Hint: ${error.hint}`);
  const [acme] = List.parse(await call('list_organizations', { search: 'Acme Robotics' })).data;
  const organization_id = String(acme?.['id']);
  say(`${String(acme?.['name'])} is ${organization_id}`);
  return organization_id;
}

async function exportAuditLog({ section, say, call }: Session, organization_id: string): Promise<void> {
  // The sample data moves with the calendar: an account was taken over sixteen days ago.
  const [day, nextDay] = [16, 15].map((days) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10));
  await section(`6. What happened there on ${day}?`);
  const range = { range_start: `${day}T00:00:00Z`, range_end: `${nextDay}T00:00:00Z` };
  const night = Export.parse(await call('export_audit_logs', { organization_id, ...range }));
  say(`${night.rows} events, in a file. The agent sees how many of each:`);
  for (const [action, times] of Object.entries(night.by_action).slice(0, 4)) {
    say(`${times} × ${action}`);
  }
}

async function diagnoseSignIn({ section, say, call }: Session): Promise<void> {
  await section('7. Why can she not sign in?');
  const { summary, findings, next } = Diagnosis.parse(
    await call('diagnose_sign_in', { user: 'rosa.xu@blueharbor.example' }),
  );
  say(`${summary}.`);
  for (const { check, status, detail } of findings.slice(1, 5)) say(`${status}: ${check}: ${detail}`);
  say(`Next: ${next.tool}, to ${next.why}.`);
  say('The server read accounts, setup and events; the agent got one answer.');
}

async function explainCustomer({ section, say, call }: Session): Promise<void> {
  await section('8. Her company, her access, her colleagues');
  const organization = 'Blue Harbor Bank';
  say(`${Summary.parse(await call('diagnose_organization', { organization })).summary}.`);
  const access = { organization, user: 'rosa.xu@blueharbor.example', permission: 'billing:manage' };
  say(`${Summary.parse(await call('explain_access', access)).summary}.`);
  const query = "data[?status!='active'].{name: name, status: status}";
  const members = { tool: 'list_members', arguments: { organization, query } };
  const { result } = Rows.parse(await call('call_read_tool', members));
  say(`Members who are not active: ${result.map(({ name, status }) => `${name} (${status})`).join(', ')}`);
}

async function offboard({ section, say, call }: Session): Promise<void> {
  await section('9. Someone leaves: the plan first');
  const leaver = {
    tool: 'offboard_user',
    arguments: { user: 'amara.adeyemi@acme-robotics.example', apply: true },
  };
  const planned = Preview.parse(await call('call_destructive_tool', leaver));
  const { plan } = planned.preview[0] ?? {};
  say(`${plan?.summary}.`);
  for (const { status, detail } of plan?.findings ?? []) say(`${status}: ${detail}`);
  const { confirmation } = planned;
  const left = Summary.parse(await call('call_destructive_tool', { ...leaver, confirmation }));
  say(`After the user agrees: ${left.summary}. Exactly the plan.`);
}

async function deleteWithConsent({ section, say, call }: Session, organization_id: string): Promise<void> {
  await section('10. A delete asks first');
  const asked = Preview.parse(await call('delete_organization', { organization_id }));
  const parts = Object.entries(asked.preview[0]?.with ?? {}).filter(([, times]) => typeof times === 'number');
  say(
    `Nothing was deleted. The call would also delete: ${parts.map(([name, times]) => `${name} (${times})`).join(', ')}.`,
  );
  say(`If the user agrees, the same call with the code ${asked.confirmation} does it, once:`);
  await call('delete_organization', { organization_id, confirmation: asked.confirmation });
  const gone = Failed.parse(await call('get_organization', { organization_id }));
  say(`Now it is gone: ${gone.error.kind}.`);
  say('A client that can ask shows its user a question instead, and no code.');
}

async function connectClient({ section, say, out }: Session): Promise<void> {
  await section('Connect a client');
  say('The server, the protocol and the HTTP requests were real.');
  say('Only WorkOS was simulated. With a key of your own:');
  out('');
  out('    export WORKOS_TOKEN=sk_test_…');
  out('    node dist/index.js check');
  out('    node dist/index.js init');
  out('');
  say('init lists the clients that it finds: Claude Code, Cursor, VS Code, Codex');
  say('and others. Without a key, init --client cursor --sandbox connects one to');
  say('this sandbox.');
}

/** JSON with spaces, so that its lines can wrap. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, one]) => `${name}: ${spaced(one)}`);
  return `{${fields.join(', ')}}`;
}

/** Waits for Enter on each call, until the input has ended. */
function pauser(signal: AbortSignal): { wait(): Promise<void>; close(): void } {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const lines = terminal[Symbol.asyncIterator]();
  // readline intercepts Ctrl-C on the terminal, so the signal is passed on to the command.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  signal.addEventListener('abort', () => terminal.close(), { once: true });
  return {
    async wait() {
      terminal.setPrompt('\n[Enter] ');
      terminal.prompt();
      await lines.next();
    },
    close: () => terminal.close(),
  };
}
