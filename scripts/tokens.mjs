// Plays operator sessions against the sandbox and counts what a model would have to read and write, in o200k tokens.
//   node scripts/tokens.mjs [--json]
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { writeSection } from './readme.mjs';
import { sessions } from './sessions.mjs';

const command = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-tokens-'));

try {
  const definitions = { core: await definitionsOf('core'), all: await definitionsOf('all') };
  const ours = await play('ours');
  const plain = await play('plain');
  const rows = sessions.map(({ name }, index) => ({ name, ours: ours[index], plain: plain[index] }));
  for (const row of rows) assert.deepEqual(row.ours.answer, row.plain.answer, row.name);
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ definitions, sessions: rows })}\n`);
  else {
    const section = sectionOf(definitions, rows);
    process.stdout.write(`${section}\n`);
    writeSection('tokens', section);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function connect(toolsets) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, '--sandbox', '--toolsets', toolsets, '--output-dir', join(folder, 'out')],
    stderr: 'inherit',
  });
  const client = new Client({ name: 'tokens', version: '1.0.0' });
  await client.connect(transport);
  return client;
}

/** What a model is shown before the first call. */
async function definitionsOf(toolsets) {
  const client = await connect(toolsets);
  const { tools } = await client.listTools();
  const instructions = client.getInstructions() ?? '';
  await client.close();
  const shown = tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema }));
  return {
    tools: tools.length,
    tokens: countTokens(JSON.stringify(shown)),
    instructions: countTokens(instructions),
  };
}

/** Every session on one server of its own; gives the calls and tokens of each, and its answer. */
async function play(way) {
  const client = await connect(way === 'ours' ? 'core' : 'all');
  const played = [];
  for (const session of sessions) {
    let calls = 0;
    let tokens = 0;
    const run = async (name, input) => {
      const { content, isError = false } = await client.callTool({ name, arguments: input });
      return { text: content[0].text, isError };
    };
    const call = async (name, input, { fails = false } = {}) => {
      const { text, isError } = await run(name, input);
      if (isError !== fails) throw new Error(`${session.name} (${way}): ${name} said ${text}`);
      calls++;
      tokens += countTokens(JSON.stringify({ name, input })) + countTokens(text);
      return JSON.parse(text);
    };
    const read = async (name, input) => {
      const { path } = JSON.parse((await run(name, input)).text);
      const text = readFileSync(path, 'utf8');
      tokens += countTokens(text);
      return text;
    };
    const answer = await session[way]({ call, read });
    played.push({ calls, tokens, answer });
  }
  await client.close();
  return played;
}

function sectionOf(definitions, rows) {
  const number = (value) => value.toLocaleString('en');
  const sum = (way, what) => rows.reduce((total, row) => total + row[way][what], 0);
  const total = {
    name: '**all of them**',
    ours: { calls: sum('ours', 'calls'), tokens: sum('ours', 'tokens') },
    plain: { calls: sum('plain', 'calls'), tokens: sum('plain', 'tokens') },
  };
  const lines = [...rows, total].map(({ name, ours, plain }) => {
    const times = `${(plain.tokens / ours.tokens).toFixed(1)} ×`;
    return `| ${[name, ours.calls, number(ours.tokens), plain.calls, number(plain.tokens), times].join(' | ')} |`;
  });
  const { core, all } = definitions;
  return [
    '| session | calls | tokens | relayed: calls | relayed: tokens | saved |',
    '|---|---:|---:|---:|---:|---:|',
    ...lines,
    '',
    `Once per conversation come the definitions: ${number(core.tokens)} tokens for \`core\` (${core.tools} tools) or ${number(all.tokens)} for \`all\` (${all.tools}), and ${number(core.instructions)} of instructions.`,
    'Tokens are o200k, arguments and results together. “Relayed” plays the same session without `query`, `all_pages`, lists of arguments and the audit log download, 100 items a page, as a server that only passes requests on would have it.',
  ].join('\n');
}
