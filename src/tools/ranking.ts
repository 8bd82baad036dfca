import { type Concept, concepts, fillers, spellings } from './vocabulary.ts';

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
const weight = { name: 3, title: 1.5, description: 1, aside: 0.3, toolset: 0.6 };
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
  ['create', 0.1],
]);
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
  phrases: readonly Phrase[];
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
    return { name: document.name, verb, nouns: rest.map(stem), words };
  });
  const holders = new Map<string, number>();
  for (const entry of entries) for (const word of entry.words.keys()) holders.set(word, (holders.get(word) ?? 0) + 1);
  const rarity = new Map([...holders].map(([word, n]) => [word, Math.log(1 + entries.length / n)]));
  const phrases = vocabulary();
  const nouns = new Set(entries.flatMap((entry) => entry.nouns));
  for (const phrase of phrases) for (const word of phrase.spelt) spelt.add(word);
  const stems = new Set([...holders.keys(), ...phrases.flatMap((phrase) => phrase.words), ...[...fillers].map(stem)]);
  return { entries, names, rarity, nouns, phrases, spelt, stems };
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
  const tool = query.tools.get(entry.name) ?? 0;
  if (words + tool === 0) return 0;
  const verb = query.verbs.get(entry.verb) ?? 0;
  const fit = (0.5 + (whole > 0 ? covered / whole : 0)) * (verb > 0 ? 1 : otherVerb);
  return words * fit + verb * verbWorth + tool;
}

/** What the question is about, in the words of the tools. */
function understand(question: string, index: Index): Query {
  const query: Query = { words: new Map(), verbs: new Map(), tools: new Map() };
  for (const name of question.toLowerCase().match(/[a-z0-9_]+/g) ?? []) {
    if (index.names.has(name)) query.tools.set(name, exact);
  }
  const spelt = split(question).map((word) => corrected(word, index));
  const words = spelt.map(stem);
  const taken = new Map<number, number>();
  for (const phrase of index.phrases) {
    for (const at of occurrences(phrase, words, taken)) {
      for (const position of at) taken.set(position, phrase.spelt.length);
      for (const concept of phrase.concepts)
        apply(concept, query, phrase.spelt.length > 1 ? 1 : concept.means || concept.hints ? implied : 1);
    }
  }
  for (const [position, word] of words.entries()) {
    if (fillers.has(spelt[position] ?? '')) continue;
    const by = taken.get(position) ?? 0;
    raise(query.words, word, by === 0 || (by === 1 && index.nouns.has(word)) ? 1 : 0.4);
  }
  // Nobody said what to do: looking is the safe guess.
  if (query.verbs.size === 0) query.verbs = new Map(looking);
  return query;
}

function apply(concept: Concept, query: Query, strength: number): void {
  for (const word of split(concept.means ?? '')) raise(query.words, stem(word), 1);
  for (const word of split(concept.hints ?? '')) raise(query.words, stem(word), 0.5);
  for (const [place, verb] of split(concept.does ?? '').entries())
    raise(query.verbs, verb, strength * (1 - place * 0.15));
  for (const [place, tool] of (concept.tools ?? []).entries()) raise(query.tools, tool, idiomWorth - place * idiomStep);
}

function raise(map: Map<string, number>, key: string, value: number): void {
  map.set(key, Math.max(map.get(key) ?? 0, value));
}

interface Phrase {
  words: readonly string[];
  spelt: readonly string[];
  concepts: Concept[];
}

const gap = '…';

/** Everything in the vocabulary that can be said, longest first. */
function vocabulary(): readonly Phrase[] {
  const found = new Map<string, Phrase>();
  for (const concept of concepts) {
    for (const said of concept.said) {
      const spelt = said.split(` ${gap} `).flatMap((part, n) => [...(n > 0 ? [gap] : []), ...split(part)]);
      const words = spelt.map((word) => (word === gap ? gap : stem(word)));
      const phrase = found.get(words.join(' ')) ?? { words, spelt: spelt.filter((word) => word !== gap), concepts: [] };
      phrase.concepts.push(concept);
      found.set(words.join(' '), phrase);
    }
  }
  return [...found.values()].sort((a, b) => b.spelt.length - a.spelt.length);
}

/** The positions of each occurrence of a phrase among the words that no longer phrase has taken. */
function occurrences(phrase: Phrase, words: readonly string[], taken: ReadonlyMap<number, number>): number[][] {
  const found: number[][] = [];
  for (let start = 0; start < words.length; start++) {
    const positions: number[] = [];
    let at = start;
    let slack = 0;
    for (const wanted of phrase.words) {
      if (wanted === gap) {
        slack = 3;
        continue;
      }
      const limit = at + slack;
      while (at < limit && words[at] !== wanted) at++;
      if (words[at] !== wanted || (taken.get(at) ?? 0) > phrase.spelt.length) break;
      positions.push(at++);
      slack = 0;
    }
    if (positions.length === phrase.spelt.length) found.push(positions);
  }
  return found;
}

function split(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/\be-mail/g, 'email')
      .replace(/'s\b/g, '')
      .match(/[a-z0-9]+/g) ?? []
  ).map((word) => spellings[word] ?? spellings[word.replace(/s$/, '')] ?? word);
}

/** Endings, longest first, with what stands in their place; short words keep theirs. */
const endings: readonly (readonly [RegExp, string])[] = [
  [/ies$/, 'y'],
  [/(ss|x|ch|sh)es$/, '$1'],
  [/([^su])s$/, '$1'],
];
const suffixes = /(?:ification|ifying|ified|ify)$/;

/** One form for all forms of a word: organizations and organization, invited and invitation. */
export function stem(word: string): string {
  if (word.length < 4) return word;
  let root = word;
  for (const [ending, instead] of endings) {
    if (ending.test(root)) {
      root = root.replace(ending, instead);
      break;
    }
  }
  // A connection is a thing of its own here, unlike connected accounts and Connect applications.
  if (root === 'connection') return root;
  if (suffixes.test(root)) return root.replace(suffixes, 'if');
  const shorter = root
    .replace(/ied$/, 'y')
    .replace(/(?:ation|ating|ated|ate)$/, '')
    .replace(/(?:ing|ed|ion|e)$/, '');
  const undoubled = shorter !== root ? shorter.replace(/([bdgmnprt])\1$/, '$1') : shorter;
  return undoubled.length >= 3 ? undoubled : root;
}

/** The word one edit away, for a longer word that is known nowhere. */
function corrected(word: string, index: Index): string {
  if (word.length < 5 || index.stems.has(stem(word))) return word;
  for (const candidate of index.spelt) if (candidate.length >= 4 && oneEdit(word, candidate)) return candidate;
  return word;
}

/** Whether one inserted, lost, changed or swapped letter lies between two words. */
function oneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const rest = (word: string, skip: number) => word.slice(start + skip);
  return (
    rest(a, 1) === rest(b, 1) ||
    rest(a, 1) === rest(b, 0) ||
    rest(a, 0) === rest(b, 1) ||
    (a[start] === b[start + 1] && a[start + 1] === b[start] && rest(a, 2) === rest(b, 2))
  );
}
