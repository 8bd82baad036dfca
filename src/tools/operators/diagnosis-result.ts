import { escapeInvisible } from '../../text/quote-untrusted.ts';
import { truncate } from '../../text/truncate.ts';
import type { Finding } from '../finding.ts';
import { type Assessed, likeliestFirst, type NextStep, unreadFindings } from './findings.ts';
import type { Unread } from './reads.ts';

/** The result of a diagnosis, with the most likely cause first. */
export interface DiagnosisResult {
  summary: string;
  user?: Readonly<Record<string, string>>;
  organization?: Readonly<Record<string, string>>;
  findings: readonly Finding<string>[];
  /** How many findings were omitted. */
  omitted?: number;
  /** All findings, if some were omitted. */
  whole?: readonly Finding<string>[];
  /** The next steps, best first. */
  next: readonly NextStep[];
  /** What may matter here but is not visible through the API. */
  not_visible: readonly string[];
}

/** The most tokens in a result, as estimated by {@link tokensAtMost}. */
const MAX_TOKENS = 640;

/** The most entries in `not_visible`. */
const MOST_NOT_VISIBLE = 3;

/** The texts of a diagnosis besides its findings. */
export interface Frame {
  /** Introduces the first problem, such as `Most likely cause`. */
  lead: string;
  /** What to say if there is no problem. */
  fine: { summary: string; next?: readonly NextStep[]; notVisible?: readonly string[] };
}

/** Orders findings and cuts the result to size. */
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

/** Makes a value of a record safe to show, because it may come from a stranger. */
export function printable(text: string, max = 100): string {
  return truncate(escapeInvisible(text), max);
}

/** Calls need ids and addresses unchanged, so a step with a value that cannot be shown unchanged is dropped. */
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

/**
 * Omits the least important findings until the rest fits: first those that are ok, then warnings, skipped checks, and problems.
 */
function fitted(result: DiagnosisResult): DiagnosisResult {
  let { findings } = result;
  // Only one step is shown, possibly inside a dispatcher call.
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

/** An upper estimate of a text's tokens: words by length, ids and other scripts by character. */
export function tokensAtMost(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(/[a-z]+|[A-Z0-9]+|[\x21-\x7e]|[^\x00-\x7f]/gu)) {
    if (/^[a-z]/.test(part)) tokens += Math.ceil(part.length / 6);
    else if (/^[A-Z0-9]/.test(part)) tokens += Math.ceil(part.length / 1.7);
    else tokens += part > '\x7f' ? 2 : 0.45;
  }
  return Math.ceil(tokens);
}
