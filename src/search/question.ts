import { corrected, type Index } from './corpus.ts';
import { isGerund, isNoun, isParticiple, occurrences, type Phrase, read, type Word } from './phrases.ts';
import { type Concept, fillers, prefixes, verbs } from './vocabulary.ts';
import { isPlural, split, stem } from './words.ts';

export interface Query {
  words: Map<string, number>;
  verbs: Map<string, number>;
  tools: Map<string, Idiom>;
  /** For each word that names or describes tools: the stems that stand for it, and its place. */
  things: { at: number; stems: ReadonlySet<string>; worth: number }[];
  head: Head | undefined;
  /** What something is taken from, which is not to go itself. */
  kept: ReadonlySet<string>;
}

/** A tool that a phrase names, and the words that make up the phrase. */
export interface Idiom {
  worth: number;
  positions: Set<number>;
  /** The rest of the question may speak of anything. */
  open: boolean;
}

/** What the question is about first of all: "the roles of an organization" are roles. */
export interface Head {
  stems: ReadonlySet<string>;
  number: 'one' | 'many' | undefined;
}

/** What an idiom is worth to the first tool it names, and what each further one loses. */
const idiomWorth = 14;
const idiomStep = 5;
/** A verb that a thing only suggests, next to one that was said. */
const implied = 0.5;
/** A verb in the very word that the tool begins with. */
const literal = 1.3;
const looking = new Map([
  ['list', 1],
  ['get', 0.5],
  ['check', 0.5],
]);
const one = new Map([
  ['get', 1],
  ['list', 0.9],
  ['check', 0.9],
  ['validate', 0.9],
]);
/** How a question begins that wants to look at many things, or at one. */
const openings: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  ...['which', 'what', 'who', 'where', 'whose', 'are', 'when'].map((word) => [word, looking] as const),
  ...['is', 'was', 'does', 'did', 'has', 'have'].map((word) => [word, one] as const),
]);
/** Tools that nobody means who only asks. */
const changing = /^(?:add|assign|delete|remove|revoke|set|update)_/;

/** A word that a phrase has taken still says a little by itself. */
const partOfPhrase = 0.4;
/** What the very name of a tool is worth. */
const exact = 1000;

/** What stands for an id or a slug, and for the name of somebody, while a question is read. */
const oneThing = 'thatid';
const someName = 'thatname';
const identifier = /\b[a-z]+(?:_[a-z]+)*_(?=\w*[A-Z0-9])\w+|\b[a-z]+(?:[:.][a-z]+)+\b|\b[a-z0-9]+(?:-[a-z0-9]+)+\b/g;

/** What goes before the question itself. */
const polite =
  /^(?:(?:please|hi|hello|hey|(?:how )?(?:can|could|would|should) (?:i|we|you)|how do (?:i|we|you)|(?:i|we) (?:want|need|have) to|(?:i'd|we'd|i would) like to|help me)\b[ ,]*)+(?=\w)/i;

/** Ids and slugs say that one thing is meant, and names of companies and people hardly more than that. */
function withoutNames(question: string, index: Index): string {
  return question
    .replace(/[^\s@]{1,64}@[^\s@]+/g, ` ${someName} `)
    .replace(identifier, (found) => {
      const known =
        index.names.has(found) ||
        index.compounds.has(found) ||
        split(found).some((part) => fillers.has(part) || index.nouns.has(stem(part)));
      return known ? found : ` ${prefixes[found.split('_')[0] ?? ''] ?? ''} ${oneThing} `;
    })
    .replace(/(?<=\w,? +)[A-Z][a-z]+\b(?: [A-Z][a-z]+\b)*/g, (found) =>
      split(found).some((word) => index.stems.has(stem(word))) ? found : ` ${someName} `,
    );
}

/** What the question is about, in the words of the tools. */
export function understand(question: string, index: Index): Query {
  const words = read(
    split(withoutNames(question.replace(polite, ''), index)).map((word) => corrected(word, index)),
    index.synonyms,
  );
  const query: Query = {
    words: new Map(),
    verbs: new Map(),
    tools: new Map(),
    things: [],
    head: undefined,
    kept: sourceOf(words, index),
  };
  const reading: Reading = {
    words,
    stems: words.map((word) => new Set([word.stem, word.same])),
    names: words.map((word) => new Set([word.stem, word.same])),
    acts: new Set(),
    taken: new Map(),
    directed: new Map(),
    ordered: false,
  };
  for (const phrase of index.phrases) recognize(phrase, reading, query, index);
  for (const [at, word] of words.entries()) take(at, word, reading, query, index);
  query.things = thingsOf(reading, index);
  query.head = headOf(reading, index);
  for (const name of question.toLowerCase().match(/[a-z0-9_]+/g) ?? []) {
    if (index.names.has(name)) query.tools.set(name, { worth: exact, positions: new Set(), open: true });
  }
  weighVerbs(reading, query);
  return query;
}

