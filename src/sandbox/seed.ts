import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isObject } from './http/body-fields.ts';
import { Seeder, SeedRowError } from './seed-rows.ts';
import { SECTIONS } from './seed-sections.ts';
import { SandboxStartError } from './start-error.ts';
import { type SavedState, State } from './state.ts';

/** The maximum number of problems that an error lists. */
const MOST_PROBLEMS = 20;

/**
 * Reads a landscape, which a sandbox starts with instead of the sample data. Its rows are created through the sandbox's own
 * endpoints, in the order of the sections, so they are validated as the API would validate them.
 * @param path a YAML or JSON file, as docs/sandbox.md describes it
 * @param now in milliseconds
 * @throws SandboxStartError with the problems of the file
 */
export function readSeed(path: string, now: number): SavedState {
  const landscape = parseSeed(path);
  const names = SECTIONS.map(({ name }) => name);
  const problems = Object.keys(landscape)
    .filter((name) => !names.includes(name))
    .map((name) => `there is no section ${name}; the sections are ${names.join(', ')}`);
  let time = now;
  const state = new State({ now: () => time, exportPolls: 0 }, { ids: { seed: 1, latest: 0 }, tables: {} });
  const seeder = new Seeder(state);
  for (const section of SECTIONS) {
    const given = landscape[section.name] ?? [];
    if (!Array.isArray(given)) {
      problems.push(`${section.name} must be a list of rows`);
      continue;
    }
    const always = (section.always ?? []).filter(
      ({ slug }) => !given.some((row) => isObject(row) && row['slug'] === slug),
    );
    for (const [index, row] of [...always, ...given].entries()) {
      try {
        if (!isObject(row)) throw new SeedRowError('a row must be an object');
        time = timeOf(row, now);
        seeder.add(section, row);
      } catch (error) {
        if (!(error instanceof SeedRowError)) throw error;
        problems.push(`${section.name}[${index - always.length}]${labelOf(row)}: ${error.message}`);
      }
    }
  }
  if (problems.length > 0) throw new SandboxStartError(problemText(path, problems));
  // A new environment has no events.
  state.table('events').clear();
  return state.save();
}

function parseSeed(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SandboxStartError(`The seed ${path} cannot be read: ${messageOf(error)}`);
  }
  let value: unknown;
  try {
    value = path.endsWith('.json') ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new SandboxStartError(`The seed ${path} cannot be parsed: ${messageOf(error)}`);
  }
  if (isObject(value)) return value;
  throw new SandboxStartError(`The seed ${path} must have sections, such as organizations, each with a list of rows.`);
}

/** When a row was created, in milliseconds. */
function timeOf(row: Record<string, unknown>, now: number): number {
  const created = row['created_at'];
  if (created === undefined) return now;
  const time = Date.parse(String(created));
  if (Number.isNaN(time) || time > now) throw new SeedRowError('created_at must be a time in the past, in ISO 8601');
  return time;
}

function labelOf(row: unknown): string {
  if (!isObject(row)) return '';
  const label = row['name'] ?? row['email'] ?? row['slug'];
  return typeof label === 'string' ? ` (${label.slice(0, 60)})` : '';
}

function problemText(path: string, problems: readonly string[]): string {
  const more = problems.length - MOST_PROBLEMS;
  const lines = [...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])];
  return `The seed ${path} cannot be used:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
