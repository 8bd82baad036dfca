import { edits } from '../../text/did-you-mean.ts';

/** How an address resembles the given one. */
export interface Likeness {
  /** Completes a sentence that begins with `it differs`. */
  how: string;
  /** Whether both addresses, if real, belong to the same person rather than to a colleague. */
  samePerson: boolean;
}

/** Compares two different addresses, ignoring case. Undefined if they are too different for one to be a slip for the other. */
export function likeness(given: string, other: string): Likeness | undefined {
  const [a, b] = [partsOf(given), partsOf(other)];
  if (!a || !b || given.toLowerCase() === other.toLowerCase()) return undefined;
  const sameDomain = a.domain === b.domain;
  const same = (how: string) => ({ how, samePerson: true });
  if (sameDomain && a.local === b.local) return same('only after the +');
  if (sameDomain && letters(a.local) === letters(b.local)) return same('only in dots or hyphens');
  if (sameDomain && reversed(a.local) === b.local) return same('in the order of the names');
  // In a short name, a second different letter makes it another name.
  const most = Math.min(a.local.length, b.local.length) < 5 ? 1 : 2;
  // Long texts are not slips of each other, and comparing them takes long.
  const slips = Math.max(a.local.length, b.local.length) > 64 ? Number.POSITIVE_INFINITY : edits(a.local, b.local);
  if (sameDomain && slips <= most) {
    return { how: `by ${slips} letter${slips === 1 ? '' : 's'} before the @`, samePerson: false };
  }
  return !sameDomain && letters(a.local) === letters(b.local) ? same('in its domain') : undefined;
}

/** The domain of an address, in lower case. */
export function domainOf(address: string): string | undefined {
  return partsOf(address)?.domain;
}

/** Removes the tag after a plus sign. Undefined if the address has none. */
export function withoutTag(address: string): string | undefined {
  const parts = partsOf(address);
  return parts && address.slice(0, address.lastIndexOf('@')).includes('+')
    ? `${parts.local}@${parts.domain}`
    : undefined;
}

/** Domains that are open to everybody, so that no organization can own them. */
const CONSUMER_DOMAINS = new Set(
  'gmail.com,googlemail.com,outlook.com,hotmail.com,live.com,msn.com,yahoo.com,ymail.com,icloud.com,me.com,mac.com,aol.com,proton.me,protonmail.com,gmx.com,gmx.de,gmx.net,web.de,mail.com,mail.ru,yandex.com,yandex.ru,qq.com,163.com,126.com,zoho.com,fastmail.com,hey.com'.split(
    ',',
  ),
);

export function isConsumerDomain(domain: string): boolean {
  return CONSUMER_DOMAINS.has(domain) || /^(yahoo|hotmail|outlook|live)\.(co\.)?[a-z]{2}$/.test(domain);
}

function partsOf(address: string): { local: string; domain: string } | undefined {
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1) return undefined;
  const local = address.slice(0, at).toLowerCase();
  return { local: local.replace(/\+.*$/s, ''), domain: address.slice(at + 1).toLowerCase() };
}

const letters = (local: string) => local.replace(/[._-]/g, '');

const reversed = (local: string) => local.split('.').reverse().join('.');
