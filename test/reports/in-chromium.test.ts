import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/reports/report.ts';
import { reportHtml } from '../../src/reports/report-html.ts';
import { ATTACKS, reportOf } from './attacks.ts';
import { type Browser, CHROMIUM, startBrowser } from './chromium.ts';

const WHEN = '2026-11-26T04:26:09.831Z';

const MEMBERS: Report = {
  title: 'Members of Acme',
  generated_at: WHEN,
  sections: [
    {
      kind: 'table',
      title: 'Members',
      columns: [
        { name: 'Name' },
        { name: 'Logins', kind: 'number' },
        { name: 'Last sign-in', kind: 'time' },
        { name: 'Id', kind: 'code' },
      ],
      rows: [
        ['Émile', 9, '2026-11-02T08:00:00Z', 'user_3'],
        ['Ada', 100, '2026-01-31T23:59:00Z', 'user_1'],
        ['Zoë', 20, null, 'user_26'],
        ...Array.from({ length: 9 }, (_, at) => [`Member ${at}`, 1_000 + at, WHEN, `user_${'x'.repeat(60)}${at}`]),
      ],
    },
    {
      kind: 'timeline',
      title: 'Sign-ins',
      events: [
        { at: 0, lane: 'x' },
        { at: 9e9, lane: 'x', status: 'problem' },
      ],
    },
    {
      kind: 'findings',
      title: 'Findings',
      findings: [{ check: 'only_admin', status: 'problem', detail: 'Nobody else.' }],
    },
  ],
};

const NAMES = `[...document.querySelectorAll('tbody tr')].filter((row) => !row.hidden).map((row) => row.cells[0].textContent)`;
const BACKGROUND = 'getComputedStyle(document.body).backgroundColor';

// Debian: apt-get install chromium. Only these tests use it.
const WHERE =
  CHROMIUM === undefined ? 'a report in a browser (skipped: no Chromium on this machine)' : 'a report in a browser';

