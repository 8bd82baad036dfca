/** Groups of synonyms. Each word counts as the first of its group, in tools and in questions. */
const SYNONYMS = `
  organization org organisation customer company tenant business enterprise; membership om teammate colleague coworker
  user person people employee staff somebody someone anybody anyone everybody everyone he she him her his
  role owner manager editor viewer contributor reader; permission perm privilege entitlement right; allow permit able
  resource document doc project folder file repo repository object sheet spreadsheet invoice board page record
  group team department dept squad; connection conn saml oidc idp; directory scim dsync; application app; email mail
  agent bot assistant ai; certificate cert x509; flag feature toggle; url uri link; setting config configuration
  provider slack github gitlab salesforce hubspot notion jira dropbox zendesk connector; mfa 2fa totp otp authenticator
  password pw pwd; device phone laptop computer; domain website hostname; name lastname firstname; sms text
  waitlist queue; log trail; admin administrator; status state; error problem issue; send sent; keep kept; lose lost
  leave left quit; steal stolen; verify prove proof; rotate renew rollover; risk fraud suspicious abuse; wrong incorrect
  delete remove revoke erase wipe purge drop kick throw withdraw cancel destroy unlink disconnect kill terminate rid shut
  delete close retire dissolve clean clear empty forget unshare detach; pause freeze; block ban; unblock unban; store save
  disable deactivate suspend stop lock switchoff; enable switchon; replace set overwrite swap
  create add make new register generate define introduce put attach grant give assign
  update change edit rename modify alter fix correct adjust switch shorten reduce extend customize customise
  list all which every many; get show read view open details fetch see`;

const STOP_WORDS = new Set(
  `an the this that these those it its my me we us our you your they them their to of for in on at by with without
  into onto as than then so too also just only still there here is are was were be been being am has have had do does did
  can could may might will would shall should must let and or but if when while not no dont cant isnt hasnt doesnt didnt
  please hi hello hey now thanks want need like how what whats why who whos whose where one any exist`.split(/\s+/),
);

/** Phrases and values that are replaced by one word, in this order. */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/['’]/g, ''],
  [/\S+@\S+\.\w+/g, ' email '],
  [/\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|de|co)\b/g, ' domain '],
  [/\b[a-z]+:[a-z]+\b/g, ' permission '],
  [/\b[a-z_]+\.[a-z_]{4,}\b/g, ' event '],
  [/\bidentity providers?\b/g, 'idp'],
  [/\b(?:log|sign)(?:ged|ging|ed|ing|s)?[ -]?(?:in|on)\b/g, 'login'],
  [/\b(?:log|sign)(?:ged|ging|ed|ing|s)?((?: \w+){0,3}?)[ -]?out\b/g, '$1 logout'],
  [/\btak\w*\b(.{1,50})\b(?:away|out|off|back)\b/g, 'remove $1'],
  [/\b(?:turn|switch)\w*\b(.{0,50}?)\b(on|off)\b/g, 'switch$2 $1'],
  [/^who (?:has |have )?(?!accepted|invited|joined|signed|logged|consented)(?:did|\w+ed)\b/g, 'audit log history'],
  [/^(?:can|may) (?!i |you |we )/g, 'is allowed '],
  [/\bset[ -]up\b/g, 'create'],
  [/\b(wait|web|allow|block|deny|black|white)(?:ing)?[ -](list|hook)/g, '$1$2'],
];

/** Maps the stem of each synonym to the stem of the word that it counts as. */
const CANONICAL = new Map(
  SYNONYMS.split(/[;\n]/)
    .map((group) => group.trim().split(' ').map(stem))
    .flatMap(([first = '', ...others]) => others.map((other) => [other, first])),
);

/** Splits a text into lower-case words. */
export function tokenize(text: string): string[] {
  const plain = REWRITES.reduce((line, [pattern, word]) => line.replace(pattern, word), text.toLowerCase());
  return plain.match(/[a-z0-9]{2,}/g) ?? [];
}

/** The stem of a word, or of the word that it counts as; undefined for a stop word. */
export function toTerm(word: string): string | undefined {
  return STOP_WORDS.has(word) ? undefined : (CANONICAL.get(stem(word)) ?? stem(word));
}

/** A word without its endings: organization and organizations, invited and inviting share a stem. */
export function stem(word: string): string {
  const singular = word.replace(/ie[sd]$/, 'y').replace(/(ss|x|ch|sh)es$|([^su])s$/, '$1$2');
  if (word.length < 4 || singular === 'connection' || singular === 'setting') return singular;
  const cut = singular.replace(/if(?:ication|y|ying)$/, 'if').replace(/ship$/, '');
  const stripped = cut.replace(/(?:at(?:ion|ing|ed|e)|ing|ed|ion|e)$/, '').replace(/([bdgmnprt])\1$/, '$1');
  return stripped.length >= 3 ? stripped : singular;
}
