import { type Concept, fillers, synonyms, things, verbs } from './vocabulary.ts';
import { oneEdit, split, stem } from './words.ts';

export interface Document {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: string;
}

/** The names of the best matching tools, best first. Pure, no network, no model. */
export function rank(
  question: string,
  documents: readonly Document[],
  most: number,
): { name: string; score: number }[] {
  const index = prepared(documents);
  const query = understand(question, index);
  return index.entries
    .map((entry) => ({ name: entry.name, score: score(entry, query, index) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
}

/** How much a word counts by where in a tool it stands. */
const weight = { name: 3, title: 1.5, description: 1, aside: 0.3, toolset: 1.5 };
/** What a verb is worth, next to a rare noun at about 10. */
const verbWorth = 3;
/** What is left of the words of a tool that does something else with the right thing. */
const otherVerb = 0.75;
/** What an idiom is worth to the first tool it names, and what each further one loses. */
const idiomWorth = 14;
const idiomStep = 5;
/** Past this much, more mentions of a word hardly matter. */
const saturation = 1.5;
/** A verb that a thing only suggests, next to one that was said. */
const implied = 0.6;
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
/** A word that a phrase has taken still says a little by itself. */
const partOfPhrase = 0.4;
const exact = 1000;

interface Entry {
  name: string;
  verb: string;
  /** The words after the verb. */
  nouns: readonly string[];
  words: ReadonlyMap<string, number>;
}

interface Index {
  entries: readonly Entry[];
  names: ReadonlySet<string>;
  rarity: ReadonlyMap<string, number>;
  /** The words of all names, which keep their weight even where they are part of a phrase. */
  nouns: ReadonlySet<string>;
  /** The first words of all names, by their stems. */
  verbs: ReadonlyMap<string, string>;
  phrases: readonly Phrase[];
  synonyms: ReadonlyMap<string, string>;
  /** Whole words, for finding what a misspelt one was meant to be. */
  spelt: ReadonlySet<string>;
  stems: ReadonlySet<string>;
}

interface Query {
  words: Map<string, number>;
  verbs: Map<string, number>;
  tools: Map<string, number>;
}

const indexes = new WeakMap<readonly Document[], Index>();

function prepared(documents: readonly Document[]): Index {
  let index = indexes.get(documents);
  if (!index) {
    index = build(documents);
    indexes.set(documents, index);
  }
  return index;
}

function build(documents: readonly Document[]): Index {
  const names = new Set(documents.map((document) => document.name));
  const spelt = new Set<string>();
  const entries = documents.map((document) => {
    const words = new Map<string, number>();
    const count = (text: string, worth: number) => {
      for (const word of split(text)) {
        spelt.add(word);
        const key = stem(word);
        if (!fillers.has(word)) words.set(key, (words.get(key) ?? 0) + worth);
      }
    };
    const [verb = '', ...rest] = document.name.split('_');
    count(rest.join(' '), weight.name);
    count(document.title.toLowerCase().replace(verb, ''), weight.title);
    count(document.toolset.replaceAll('_', ' '), weight.toolset);
    for (const sentence of document.description.split(/(?<=[.:;]) /)) {
      // A sentence that names another tool is about that tool.
      const others = sentence.match(/[a-z]+(?:_[a-z0-9]+)+/g)?.some((word) => names.has(word));
      count(sentence.replace(/\w+_\w+/g, ' '), others ? weight.aside : weight.description);
    }
    return { name: document.name, verb, nouns: split(rest.join(' ')).map(stem), words };
  });
  const holders = new Map<string, number>();
  for (const entry of entries) for (const word of entry.words.keys()) holders.set(word, (holders.get(word) ?? 0) + 1);
  const rarity = new Map([...holders].map(([word, n]) => [word, Math.log(1 + entries.length / n)]));
  const known = sameness();
  const phrases = vocabulary(known);
  const firsts = new Map(entries.map(({ verb }) => [stem(verb), verb]));
  const nouns = new Set(entries.flatMap((entry) => entry.nouns));
  for (const word of [...phrases.flatMap((phrase) => phrase.spelt), ...Object.values(synonyms).flatMap(split)])
    spelt.add(word);
  const stems = new Set([...holders.keys(), ...[...spelt, ...fillers].map(stem)]);
  return { entries, names, rarity, nouns, verbs: firsts, phrases, synonyms: known, spelt, stems };
}

function score(entry: Entry, query: Query, index: Index): number {
  let words = 0;
  for (const [word, asked] of query.words) {
    const here = entry.words.get(word) ?? 0;
    if (here > 0) words += asked * (index.rarity.get(word) ?? 0) * (here / (here + saturation));
  }
  let covered = 0;
  let whole = 0;
  for (const noun of entry.nouns) {
    const rarity = index.rarity.get(noun) ?? 0;
    whole += rarity;
    covered += rarity * Math.min(1, query.words.get(noun) ?? 0);
  }
  const verb = query.verbs.get(entry.verb) ?? 0;
  const tool = query.tools.get(entry.name) ?? 0;
  if (words + tool === 0) return 0;
  const fit = (0.5 + (whole > 0 ? covered / whole : 0)) * (verb > 0 ? 1 : otherVerb);
  return words * fit + verb * verbWorth + tool;
}

/** What the question is about, in the words of the tools. */
function understand(question: string, index: Index): Query {
  const query: Query = { words: new Map(), verbs: new Map(), tools: new Map() };
  /** Somebody said what to do, in so many words. */
  let ordered = false;
  for (const name of question.toLowerCase().match(/[a-z0-9_]+/g) ?? []) {
    if (index.names.has(name)) query.tools.set(name, exact);
  }
  const words = read(
    split(question).map((word) => corrected(word, index)),
    index.synonyms,
  );
  const taken = new Map<number, number>();
  for (const phrase of index.phrases) {
    for (const at of occurrences(phrase, words, taken)) {
      for (const position of at) taken.set(position, phrase.length);
      const participle = phrase.length === 1 && words.some((word, n) => n === at[0] && isParticiple(word));
      for (const concept of phrase.concepts) {
        const action = verbs.includes(concept);
        // A claimed domain has nothing to do with claims.
        if (participle && !action && !phrase.spelt[0]?.endsWith('ed')) continue;
        apply(concept, query, phrase.length > 1 || (action && !participle) ? 1 : implied);
        ordered ||= !participle && concept.does !== undefined;
      }
    }
  }
  for (const [position, word] of words.entries()) {
    if (fillers.has(word.spelt)) continue;
    const by = taken.get(position) ?? 0;
    const verb = index.verbs.get(word.stem);
    if (verb && by < 2) {
      raise(query.verbs, verb, isParticiple(word) ? implied : 1);
      ordered ||= !isParticiple(word);
    }
    if (word.same !== word.stem) raise(query.words, word.same, by > 1 ? partOfPhrase : 1);
    raise(query.words, word.stem, by === 0 || (by === 1 && index.nouns.has(word.stem)) ? 1 : partOfPhrase);
  }
  const opening = openings.get(words[0]?.spelt ?? '');
  if (opening) {
    // "Is it enabled?" wants to look, not to enable.
    for (const [verb, asked] of query.verbs) if (!looking.has(verb)) query.verbs.set(verb, asked * implied);
    for (const [verb, asked] of opening) raise(query.verbs, verb, asked);
  }
  // Nobody said what to do: looking is the safe guess.
  if (!ordered && query.tools.size === 0) for (const [verb, asked] of looking) raise(query.verbs, verb, asked);
  return query;
}

/** "Registered apps" are looked at; nobody wants to register them. */
function isParticiple(word: Word): boolean {
  return word.spelt.endsWith('ed');
}

function apply(concept: Concept, query: Query, strength: number): void {
  for (const word of split(concept.means ?? '')) raise(query.words, stem(word), 1);
  for (const word of split(concept.hints ?? '')) raise(query.words, stem(word), 0.5);
  for (const [place, verb] of split(concept.does ?? '').entries())
    raise(query.verbs, verb, strength * (1 - place * 0.15));
  for (const [place, tool] of (concept.tools?.split(' ') ?? []).entries())
    raise(query.tools, tool, idiomWorth - place * idiomStep);
}

function raise(map: Map<string, number>, key: string, value: number): void {
  map.set(key, Math.max(map.get(key) ?? 0, value));
}

interface Phrase {
  /** Runs of words: the next follows within a few words, or anywhere where the order is free. */
  parts: readonly (readonly string[])[];
  free: boolean;
  /** How many words it has: more of them know better. */
  length: number;
  spelt: readonly string[];
  concepts: Concept[];
}

/** Everything in the vocabulary that can be said, longest first. */
function vocabulary(known: ReadonlyMap<string, string>): readonly Phrase[] {
  const found = new Map<string, Phrase>();
  for (const concept of [...verbs, ...things]) {
    for (const said of concept.said.split(', ')) {
      let phrase = found.get(said);
      if (!phrase) {
        const spelt = split(said);
        const parts = said.split(/ […+] /).map((part) => read(split(part), known).map((word) => word.stem));
        phrase = { parts, free: said.includes(' + '), length: parts.flat().length, spelt, concepts: [] };
        found.set(said, phrase);
      }
      phrase.concepts.push(concept);
    }
  }
  return [...found.values()].sort((a, b) => b.length - a.length);
}

const slack = 3;

/** The positions of each occurrence of a phrase among the words that no longer phrase has taken. */
function occurrences(phrase: Phrase, words: readonly Word[], taken: ReadonlyMap<number, number>): number[][] {
  const isAt = (part: readonly string[], at: number) =>
    part.every((wanted, n) => {
      const word = words[at + n];
      return (
        word !== undefined &&
        (word.stem === wanted || word.same === wanted) &&
        (taken.get(at + n) ?? 0) <= phrase.length
      );
    });
  const found: number[][] = [];
  const [first = [], ...rest] = phrase.parts;
  for (let start = 0; start < words.length; start++) {
    if (!isAt(first, start)) continue;
    const positions = first.map((_, n) => start + n);
    let end = start + first.length;
    for (const part of rest) {
      const from = phrase.free ? 0 : end;
      const to = phrase.free ? words.length : end + slack + 1;
      let at = from;
      while (at < to && (positions.includes(at) || !isAt(part, at))) at++;
      if (at === to) break;
      positions.push(...part.map((_, n) => at + n));
      end = at + part.length;
    }
    if (positions.length === phrase.length) found.push(positions);
  }
  return found;
}

/** A word of the question: as typed, its stem, and the stem of the word it is a synonym of. */
interface Word {
  spelt: string;
  stem: string;
  same: string;
}

/** The synonyms by their words: `sign in` to the stem of login. */
function sameness(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(synonyms).flatMap(([word, said]) =>
      said.split(', ').map((other) => [split(other).map(stem).join(' '), stem(word)] as const),
    ),
  );
}

/** The words of a text, with a synonym of two words as one. */
function read(spelt: readonly string[], known: ReadonlyMap<string, string>): Word[] {
  const words: Word[] = [];
  for (let at = 0; at < spelt.length; at++) {
    const pair = spelt
      .slice(at, at + 2)
      .map(stem)
      .join(' ');
    const word = spelt[at] ?? '';
    const folded = at + 1 < spelt.length ? known.get(pair) : undefined;
    if (folded) {
      words.push({ spelt: pair, stem: folded, same: folded });
      at++;
    } else {
      words.push({ spelt: word, stem: stem(word), same: known.get(stem(word)) ?? stem(word) });
    }
  }
  return words;
}

/** The word one edit away, for a longer word that is known nowhere. */
function corrected(word: string, index: Index): string {
  if (word.length < 5 || index.stems.has(stem(word))) return word;
  for (const candidate of index.spelt) if (candidate.length >= 4 && oneEdit(word, candidate)) return candidate;
  return word;
}
