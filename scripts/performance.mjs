// Generates the sections of docs/performance.md from stored results.
import { readFileSync, writeFileSync } from 'node:fs';
import { withSection } from './sections.mjs';

const PAGE = new URL('../docs/performance.md', import.meta.url);

/** Replaces one section of docs/performance.md. */
export function writePerformance(name, section) {
  writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), name, section));
}

/** The `bench` section, from what bench/bench.mjs stores in bench/results.json. */
export function benchSection({ node, cores, bridge, rows }) {
  const machine = `Node ${node}, ${cores} cores, loopback API`;
  const versions = bridge ? ` The OpenAPI bridge is ${bridge} with WorkOS’s own OpenAPI document.` : '';
  return [
    benchTable(rows),
    '',
    `Measured with ${machine}. “undici alone” sends the same requests from the measuring process. The relay is a stdio server that passes requests on and does nothing else.${versions}`,
  ].join('\n');
}

/** The `imports` section, from what bench/bench.mjs stores in bench/imports.json. */
export function importsSection({ node, cores, rows, crashes }) {
  const count = (value) => value.toLocaleString('en');
  const { killed, faults, requests, afterwards } = crashes;
  return [
    benchTable(rows),
    '',
    `Two imports of ${count(crashes.rows)} people were ended with \`kill -9\` at random moments, ${killed} times in all; in one of them, ${count(faults)} of ${count(requests)} requests failed, ${count(afterwards)} of these after they had been carried out. In the end every person and every membership was there exactly once, and each journal had one end for every row.`,
    '',
    `Measured with Node ${node}, ${cores} cores, and a loopback API that takes 80 ms for each answer and refuses what is over WorkOS’s published limits. For the memory, it answers at once and the server’s clock runs fifty times as fast.`,
  ].join('\n');
}

/** The table of the `bench` section. */
export function benchTable(rows) {
  const format = (value, { unit, digits }) =>
    value === undefined ? '' : `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`;
  const lines = rows.map((row) => {
    const { measure, ours, against = '', theirs, ratio, most, least, reached } = row;
    const goal = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : '';
    const mark = reached === false ? ' (missed)' : '';
    return `| ${[measure, format(ours, row), against, format(theirs, row), ratio?.toFixed(2) ?? '', goal + mark].join(' | ')} |`;
  });
  return [
    '| measure | workos-mcp | against | its value | ratio | goal |',
    '|---|---:|---|---:|---:|---|',
    ...lines,
  ].join('\n');
}

/** The `http-bench` section, from what bench/http.mjs stores in bench/http.json. */
export function httpBenchSection({ node, cores, rounds, times, rows }) {
  return [
    httpBenchTable(rows),
    '',
    `Measured with Node ${node}, ${cores} cores, loopback API: medians of ${rounds} rounds of ${times.toLocaleString('en')} calls, in turns. p99 is the time within which 99 of 100 calls are answered.`,
  ].join('\n');
}

/** The table of the `http-bench` section. The goal is the minimum ratio of calls per second. */
export function httpBenchTable(rows) {
  const number = (value, digits) => value.toLocaleString('en', { maximumFractionDigits: digits });
  const lines = rows.map(({ measure, width, ours, example }) => {
    const [words, unit, digits] = measure === 'p99' ? ['p99', 'ms', 1] : ['calls per second', '/s', 0];
    const ratio = ours / example;
    const goal = measure === 'p99' ? '' : `≥ 0.9${ratio < 0.9 ? ' (missed)' : ''}`;
    const cells = [
      `${words}, ${width} in flight`,
      `${number(ours, digits)} ${unit}`,
      `${number(example, digits)} ${unit}`,
    ];
    return `| ${[...cells, ratio.toFixed(2), goal].join(' | ')} |`;
  });
  return ['| measure | workos-mcp http | SDK example | ratio | goal |', '|---|---:|---:|---:|---|', ...lines].join(
    '\n',
  );
}

/** The `tokens` section, from what scripts/tokens.mjs stores in bench/tokens.json. */
export function tokensSection({ definitions, sessions }) {
  const number = (value) => value.toLocaleString('en');
  const sum = (way, field) => sessions.reduce((total, session) => total + session[way][field], 0);
  const totalOf = (way) => ({ calls: sum(way, 'calls'), written: sum(way, 'written'), read: sum(way, 'read') });
  const total = { name: '**total**', ours: totalOf('ours'), plain: totalOf('plain') };
  const lines = [...sessions, total].map(({ name, ours, plain }) => {
    const ratio = `${((plain.written + plain.read) / (ours.written + ours.read)).toFixed(1)} ×`;
    const cells = [ours, plain].flatMap(({ calls, written, read }) => [calls, written, read].map(number));
    return `| ${[name, ...cells, ratio].join(' | ')} |`;
  });
  const { core, all } = definitions;
  return [
    '| session | calls | written | read | calls, relayed | written | read | ratio |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...lines,
    '',
    'Before its first call, a conversation reads:',
    '',
    '| toolsets | tools | definitions | instructions |',
    '|---|---:|---:|---:|',
    ...Object.entries({ core, all }).map(
      ([name, { tools, tokens, instructions }]) =>
        `| \`${name}\` | ${tools} | ${number(tokens)} | ${number(instructions)} |`,
    ),
  ].join('\n');
}

/** The `instances` section, from what test/http/whole/instances.test.ts stores in bench/instances.json. */
export function instancesBenchSection({ node, cores, people, one, two, faults, outcomes }) {
  const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
  const row = (words, unit, cell) =>
    `| ${[words, ...[one, two, faults].map((run) => `${cell(run)}${unit}`)].join(' | ')} |`;
  const { done, refused, unknown, broken } = outcomes;
  return [
    '| measure | one instance | two | two, with failures |',
    '|---|---:|---:|---:|',
    row('calls', '', ({ calls }) => number(calls)),
    row('calls per second', ' /s', ({ perSecond }) => number(perSecond)),
    row('half of all calls answered within', ' ms', ({ p50 }) => number(p50)),
    row('p99', ' ms', ({ p99 }) => number(p99)),
    row('most requests of a directory in a second, of 4', '', ({ inASecond }) => number(inASecond)),
    '',
    `Measured with Node ${node} and ${people} people at a time; people, API, proxy, Redis and instances share ${cores} cores. Of the writes of the last run, ${number(done)} were done, ${number(refused)} were refused with a reason, and of ${number(unknown)} no answer came; ${number(broken)} calls were cut off with the instance that was killed. Nothing was done twice, nothing was done or left undone against its answer, each code was redeemed once at most, and nobody got an answer that was not theirs.`,
  ].join('\n');
}
