import { escapeInvisible } from '../../text/quote-untrusted.ts';
import { truncate } from '../../text/truncate.ts';
import type { Finding } from '../finding.ts';
import { type Assessed, likeliestFirst, type NextStep, unreadFindings } from './findings.ts';
import type { Unread } from './reads.ts';

/** What a diagnosis says, the most likely cause first. */
export interface DiagnosisResult {
  summary: string;
  user?: Readonly<Record<string, string>>;
  organization?: Readonly<Record<string, string>>;
  findings: readonly Finding<string>[];
  /** How many findings were left out. */
  omitted?: number;
  /** All findings, where some were left out. */
  whole?: readonly Finding<string>[];
  /** What to do next, the best first. */
  next: readonly NextStep[];
  /** What the API cannot see and may matter here. */
  not_visible: readonly string[];
}

/** The most that a diagnosis may cost its reader, in tokens as they are estimated here. */
const MAX_TOKENS = 640;

/** At most this many things are named that the API cannot see. */
const MOST_NOT_VISIBLE = 3;

/** What a diagnosis says besides its findings. */
export interface Frame {
  /** What its first problem is, such as `Most likely cause`. */
  lead: string;
  /** What to say where nothing is a problem. */
  fine: { summary: string; next?: readonly NextStep[]; notVisible?: readonly string[] };
}

/** Puts findings in order and cuts them to size. */
export function diagnosisResult(
  subject: Pick<DiagnosisResult, 'user' | 'organization'>,
  findings: readonly Assessed[],
  unread: readonly Unread[],
  { lead, fine }: Frame,
): DiagnosisResult {
  const assessed = likeliestFirst(findings);
  const wrong = assessed.filter(({ status }) => status === 'problem' || status === 'warning');
  const problems = wrong.filter(({ status }) => status === 'problem');
  const [first] = wrong;
  const next = [...wrong.flatMap((one) => one.next ?? []), ...(fine.next ?? [])].filter(isUsable);
  const hidden = wrong.slice(0, 2).flatMap((one) => one.notVisible ?? []);
  const notVisible = problems.length > 0 ? hidden : [...hidden, ...(fine.notVisible ?? [])];
  return fitted({
    summary: first && problems.length > 0 ? summaryOf(lead, first, problems.length) : withUnread(fine.summary, unread),
    ...subject,
    findings: [...assessed.map(shown), ...unreadFindings(unread)],
    next,
    not_visible: [...new Set(notVisible)].slice(0, MOST_NOT_VISIBLE),
  });
}

/** A value of a record for the caller to use, which may come from a stranger. */
export function printable(text: string, max = 100): string {
  return truncate(escapeInvisible(text), max);
}

/** An id or address in a call has to be given as it is, so one that nobody should be shown makes no call. */
function isUsable({ arguments: input }: NextStep): boolean {
  return Object.values(input).every((one) => typeof one !== 'string' || printable(one) === one);
}

function summaryOf(lead: string, { check, detail }: Assessed, problems: number): string {
  const others = problems > 1 ? ` (${problems - 1} more problem${problems > 2 ? 's' : ''} below)` : '';
  return `${lead} (${check}): ${detail}${others}`;
}

function withUnread(summary: string, unread: readonly Unread[]): string {
  if (unread.length === 0) return summary;
  return `${summary}; ${unread.length} thing${unread.length === 1 ? '' : 's'} could not be read`;
}

function shown({ check, status, detail, fix }: Assessed): Finding<string> {
  return { check, status, detail, ...(fix !== undefined && status !== 'ok' && { fix }) };
}

/** Leaves out what matters least until the rest fits: what is fine, then what is wrong besides, from the end. */
function fitted(result: DiagnosisResult): DiagnosisResult {
  let { findings } = result;
  // One of the steps is shown, and a dispatcher around it.
  const steps = result.next.reduce((most, one) => Math.max(most, tokensAtMost(JSON.stringify(one)) + 12), 0);
  const size = () => steps + tokensAtMost(JSON.stringify({ ...result, findings, next: [] }));
  for (const status of ['ok', 'warning', 'skipped', 'problem'] as const) {
    while (size() > MAX_TOKENS) {
      const last = findings.findLastIndex((one) => one.status === status);
      // The most likely cause stays.
      if (last < 1) break;
      findings = findings.toSpliced(last, 1);
    }
  }
  const omitted = result.findings.length - findings.length;
  return { ...result, findings, ...(omitted > 0 && { omitted, whole: result.findings }) };
}

/** More tokens than a text is likely to have: words by length, ids and other scripts by character. */
export function tokensAtMost(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(/[a-z]+|[A-Z0-9]+|[\x21-\x7e]|[^\x00-\x7f]/gu)) {
    if (/^[a-z]/.test(part)) tokens += Math.ceil(part.length / 6);
    else if (/^[A-Z0-9]/.test(part)) tokens += Math.ceil(part.length / 1.7);
    else tokens += part > '\x7f' ? 2 : 0.45;
  }
  return Math.ceil(tokens);
}
