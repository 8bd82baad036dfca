// Runs the sessions against the sandbox and counts the tokens (o200k) that a model would read and write. Stores the result in
// bench/tokens.json and updates docs/performance.md; with --json, only prints it.
//   node scripts/tokens.mjs [--json]
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { tokensSection, writePerformance } from './performance.mjs';
import { sessions } from './sessions.mjs';

const command = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const stored = new URL('../bench/tokens.json', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-tokens-'));

try {
  const definitions = { core: await definitionsOf('core'), all: await definitionsOf('all') };
  const ours = await run('ours');
  const plain = await run('plain');
  const rows = sessions.map(({ name }, index) => ({ name, ours: ours[index], plain: plain[index] }));
  for (const row of rows) assert.deepEqual(row.ours.answer, row.plain.answer, row.name);
  const cost = ({ calls, written, read }) => ({ calls, written, read });
  const results = {
    definitions,
    sessions: rows.map(({ name, ours, plain }) => ({ name, ours: cost(ours), plain: cost(plain) })),
  };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(results)}\n`);
  else {
    const section = tokensSection(results);
    process.stdout.write(`${section}\n`);
    writeFileSync(stored, `${JSON.stringify(results, null, 1)}\n`);
    writePerformance('tokens', section);
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

/** The number of tools, and the tokens that a model reads before the first call: definitions and instructions. */
async function definitionsOf(toolsets) {
  const client = await connect(toolsets);
  const { tools } = await client.listTools();
  const instructions = client.getInstructions() ?? '';
  await client.close();
  const definitions = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    input_schema: inputSchema,
  }));
  return {
    tools: tools.length,
    tokens: countTokens(JSON.stringify(definitions)),
    instructions: countTokens(instructions),
  };
}

/**
 * Runs all sessions in one way (`ours` or `plain`) on one server. Returns for each session the number of calls, the tokens that a
 * model would write and read for them, and the answer.
 */
async function run(way) {
  const client = await connect(way === 'ours' ? 'core' : 'all');
  const counted = [];
  for (const session of sessions) {
    let calls = 0;
    let written = 0;
    let read = 0;
    const callTool = async (name, input) => {
      const { content, isError = false } = await client.callTool({ name, arguments: input });
      return { text: content[0].text, isError };
    };
    const call = async (name, input, { fails = false } = {}) => {
      const { text, isError } = await callTool(name, input);
      if (isError !== fails) throw new Error(`${session.name} (${way}): ${name} returned ${text}`);
      calls++;
      written += countTokens(JSON.stringify({ name, input }));
      read += countTokens(text);
      return JSON.parse(text);
    };
    const readFile = async (name, input) => {
      const { path } = JSON.parse((await callTool(name, input)).text);
      const text = readFileSync(path, 'utf8');
      read += countTokens(text);
      return text;
    };
    const answer = await session[way]({ call, read: readFile });
    counted.push({ calls, written, read, answer });
  }
  await client.close();
  return counted;
}
