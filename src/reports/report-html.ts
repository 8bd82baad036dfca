import { createHash } from 'node:crypto';
import { escapeHtml } from './escape.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';
import type { Report, Section, Status } from './report.ts';
import { icon, STATUS_WORDS, sectionHtml } from './sections.ts';

/** The maximum size of a report, in bytes. Browsers and mail programs show such a page instantly. */
export const MAX_REPORT_BYTES = 300_000;

/** The most sections that share the room. */
const MAX_SECTIONS = 30;

/**
 * Renders a report as a self-contained HTML page, whose policy lets it load nothing and run only its own script. Text from
 * outside is escaped. The page has at most {@link MAX_REPORT_BYTES}; what does not fit is left out, and the page says so.
 */
export function reportHtml(report: Report): string {
  const sections = report.sections.slice(0, MAX_SECTIONS);
  const start = `${headHtml(report)}<body>${SYMBOLS}${headerHtml(report)}<main>`;
  const script = sections.some(({ kind }) => kind === 'table') ? `<script>${PAGE_SCRIPT}</script>` : '';
  const end = (missing: number) => `</main>${footerHtml(missing)}${script}</body></html>\n`;
  let room = MAX_REPORT_BYTES - Buffer.byteLength(start) - Buffer.byteLength(end(report.sections.length));
  const bodies = sections.flatMap((section, at) => {
    const html = sectionHtml(section, Math.floor(room / (sections.length - at)));
    if (html === undefined) return [];
    room -= Buffer.byteLength(html);
    return [html];
  });
  return `${start}${bodies.join('')}${end(report.sections.length - bodies.length)}`;
}

function footerHtml(missing: number): string {
  const left = missing > 0 ? ` Sections left out to keep this page small: ${missing}.` : '';
  return `<footer><p>Made by workos-mcp from data that the WorkOS API returned at that time.${left}</p></footer>`;
}

function headHtml({ title }: Report): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(PAGE_STYLE)}'`,
    `script-src '${hashOf(PAGE_SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<meta name="robots" content="noindex"><title>${escapeHtml(title, 200)}</title><style>${PAGE_STYLE}</style></head>`,
  ].join('');
}

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function headerHtml({ title, subtitle, generated_at, summary, sections }: Report): string {
  const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(generated_at);
  const when = time ? `${time[1]} ${time[2]} UTC` : generated_at;
  return [
    `<header><h1>${escapeHtml(title, 200)}</h1>`,
    subtitle ? `<p class="sub">${escapeHtml(subtitle)}</p>` : '',
    `<p class="when">Generated <time datetime="${escapeHtml(generated_at, 40)}">${escapeHtml(when, 40)}</time></p>`,
    summary ? `<p class="sum">${escapeHtml(summary, 600)}</p>` : '',
    pillsHtml(sections),
    '</header>',
  ].join('');
}

const ORDER = ['problem', 'warning', 'ok', 'skipped'] as const satisfies readonly Status[];
const PLURALS: Readonly<Record<Status, string>> = {
  problem: 'problems',
  warning: 'warnings',
  ok: 'OK',
  skipped: 'notes',
};

/** The number of findings of each status. */
function pillsHtml(sections: readonly Section[]): string {
  const all = sections.flatMap((section) => (section.kind === 'findings' ? section.findings : []));
  if (all.length === 0) return '';
  const pills = ORDER.flatMap((status) => {
    const count = all.filter((one) => one.status === status).length;
    if (count === 0) return [];
    const word = count === 1 && status !== 'ok' ? STATUS_WORDS[status].toLowerCase() : PLURALS[status];
    return [`<li class="pill ${status}">${icon(status)}${count} ${word}</li>`];
  });
  return `<ul class="pills">${pills.join('')}</ul>`;
}

/** The icons of the statuses, each with its own shape. */
const SYMBOLS = [
  '<svg width="0" height="0" class="only-read" aria-hidden="true">',
  '<symbol id="ok" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9.5"/><path d="m8 12.5 2.8 2.8L16 9.5"/></symbol>',
  '<symbol id="warning" viewBox="0 0 24 24"><path d="M12 3.5 22 20.5H2z"/><path d="M12 10v4.5M12 17.4v.1"/></symbol>',
  '<symbol id="problem" viewBox="0 0 24 24"><path d="M8 2.5h8l5.500 5.500v8l-5.500 5.500H8l-5.500-5.500V8z"/><path d="m9 9 6 6m0-6-6 6"/></symbol>',
  '<symbol id="skipped" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9.5"/><path d="M12 11v5.500M12 7.600v.1"/></symbol>',
  '</svg>',
].join('');
