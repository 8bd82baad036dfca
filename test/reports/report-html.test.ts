import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report, Section, TimelineEvent } from '../../src/reports/report.ts';
import { MAX_REPORT_BYTES, reportHtml } from '../../src/reports/report-html.ts';
import { ATTACKS, reportOf } from './attacks.ts';

const WHEN = '2026-11-26T04:26:09.831Z';
const page = (...sections: Section[]) => reportHtml({ title: 'Acme', generated_at: WHEN, sections });

/** The only elements and attributes that a page may have, whatever its texts are. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  html: ['lang'],
  head: [],
  meta: ['charset', 'http-equiv', 'content', 'name'],
  title: [],
  style: [],
  script: [],
  body: [],
  header: [],
  main: [],
  footer: [],
  section: [],
  div: ['class', 'tabindex', 'role', 'aria-label'],
  h1: [],
  h2: [],
  p: ['class'],
  b: [],
  span: ['class'],
  ul: ['class'],
  li: ['class'],
  dl: [],
  dt: [],
  dd: [],
  code: [],
  time: ['datetime'],
  table: [],
  thead: [],
  tbody: [],
  tr: [],
  th: ['scope', 'class'],
  td: ['class'],
  svg: ['class', 'viewBox', 'role', 'aria-label', 'aria-hidden', 'width', 'height'],
  symbol: ['id', 'viewBox'],
  use: ['href'],
  path: ['d'],
  circle: ['cx', 'cy', 'r', 'class'],
  line: ['x1', 'x2', 'y1', 'y2'],
  text: ['class', 'x', 'y', 'text-anchor'],
};

/** Everything in a page that is neither one of those elements nor text. */
function strange(html: string): string[] {
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
  const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(html) ?? [];
  const bare = html.replace('<!doctype html>', '').replace(style, '').replace(script, '');
  const found: string[] = [];
  const rest = bare.replace(/<(\/?)([a-z0-9]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)\/?>/g, (whole, end, name, attributes) => {
    const names = [...attributes.matchAll(/ ([a-zA-Z0-9-]+)="[^"]*"/g)].map((one) => one[1]);
    const allowed = TAGS[name];
    if (!allowed || (end && attributes) || names.some((one) => !allowed.includes(one))) found.push(whole);
    return '';
  });
  const text = rest.match(/[<>"'`].{0,40}/g) ?? [];
  const invisible = rest.match(/[\p{Cc}\p{Cf}\p{Cs}]/gu)?.filter((one) => one !== '\n') ?? [];
  return [...found, ...text, ...invisible];
}

describe('untrusted text', () => {
  it.each(ATTACKS)('stays text: %s', (_, text) => {
    const html = reportHtml(reportOf(text));
    expect(strange(html)).toEqual([]);
    expect(html.match(/<script>/g)).toHaveLength(1);
  });

  it('stays text, whatever it is', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(...'<>"\'`&/=;!- \u202e\u0000\ud800a1'), maxLength: 60 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(strange(reportHtml(reportOf(text)))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('is noticed by these tests if it is not escaped', () => {
    expect(strange('<p><img src="x"></p>')).toEqual(['<img src="x">']);
    expect(strange('<p onclick="x">a</p>')).toEqual(['<p onclick="x">']);
    expect(strange('<p>a"b</p>')).toEqual(['"b']);
  });
});

describe('a page', () => {
  const table: Section = { kind: 'table', title: 'Rows', columns: [{ name: 'A' }], rows: [['x']] };

  it('needs no other resource, and its policy lets it load none', () => {
    const html = reportHtml(reportOf('https://example.com/x.png'));
    expect(
      html.match(/\b(?:src|href|action|srcset|poster|data)="[^"]*"/g)?.filter((one) => !/^href="#\w+"$/.test(one)),
    ).toEqual([]);
    expect(html).not.toMatch(/url\(|@import|fetch\(|XMLHttpRequest|import\(|eval\(/);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    expect(policy?.split('; ').map((part) => part.replace(/sha256-[\w+/=]{44}/, 'HASH'))).toEqual([
      "default-src 'none'",
      "style-src 'HASH'",
      "script-src 'HASH'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it('lets its own style and script run, and no other', () => {
    const html = page(table);
    for (const [name, source] of [
      ['style', 'style-src'],
      ['script', 'script-src'],
    ]) {
      const [, text = ''] = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(html) ?? [];
      const hash = createHash('sha256').update(text).digest('base64');
      expect(html).toContain(`${source} 'sha256-${hash}'`);
    }
    expect(html).not.toMatch(/ style="| on\w+="/);
  });

  it('has a script only if there is a table', () => {
    expect(page(table)).toContain('<script>');
    expect(page({ kind: 'facts', title: 'Facts', facts: [['a', 'b']] })).not.toContain('<script>');
  });

  it('shows a status by a mark and a word, not by color alone', () => {
    const html = page({
      kind: 'findings',
      title: 'Findings',
      findings: [
        { check: 'only_admin', status: 'warning', detail: 'Nobody else' },
        { check: 'domain', status: 'ok', detail: 'Verified' },
        { check: 'directory', status: 'problem', detail: 'Gone', fix: 'Call it' },
        { check: 'events', status: 'problem', detail: 'Late' },
      ],
    });
    expect(html).toContain('<use href="#problem"/></svg>2 problems</li>');
    expect(html).toContain('<use href="#warning"/></svg>1 warning</li>');
    expect(html).toContain('<b>Only admin</b><span class="word warning">Warning</span><p>Nobody else</p>');
    expect(html).toContain('<p class="fix"><b>Next:</b> Call it</p>');
  });

  it('shows every kind of value, and a dash for none', () => {
    const html = page({
      kind: 'table',
      title: 'Members',
      columns: [
        { name: 'Name' },
        { name: 'Id', kind: 'code' },
        { name: 'Status', kind: 'status' },
        { name: 'Last sign-in', kind: 'time' },
        { name: 'Logins', kind: 'number' },
      ],
      rows: [
        ['Ada', 'user_1', 'active', WHEN, 7],
        ['Bob', 'user_2', 'suspended', null, 0],
        [true, undefined, 'someday', 'not a time', ''],
      ],
    });
    expect(html).toContain(
      `<td>Ada</td><td><code>user_1</code></td><td class="state"><span class="mark ok"><svg class="i ok" aria-hidden="true"><use href="#ok"/></svg>active</span></td><td class="time"><time datetime="${WHEN}">2026-11-26 04:26:09</time></td><td class="num">7</td>`,
    );
    expect(html).toContain('class="mark problem"');
    expect(html).toContain('class="mark skipped"');
    expect(html).toContain('<td>yes</td><td>–</td>');
    expect(html).toContain('<th scope="col" class="num">Logins</th>');
  });

  it('says in each empty section that there is nothing', () => {
    const html = page(
      { kind: 'findings', title: 'F', findings: [] },
      { kind: 'table', title: 'T', columns: [{ name: 'A' }], rows: [] },
      { kind: 'timeline', title: 'E', events: [{ at: Number.NaN, lane: 'x' }] },
      { kind: 'facts', title: 'D', facts: [] },
    );
    expect(html.match(/>None\.</g)).toHaveLength(4);
  });
});

describe('a timeline', () => {
  const DAY = 86_400_000;
  const start = Date.parse('2026-11-01T00:00:00Z');
  const timeline = (events: readonly TimelineEvent[]) => page({ kind: 'timeline', title: 'Events', events });

  it('has a line for each kind, the most frequent first, and one for the rest', () => {
    const events = Array.from({ length: 12 }, (_, kind) =>
      Array.from({ length: 20 - kind }, (_, at) => ({ at: start + at * DAY, lane: `kind.${kind}` })),
    ).flat();
    const lanes = [...timeline(events).matchAll(/class="lane"[^>]*>([^<]*)<\/text><text[^>]*>([^<]*)</g)];
    expect(lanes.map(([, name, count]) => `${name} ${count}`)).toEqual([
      'kind.0 20',
      'kind.1 19',
      'kind.2 18',
      'kind.3 17',
      'kind.4 16',
      'kind.5 15',
      'kind.6 14',
      'Others 55',
    ]);
  });

  it('merges close events into a larger dot, and shows failures as diamonds', () => {
    const html = timeline([
      { at: start, lane: 'sign-in' },
      ...Array.from({ length: 9 }, () => ({ at: start + 5 * DAY, lane: 'sign-in' })),
      { at: start + 10 * DAY, lane: 'sign-in', status: 'problem' },
      { at: start + 10 * DAY, lane: 'sign-in' },
    ]);
    const [, chart = ''] = html.split('class="lane"');
    expect([...chart.matchAll(/<circle cx="[\d.]+" cy="\d+" r="([\d.]+)"/g)].map(([, r]) => r)).toEqual(['3', '9']);
    expect(chart.match(/<path d="M[^"]*z">/g)).toHaveLength(1);
    expect(chart).toContain('<title>9 from 2026-11-0');
    expect(html).toContain('Diamonds are failures.');
  });

  it.each([
    ['one event', [0], 1],
    ['a minute', [0, 60_000], 1],
    ['a day', [0, DAY], 3],
    ['a month', [0, 30 * DAY], 3],
    ['ten years', [0, 3_650 * DAY], 3],
  ])('has a readable axis for %s', (_, offsets, least) => {
    const html = timeline(offsets.map((offset) => ({ at: start + offset, lane: 'x' })));
    const labels = html.match(/text-anchor="(?:start|middle|end)">\d{4}-|>\d\d:\d\d</g) ?? [];
    expect(labels.length).toBeGreaterThanOrEqual(least);
    expect(labels.length).toBeLessThanOrEqual(8);
    expect(html).not.toMatch(/NaN|Infinity/);
  });

  it('leaves out invalid times', () => {
    const times = [Number.NaN, Number.POSITIVE_INFINITY, 9e15, start];
    const html = timeline(times.map((at) => ({ at, lane: 'x' })));
    expect(html).toContain('aria-label="Events: 1 events');
  });
});

describe('a large page', () => {
  const wide = { title: 'T'.repeat(5_000), generated_at: WHEN, summary: '東'.repeat(5_000) };
  const cases: [what: string, report: Report][] = [
    [
      'a hundred thousand rows',
      { ...wide, sections: [tableOf(100_000, 'ada@example.com'), tableOf(100_000, '東京🦊'.repeat(100))] },
    ],
    ['rows of text that grows most when escaped', { ...wide, sections: [tableOf(2_000, '\u{10fffd}"'.repeat(400))] }],
    ['many sections', { ...wide, sections: Array.from({ length: 500 }, () => tableOf(50, 'x'.repeat(500))) }],
    [
      'many findings',
      {
        ...wide,
        sections: [
          {
            kind: 'findings',
            title: 'F',
            findings: Array.from({ length: 3_000 }, () => ({ check: 'c', status: 'ok', detail: '"'.repeat(3_000) })),
          },
        ],
      },
    ],
    [
      '300,000 events of a thousand kinds',
      {
        ...wide,
        sections: [
          {
            kind: 'timeline',
            title: 'E',
            events: Array.from({ length: 300_000 }, (_, at) => ({
              at: at * 61_000,
              lane: `${at % 1_000}${'"'.repeat(300)}`,
              status: at % 2 ? 'problem' : 'ok',
            })),
          },
          tableOf(10_000, 'x'),
        ],
      },
    ],
    [
      'many timelines, and headings that grow most when escaped',
      {
        ...wide,
        sections: Array.from({ length: 30 }, (_, at): Section => {
          const title = '\u{10fffd}"'.repeat(200);
          const events = Array.from({ length: 5_000 }, (_event, nth) => ({ at: nth * 1e6, lane: `${nth % 9}` }));
          if (at % 2) return { kind: 'timeline', title, events };
          return { ...tableOf(100, title), title, columns: Array.from({ length: 20 }, () => ({ name: title })) };
        }),
      },
    ],
    [
      'many facts',
      {
        ...wide,
        sections: [{ kind: 'facts', title: 'D', facts: Array.from({ length: 9_000 }, () => ['n', 'v'.repeat(300)]) }],
      },
    ],
    [
      'many columns',
      {
        ...wide,
        sections: [{ ...tableOf(1, 'x'), columns: Array.from({ length: 400 }, () => ({ name: '"'.repeat(400) })) }],
      },
    ],
  ];
  it.each(cases)('stays below 300 kB: %s', (_, report) => {
    const html = reportHtml(report);
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MAX_REPORT_BYTES);
    expect(strange(html)).toEqual([]);
    expect(html.endsWith('</html>\n')).toBe(true);
  });

  it('uses most of that, and counts the rows that it leaves out', () => {
    const html = page(tableOf(100_000, 'ada@example.com'));
    expect(Buffer.byteLength(html)).toBeGreaterThan(250_000);
    const shown = html.match(/<tr><td>/g)?.length ?? 0;
    expect(html).toContain(`Showing the first ${shown.toLocaleString('en-US')} of 100,000`);
  });

  it('counts the sections that it leaves out', () => {
    const html = page(...Array.from({ length: 40 }, () => tableOf(1, 'x')));
    expect(html).toContain('Sections left out to keep this page small: 10.');
  });

  it('counts the rows that the caller left out', () => {
    const html = page({ ...tableOf(3, 'x'), total: 5_000 });
    expect(html).toContain('Showing the first 3 of 5,000');
  });
});

function tableOf(rows: number, cell: string): Extract<Section, { kind: 'table' }> {
  return {
    kind: 'table',
    title: 'Rows',
    columns: [{ name: 'A' }, { name: 'B', kind: 'code' }],
    rows: Array.from({ length: rows }, (_, at) => [`${at}`, cell]),
  };
}
