import { type Phrase, sameness, vocabulary } from './phrases.ts';
import { fillers, synonyms } from './vocabulary.ts';
import { oneEdit, split, stem } from './words.ts';

export interface Document {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: string;
}

export interface Entry {
  name: string;
  verb: string;
  /** The words after the verb. */
  nouns: readonly string[];
  /** The noun that the others describe: the roles of organization_roles. */
  head: string;
  /** What follows `by`, where it is said by what to find the thing. */
  qualifier: readonly string[];
  words: ReadonlyMap<string, number>;
}

export interface Index {
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
  /** Words with a hyphen that are known as such, unlike slugs. */
  compounds: ReadonlySet<string>;
}

/** How much a word counts by where in a tool it stands. */
const weight = { name: 3, title: 1.5, description: 1, aside: 0.3, toolset: 1.5 };

const indexes = new WeakMap<readonly Document[], Index>();

/** What is known about these tools, built once for each list of them. */
export function prepared(documents: readonly Document[]): Index {
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
    const nouns = split(rest.join(' ')).map(stem);
    const by = nouns.indexOf('by');
    const head = nouns[(by > 0 ? by : nouns.length) - 1] ?? '';
    return { name: document.name, verb, nouns, head, qualifier: by > 0 ? nouns.slice(by + 1) : [], words };
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
  const texts = [
    ...documents.map((document) => document.description),
    ...phrases.map((phrase) => phrase.said),
    ...Object.values(synonyms),
  ];
  const compounds = new Set(
    texts
      .join(' ')
      .toLowerCase()
      .match(/[a-z0-9]+(?:-[a-z0-9]+)+/g),
  );
  return { compounds, entries, names, rarity, nouns, verbs: firsts, phrases, synonyms: known, spelt, stems };
}

/** The word one edit away, for a longer word that is known nowhere. */
export function corrected(word: string, index: Index): string {
  if (word.length < 5 || index.stems.has(stem(word))) return word;
  for (const candidate of index.spelt) if (candidate.length >= 4 && oneEdit(word, candidate)) return candidate;
  return word;
}