/** The words of a question, and what has been made of them so far. */
interface Reading {
  readonly words: readonly Word[];
  /** For each word the stems that may stand for it: its own, its synonym's, and what phrases with it mean. */
  readonly stems: readonly Set<string>[];
  /** The same without what only several words together mean. */
  readonly names: readonly Set<string>[];
  /** The positions of words that say what to do. */
  readonly acts: Set<number>;
  /** How long the phrase is that took a word. */
  readonly taken: Map<number, number>;
  /** The same for phrases that say what to do; those that only name a thing leave the verbs alone. */
  readonly directed: Map<number, number>;
  /** Somebody said what to do, in so many words. */
  ordered: boolean;
}

function recognize(phrase: Phrase, reading: Reading, query: Query, index: Index): void {
  const { words, acts, taken, directed } = reading;
  const order = phrase.concepts.every((concept) => verbs.includes(concept));
  const single = phrase.length === 1;
  for (const at of occurrences(phrase, words, order ? directed : taken)) {
    for (const position of at) {
      taken.set(position, Math.max(taken.get(position) ?? 0, phrase.length));
      if (phrase.concepts.some(({ does, tools }) => does ?? tools)) directed.set(position, phrase.length);
    }
    const first = single ? words[at[0] ?? 0] : undefined;
    // An invitation is not about to be sent, nor an invited person.
    const noun = first !== undefined && isNoun(first) && !/(?:tion|ment)$/.test(phrase.said);
    const participle = noun || (first !== undefined && isParticiple(first));
    const vague = participle || (first !== undefined && isGerund(first));
    for (const concept of phrase.concepts) {
      const action = verbs.includes(concept);
      // A claimed domain has nothing to do with claims.
      if (participle && !action && !phrase.spelt[0]?.endsWith('ed')) continue;
      apply(concept, query, !single || (action && !vague) ? 1 : implied, at);
      if (action) for (const position of at) acts.add(position);
      else widen(concept, at, reading, index);
      reading.ordered ||= !participle && concept.does !== undefined;
    }
  }
}

/** Lets the words of a phrase stand for what it means, except those that mean themselves: "directory user". */
function widen(concept: Concept, at: readonly number[], { words, stems, names }: Reading, index: Index): void {
  const means = split(concept.means ?? '').map(stem);
  const said = new Set(words.flatMap((word) => [word.stem, word.same]));
  const idiomatic = at.every((position) => !index.nouns.has(words[position]?.same ?? ''));
  for (const position of at) {
    if (means.some((word) => stems[position]?.has(word))) continue;
    for (const word of means) {
      if (said.has(word)) continue;
      stems[position]?.add(word);
      if (at.length === 1 || idiomatic) names[position]?.add(word);
    }
  }
}

function take(at: number, word: Word, reading: Reading, query: Query, index: Index): void {
  if (word.spelt === someName) raise(query.words, stem('organization'), 0.5);
  if (fillers.has(word.spelt)) return;
  const by = reading.taken.get(at) ?? 0;
  const verb = index.verbs.get(word.stem);
  if (verb && (reading.directed.get(at) ?? 0) < 2) {
    const order = !isParticiple(word) && !isNoun(word);
    raise(query.verbs, verb, order ? literal : implied);
    reading.ordered ||= order;
    reading.acts.add(at);
  }
  if (word.same !== word.stem) raise(query.words, word.same, by > 1 ? partOfPhrase : 1);
  raise(query.words, word.stem, by === 0 || (by === 1 && index.nouns.has(word.stem)) ? 1 : partOfPhrase);
}

const owners: ReadonlySet<string> = new Set(['organization', 'user', 'member', 'membership'].map(stem));

/** The words that should be found again in the right tool, by how much they tell. */
function thingsOf({ words, stems, acts }: Reading, index: Index): Query['things'] {
  return words.flatMap((word, at) => {
    if (word.spelt === someName) return { at, stems: owners, worth: 1 };
    if (fillers.has(word.spelt) || (acts.has(at) && !index.nouns.has(word.stem))) return [];
    const known = [...(stems[at] ?? [])].filter((found) => index.rarity.has(found));
    if (known.length === 0) return [];
    const worth = Math.max(...known.map((found) => index.rarity.get(found) ?? 0));
    return { at, stems: new Set(known), worth: known.some((found) => index.nouns.has(found)) ? worth : worth * 0.3 };
  });
}