describe.skipIf(CHROMIUM === undefined)(WHERE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-reports-'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(CHROMIUM ?? '');
  }, 30_000);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let files = 0;
  const fileOf = (report: Report) => {
    const path = join(folder, `${files++}.html`);
    writeFileSync(path, reportHtml(report));
    return pathToFileURL(path).href;
  };

  it.each(ATTACKS)('shows untrusted text as text: %s', async (_, text, shown) => {
    const page = await browser.open(fileOf(reportOf(text)));
    expect(await page.evaluate('document.title')).toBe(shown);
    const places = ['h1', 'h2', '.sub', '.sum', '.checks p', 'th', 'td', 'td code', 'td.state', 'dd', '.note', '.lane'];
    const read = await page.evaluate(
      `${JSON.stringify(places)}.map((place) => document.querySelector(place).textContent.trim())`,
    );
    // Some are followed by counts or further sentences.
    expect(places.filter((_place, at) => !String(Object(read)[at]).startsWith(shown.slice(0, 70)))).toEqual([]);
    expect(page.events).toEqual([]);
  });

  it('requests nothing, and does not violate its own policy', async () => {
    for (const dark of [false, true]) {
      const page = await browser.open(fileOf(MEMBERS), { dark });
      expect(page.events).toEqual([]);
    }
  });

  it('runs no script but its own', async () => {
    const url = join(folder, 'changed.html');
    const changed = reportHtml(MEMBERS).replace(
      '</main>',
      '<script>document.title = "run"</script><img src="https://example.com/x.png"></main>',
    );
    writeFileSync(url, changed);
    const page = await browser.open(pathToFileURL(url).href);
    expect(await page.evaluate('document.title')).toBe('Members of Acme');
    expect(page.events.filter((event) => event.startsWith('Log.entryAdded')).length).toBeGreaterThan(0);
  });

  it('sorts by a click on a heading: words alphabetically, numbers by size, empty cells last', async () => {
    const page = await browser.open(fileOf(MEMBERS));
    const click = (at: number) => page.evaluate(`document.querySelectorAll('th button')[${at}].click()`);
    const sorts = () => page.evaluate(`[...document.querySelectorAll('th')].map((th) => th.getAttribute('aria-sort'))`);
    const first = async () => Object(await page.evaluate(NAMES)).slice(0, 3);
    await click(0);
    expect(await first()).toEqual(['Ada', 'Émile', 'Member 0']);
    expect(await sorts()).toEqual(['ascending', null, null, null]);
    await click(0);
    expect(await first()).toEqual(['Zoë', 'Member 8', 'Member 7']);
    expect(await sorts()).toEqual(['descending', null, null, null]);
    await click(1);
    expect(await first()).toEqual(['Émile', 'Zoë', 'Ada']);
    expect(await sorts()).toEqual([null, 'ascending', null, null]);
    for (const _ of ['up', 'down']) {
      await click(2);
      expect(Object(await page.evaluate(NAMES)).at(-1)).toBe('Zoë');
    }
  });

  it('filters the rows of a long table', async () => {
    const page = await browser.open(fileOf(MEMBERS));
    await page.evaluate(`(() => {
      const input = document.querySelector('input');
      input.value = ' ADA ';
      input.dispatchEvent(new Event('input'));
    })()`);
    expect(await page.evaluate(NAMES)).toEqual(['Ada']);
    expect(await page.evaluate(`document.querySelector('[role=status]').textContent`)).toBe('1 of 12 rows');
    expect(await page.evaluate(`document.querySelector('input').getAttribute('aria-label')`)).toBe('Filter Members');
  });

  it('is complete without its script', async () => {
    const page = await browser.open(fileOf(MEMBERS), { script: false });
    const { nodes } = await page.send('Accessibility.getFullAXTree');
    const roles = Object(nodes).map((node: { role?: { value: string } }) => node.role?.value);
    expect(roles.filter((role: string) => role === 'row')).toHaveLength(13);
    expect(roles.filter((role: string) => role === 'button')).toEqual([]);
    expect(page.events).toEqual([]);
  });

  it.each([320, 390, 768, 1200])('fits a screen %i pixels wide', async (width) => {
    const page = await browser.open(fileOf(MEMBERS), { width });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const hostile = await browser.open(fileOf(reportOf('W'.repeat(5_000))), { width });
    expect(await hostile.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('is dark if the reader prefers that, and light on paper', async () => {
    const dark = await browser.open(fileOf(MEMBERS), { dark: true });
    const light = await browser.open(fileOf(MEMBERS));
    const colours = [await dark.evaluate(BACKGROUND), await light.evaluate(BACKGROUND)];
    expect(colours).toEqual(['rgb(17, 19, 24)', 'rgb(246, 247, 249)']);
    await dark.send('Emulation.setEmulatedMedia', {
      media: 'print',
      features: [{ name: 'prefers-color-scheme', value: 'dark' }],
    });
    expect(await dark.evaluate(BACKGROUND)).toBe('rgb(255, 255, 255)');
  });

  it.each([true, false])('has readable contrast everywhere (dark: %s)', async (dark) => {
    const page = await browser.open(fileOf(MEMBERS), { dark });
    expect(await page.evaluate(CONTRAST)).toEqual([]);
  });

  it('can be printed and captured', async () => {
    const long: Report = {
      ...MEMBERS,
      sections: [
        {
          kind: 'table',
          title: 'Members',
          columns: [{ name: 'Person' }, { name: 'Id', kind: 'code' }],
          rows: Array.from({ length: 200 }, (_, at) => [`Member ${at}`, `user_${at}`]),
        },
      ],
    };
    const page = await browser.open(fileOf(long));
    const { data } = await page.send('Page.printToPDF', { generateTaggedPDF: true });
    expect(Buffer.from(String(data), 'base64').subarray(0, 5).toString()).toBe('%PDF-');
    const { data: shot } = await page.send('Page.captureScreenshot', { format: 'png' });
    expect(Buffer.from(String(shot), 'base64').length).toBeGreaterThan(5_000);
  });
});

/** Texts whose contrast is below 4.5 to 1. https://www.w3.org/TR/WCAG22/#contrast-minimum */
const CONTRAST = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const bad = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || ['SCRIPT', 'title'].includes(element.nodeName)) continue;
    const style = getComputedStyle(element);
    const colour = element.nodeName === 'text' ? style.fill : style.color;
    const [a, b] = [light(colour), light(behind(element))].sort((one, other) => other - one);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(element.nodeName + ' ' + element.className + ' ' + ratio.toFixed(2));
  }
  return [...new Set(bad)];
})()`;
