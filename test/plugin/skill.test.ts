import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogEntries } from '../../src/tools/catalog.ts';
import { read } from '../docs/pages.ts';
import { connect } from '../harness.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';
import { filled, namesInSkill, SKILL, skillSections } from './skill.ts';

/** What the skill names besides tools and arguments: fields of results, and values. */
const OTHER_NAMES = ['audit_logs', 'directory_managed', 'invalid_credentials', 'not_found', 'not_visible'];

const sections = skillSections();
const calls = sections.flatMap((section) => section.calls);
const commands = sections.flatMap((section) => section.commands);
const entries = new Map(catalogEntries().map((entry) => [entry.definition.name, entry]));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-skill-'));
  const command = join(folder, 'workos-mcp');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  chmodSync(command, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('the calls of the skill', () => {
  it.each(sections.filter((section) => section.calls.length))(
    'under "$title" succeed and find something',
    async (section) => {
      const server = await connect({ flags: ['--sandbox'] });
      const listed = new Set((await server.list()).map(({ name }) => name));
      const ids = new Map<string, string>();
      for (const { tool, json } of section.calls.filter(({ shape }) => !shape)) {
        expect(listed, `${tool} is not listed, so no client can call it`).toContain(tool);
        const { value: result, error } = await server.call(tool, filled(json, ids));
        expect(error, `${tool} ${json}`).toBeUndefined();
        expect(problemOf(result), `${tool} ${json}\n${JSON.stringify(result).slice(0, 1_000)}`).toBeUndefined();
        if (typeof result.object === 'string' && typeof result.id === 'string')
          ids.set(`${result.object}_id`, result.id);
      }
      await server.close();
    },
  );
});

describe.concurrent('the commands of the skill', () => {
  it.each(commands)('%s', async (script) => {
    const [, code = '0'] = /# exits with (\d)\s*$/.exec(script) ?? [];
    const cwd = mkdtempSync(join(folder, 'run-'));
    const { PATH = '', ...env } = cleanEnvironment({ WORKOS_MCP_SANDBOX: 'on', WORKOS_MCP_OUTPUT_DIR: cwd });
    const options = { cwd, env: { ...env, PATH: `${folder}:${PATH}` } };
    const child = spawn('sh', ['-ec', script], options);
    child.stdin.end();
    const exited = new Promise((resolve) => child.on('close', resolve));
    const [out, err, exit] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
    expect({ exit, err }, out).toEqual({ exit: Number(code), err: '' });
  });
});

describe('the skill', () => {
  it('names only arguments that the tools take, even in calls that cannot be run as shown', () => {
    expect(calls.flatMap(({ tool, json }) => unknownArguments(tool, JSON.parse(json)))).toEqual([]);
  });

  it('names only tools, arguments and fields that exist', () => {
    const definitions = JSON.stringify([...entries.values()].map(({ definition }) => definition));
    const known = (name: string) => definitions.includes(`"${name}"`) || OTHER_NAMES.includes(name);
    expect(namesInSkill().filter((name) => !known(name))).toEqual([]);
  });

  it('has calls to run and commands to run', () => {
    expect(calls.filter(({ shape }) => !shape).length).toBeGreaterThan(50);
    expect(commands.length).toBeGreaterThan(3);
  });

  it('has at most 250 lines, and says in its frontmatter when to use it', () => {
    expect(read(SKILL).trimEnd().split('\n').length).toBeLessThanOrEqual(250);
    const [, description = ''] = /^---\nname: workos\ndescription: (.+)\n---\n/.exec(read(SKILL)) ?? [];
    expect(description).toContain('Use it for');
    // The longest that the format of skills allows.
    expect(description.length).toBeLessThanOrEqual(1_024);
  });
});

/** The arguments of a call, and of the calls inside it, that their tools do not have; and the tools that do not exist. */
function unknownArguments(tool: string, input: Fields): string[] {
  const schema = entries.get(tool)?.definition.inputSchema;
  if (!schema) return [`${tool} itself`];
  const unknown = Object.keys(input).filter((name) => !(name in fieldsOf(schema.properties)));
  if (!tool.startsWith('call_')) return unknown.map((name) => `${tool}: ${name}`);
  const from = fieldsOf(input.from);
  return [
    ...unknown,
    ...[input.arguments ?? from.with ?? {}]
      .flat()
      .flatMap((row) => unknownArguments(String(input.tool), fieldsOf(row))),
    ...(input.from ? unknownArguments(String(from.tool), fieldsOf(from.arguments)) : []),
  ];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown = {}): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(`${value} is no object`);
  return { ...value };
}

/** Why a result is useless to a reader; undefined if it is useful. */
function problemOf(result: Fields): string | undefined {
  if (result.failed) return 'a failed row';
  if (result.query_error) return 'a query that does not fit';
  if (result.stopped !== undefined && result.stopped !== 'end') return 'an incomplete list';
  if (result.keys || result.result === null) return 'a query that finds nothing';
  const list = result.result ?? result.data ?? result.rows ?? result.tools;
  return Array.isArray(list) && list.length === 0 ? 'an empty list' : undefined;
}
