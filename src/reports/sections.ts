import { escapeHtml } from './escape.ts';
import type {
  Cell,
  Column,
  FactsSection,
  FindingsSection,
  Section,
  Status,
  TableSection,
  TimelineSection,
} from './report.ts';
import { timelineSvg } from './timeline-svg.ts';

/** The word for each status. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  problem: 'Problem',
  warning: 'Warning',
  ok: 'OK',
  skipped: 'Note',
};

/** The most columns of a table that are shown. */
const MAX_COLUMNS = 14;
/** The most characters of a title, of a name, and of a value in a table or among facts. */
const MAX_TITLE = 200;
const MAX_NAME = 80;
const MAX_CELL = 240;
/**
 * Renders a section as HTML of at most `room` bytes. Items that do not fit are left out and counted. Undefined if not even the
 * heading fits.
 */
export function sectionHtml(section: Section, room: number): string | undefined {
  switch (section.kind) {
    case 'findings':
      return findingsHtml(section, room);
    case 'table':
      return tableHtml(section, room);
    case 'facts':
      return factsHtml(section, room);
    case 'timeline':
      return timelineHtml(section, room);
  }
}

/** The end of the year 9999, in milliseconds since the epoch. */
const MAX_TIME = 253_402_300_799_000;

/** The icon of a status, which refers to a symbol in the page. */
export function icon(status: Status): string {
  return `<svg class="i ${status}" aria-hidden="true"><use href="#${status}"/></svg>`;
}

function findingsHtml({ title, findings }: FindingsSection, room: number): string | undefined {
  const frame = (list: string, note?: string) =>
    framed(title, findings.length, findings.length === 0 ? empty() : `<ul class="checks">${list}</ul>`, note);
  return fitted(findings, findings.length, frame, room, ({ check, status, detail, fix }) => {
    const advice = fix ? `<p class="fix"><b>Next:</b> ${escapeHtml(fix, 1_000)}</p>` : '';
    return `<li>${icon(status)}<b>${escapeHtml(sentenceCase(check), MAX_NAME)}</b><span class="word ${status}">${STATUS_WORDS[status]}</span><p>${escapeHtml(detail, 2_000)}</p>${advice}</li>`;
  });
}

function factsHtml({ title, facts }: FactsSection, room: number): string | undefined {
  const frame = (list: string, note?: string) =>
    framed(title, undefined, facts.length === 0 ? empty() : `<dl>${list}</dl>`, note);
  return fitted(facts, facts.length, frame, room, ([name, value]) => {
    return `<dt>${escapeHtml(name, MAX_NAME)}</dt><dd>${valueHtml(value, undefined)}</dd>`;
  });
}

function tableHtml({ title, columns: all, rows, total = rows.length, note }: TableSection, room: number) {
  const columns = all.slice(0, MAX_COLUMNS);
  const heads = columns.map(({ name, kind }) => `<th scope="col"${classOf(kind)}>${escapeHtml(name, MAX_NAME)}</th>`);
  const missing = all.length > columns.length ? `Columns left out: ${all.length - columns.length}.` : undefined;
  const frame = (body: string, left?: string) => {
    const table = `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${body}</tbody></table>`;
    const notes = [note, left, missing].filter(Boolean).join(' ');
    return framed(title, total, rows.length === 0 ? empty() : scrolled('scroll', title, table), notes);
  };
  return fitted(rows, total, frame, room, (row) => {
    const cells = columns.map(({ kind }, at) => `<td${classOf(kind, row[at])}>${valueHtml(row[at], kind)}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
}

function timelineHtml({ title, events, note }: TimelineSection, room: number): string | undefined {
  const known = events.filter(({ at }) => Number.isFinite(at) && Math.abs(at) < MAX_TIME);
  const chart = known.length === 0 ? empty() : scrolled('chart scroll', title, timelineSvg(known, title));
  const marks = known.some(({ status }) => status === 'problem') ? 'Diamonds are failures.' : undefined;
  const html = framed(title, known.length, chart, [note, marks, 'Times are in UTC.'].filter(Boolean).join(' '));
  return Buffer.byteLength(html) > room ? undefined : html;
}

/** Makes content that is wider than the page scrollable, even with the keyboard. */
function scrolled(name: string, title: string, html: string): string {
  return `<div class="${name}" tabindex="0" role="region" aria-label="${escapeHtml(title, MAX_TITLE)}">${html}</div>`;
}

/** The class of a cell. Only a long word may break anywhere, so that other columns stay as wide as their words. */
function classOf(kind: Column['kind'], value?: Cell): string {
  const name = { number: 'num', time: 'time', status: 'state', text: '', code: '' }[kind ?? 'text'];
  const long = typeof value === 'string' && LONG_WORD.test(value) ? 'long' : '';
  const names = [name, long].filter(Boolean).join(' ');
  return names ? ` class="${names}"` : '';
}

const LONG_WORD = /[^\s-]{41}/;

/** Renders a value. A missing value becomes a dash, so that its cell does not look like an omission. */
function valueHtml(value: Cell, kind: Column['kind']): string {
  if (value === null || value === undefined || value === '') return '–';
  const text = escapeHtml(typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value), MAX_CELL);
  if (kind === 'code') return `<code>${text}</code>`;
  if (kind === 'status') {
    const status = statusOf(String(value));
    return `<span class="mark ${status}">${icon(status)}${text}</span>`;
  }
  const time = kind === 'time' && typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(value) : null;
  return time ? `<time datetime="${text}">${time[1]} ${time[2]}</time>` : text;
}

const WORDS = {
  ok: new Set(['ok', 'active', 'accepted', 'done', 'enabled', 'linked', 'true', 'verified', 'yes']),
  warning: new Set(['expired', 'pending', 'perhaps', 'unknown', 'validating', 'warning']),
  problem: new Set(['disabled', 'error', 'failed', 'false', 'invalid', 'no', 'problem', 'suspended']),
};

/** The status that marks a word for a state. */
function statusOf(word: string): Status {
  const lower = word.toLowerCase();
  const found = (['ok', 'warning', 'problem'] as const).find((status) => WORDS[status].has(lower));
  return found ?? 'skipped';
}

/** Renders the frame with as many items as fit, in order. Undefined if not even the frame fits. */
function fitted<T>(
  items: readonly T[],
  total: number,
  frame: (items: string, note: string | undefined) => string,
  room: number,
  html: (item: T) => string,
): string | undefined {
  let left = room - Buffer.byteLength(frame('', leftOut(total - 1, total)));
  if (left < 0) return undefined;
  const parts: string[] = [];
  for (const item of items) {
    const part = html(item);
    left -= Buffer.byteLength(part);
    if (left < 0) break;
    parts.push(part);
  }
  return frame(parts.join(''), leftOut(parts.length, total));
}

function leftOut(shown: number, total: number): string | undefined {
  if (shown >= total) return undefined;
  return `Showing the first ${shown.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} to keep this page small.`;
}

function framed(title: string, count: number | undefined, body: string, note?: string): string {
  const shown = count === undefined ? '' : ` <span class="count">${count.toLocaleString('en-US')}</span>`;
  const below = note ? `<p class="note">${escapeHtml(note)}</p>` : '';
  return `<section><div class="head"><h2>${escapeHtml(title, MAX_TITLE)}${shown}</h2></div>${body}${below}</section>`;
}

function empty(): string {
  return '<p class="none">None.</p>';
}

/** `only_admin` to `Only admin`. */
function sentenceCase(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
