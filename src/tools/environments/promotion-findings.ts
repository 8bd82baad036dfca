import type { Finding } from '../finding.ts';
import { listed, quoted } from '../operators/findings.ts';
import type { ChangedItem, KindDifference } from './comparison.ts';
import { KINDS, type Kind } from './kinds.ts';
import { type Item, textsIn } from './landscape.ts';

/** The most names in a sentence. */
const MAX_NAMED = 10;

/** The findings that apply to every kind. */
export function commonFindings({ kind, onlyTo, ambiguous }: KindDifference, to: string): Finding<string>[] {
  const [one, many] = KINDS[kind].words;
  return [
    ...(onlyTo.length > 0
      ? [
          stays(
            kind,
            onlyTo.length === 1
              ? `1 ${one} only in ${to} stays as it is`
              : `${onlyTo.length} ${many} only in ${to} stay as they are`,
          ),
        ]
      : []),
    ...(ambiguous.length > 0
      ? [
          {
            check: kind,
            status: 'skipped' as const,
            detail: `Several ${many} have the same name, so they were not compared: ${named(ambiguous)}`,
          },
        ]
      : []),
  ];
}

export function byHand(kind: Kind, items: readonly Item[], why: string, fix: string): Finding<string>[] {
  if (items.length === 0) return [];
  const detail = `The API cannot do this: ${named(items.map(({ key }) => key))} (${why})`;
  return [{ check: kind, status: 'skipped', detail, fix }];
}

/** Reports items that WorkOS returned in an unexpected form. They get no step: nothing is sent that was not understood. */
export function unclearFindings(kind: Kind, count: number): Finding<string>[] {
  if (count === 0) return [];
  const detail = `${count} ${count === 1 ? 'has' : 'have'} an unexpected form and ${count === 1 ? 'is' : 'are'} skipped`;
  return [{ check: kind, status: 'warning', detail, fix: 'Change it by hand.' }];
}

/** Reports differences in fields that the API cannot change. */
export function fixedFindings(
  kind: Kind,
  different: readonly ChangedItem[],
  fixed: readonly string[],
): Finding<string>[] {
  const found = different.flatMap(({ key, from, fields }) => {
    // A field that `from` does not set may have any value in `to`.
    const own = fields.filter((field) => fixed.includes(field) && from.fields[field] !== undefined);
    return own.length > 0 ? [`${quoted(key)} (${own.join(', ')})`] : [];
  });
  if (found.length === 0) return [];
  const detail = `The API cannot change this: ${listed(found, MAX_NAMED)}`;
  return [{ check: kind, status: 'skipped', detail, fix: 'Change it in the dashboard if it should be the same.' }];
}

export function keptFindings(
  kind: Kind,
  different: readonly ChangedItem[],
  field: string,
  noun: string,
  to: string,
): Finding<string>[] {
  return different.flatMap(({ key, from, to: there }) => {
    const own = textsIn(there.fields[field]).filter((one) => !textsIn(from.fields[field]).includes(one));
    if (own.length === 0) return [];
    return [stays(kind, `The ${noun} ${quoted(key)} keeps what it has only in ${to}: ${named(own)}`)];
  });
}

/** Reports addresses on a developer's machine, which another environment rarely needs. */
export function localFindings({ kind, onlyFrom }: KindDifference, to: string): Finding<string>[] {
  const local = onlyFrom.map(({ key }) => key).filter(isLocal);
  if (local.length === 0) return [];
  const detail = `${to} would accept loopback addresses: ${named(local)}`;
  return [
    {
      check: kind,
      status: 'warning',
      detail,
      fix: 'Unless you want that, leave this kind out of only, or out of the file.',
    },
  ];
}

function isLocal(address: string): boolean {
  if (!URL.canParse(address)) return false;
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}

export function stays(kind: Kind, detail: string, fix?: string): Finding<string> {
  return { check: kind, status: 'ok', detail, ...(fix !== undefined && { fix }) };
}

export function named(names: readonly string[]): string {
  return listed(
    names.map((name) => quoted(name, 60)),
    MAX_NAMED,
  );
}