/** In "remove her from the organization" it is not the organization that goes. */
function sourceOf(words: readonly Word[], index: Index): ReadonlySet<string> {
  const from = words.findIndex(
    ({ spelt }, at) => spelt === 'from' || (spelt === 'of' && words[at - 1]?.spelt === 'out'),
  );
  const near = from < 0 ? undefined : words.slice(from + 1, from + 4).find(({ same }) => index.nouns.has(same));
  return new Set(near ? [near.same] : []);
}

/** Questions look, whatever verbs are in them; so does who only names a thing. */
function weighVerbs({ words, ordered }: Reading, query: Query): void {
  const asks = words[0]?.spelt ?? '';
  const status = words.some(({ spelt }) => spelt === 'status');
  const about = query.head?.number === 'one' && asks !== 'which' && openings.has(asks);
  const opening = about || status ? one : openings.get(asks);
  if (opening) {
    // "Is it enabled?" wants to look, not to enable.
    for (const [verb, said] of query.verbs)
      if (!looking.has(verb) && verb !== 'validate') query.verbs.set(verb, said * implied);
    for (const [verb, said] of opening) raise(query.verbs, verb, said);
    for (const [name, idiom] of query.tools)
      if (changing.test(name) && idiom.worth < exact) query.tools.set(name, { ...idiom, worth: idiom.worth * implied });
  }
  // Nobody said what to do: looking is the safe guess.
  const guess = query.head?.number === 'one' ? one : looking;
  if (!ordered && query.tools.size === 0) for (const [verb, said] of guess) raise(query.verbs, verb, said);
  // "Turn it off for all": the order is plain, and not to list them.
  const plain = [...query.verbs].some(([verb, said]) => said >= 1 && !looking.has(verb));
  if (plain && (query.verbs.get('list') ?? 1) <= implied) query.verbs.delete('list');
  const list = query.verbs.get('list');
  if (list && words.some(({ spelt }) => spelt === oneThing)) raise(query.verbs, 'get', list);
  const get = query.verbs.get('get');
  if ((get || query.verbs.has('list')) && query.head?.number === 'many')
    raise(query.verbs, 'list', Math.max(1, get ?? 0));
}

const determiners: ReadonlySet<string> = new Set(['a', 'an', 'the', 'this', 'that', 'one', 'my', 'our', 'single']);

/** The last noun of the first run of words that speaks of a thing. */
function headOf({ words, names, acts }: Reading, index: Index): Head | undefined {
  if (words[0]?.spelt === 'who') return { stems: new Set(['member', stem('membership'), 'user']), number: 'many' };
  let last = -1;
  let single = false;
  for (const [at, { spelt }] of words.entries()) {
    const breaks = fillers.has(spelt) || acts.has(at);
    const noun = !breaks && [...(names[at] ?? [])].some((word) => index.nouns.has(word));
    if (noun) last = at;
    else if (breaks && last >= 0) break;
    if (last < 0 && breaks) single = determiners.has(spelt);
  }
  const found = words[last];
  if (!found) return undefined;
  // The id may come later: "the company with the id org_123".
  single ||= words.some(({ spelt }, at) => spelt === oneThing && words[at - 1]?.same === found.same);
  single ||= words[last + 1]?.spelt === oneThing || words[last - 1]?.spelt === oneThing;
  return { stems: names[last] ?? new Set(), number: isPlural(found.spelt) ? 'many' : single ? 'one' : undefined };
}

function apply(concept: Concept, query: Query, strength: number, at: readonly number[]): void {
  for (const word of split(concept.means ?? '')) raise(query.words, stem(word), 1);
  for (const word of split(concept.hints ?? '')) raise(query.words, stem(word), 0.5);
  for (const [place, verb] of split(concept.does ?? '').entries())
    raise(query.verbs, verb, strength * (1 - place * 0.15));
  for (const [place, tool] of (concept.tools?.split(' ') ?? []).entries()) {
    const before = query.tools.get(tool);
    const worth = Math.max(before?.worth ?? 0, idiomWorth - place * idiomStep);
    const open = (before?.open ?? false) || concept.anything === true;
    query.tools.set(tool, { worth, positions: new Set([...(before?.positions ?? []), ...at]), open });
  }
}

function raise(map: Map<string, number>, key: string, value: number): void {
  map.set(key, Math.max(map.get(key) ?? 0, value));
}
