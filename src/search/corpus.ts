import { compilePhrases, mapSynonyms, type Phrase } from './phrases.ts';
import { fillers, synonyms } from './vocabulary.ts';
import { isOneEditApart, stem, tokenize } from './words.ts';

/** What the ranking knows of a tool. */
export interface Document {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly toolset: string;
}

/** The index of all tools. All words in it are stems unless stated otherwise. */
export interface Index {
  entries: readonly Entry[];
  /** The tools' names. */
  names: ReadonlySet<string>;
  /** The inverse document frequency of each word: https://en.wikipedia.org/wiki/Tf%E2%80%93idf */
  rarity: ReadonlyMap<string, number>;
  /** The nouns of all tools' names. They keep their full weight even as part of a phrase. */
  nouns: ReadonlySet<string>;
  /** The stem of each verb that a tool's name starts with, and the verb. */
  verbs: ReadonlyMap<string, string>;
  phrases: readonly Phrase[];
  synonyms: ReadonlyMap<string, string>;
  /** Whole words, as candidates for correcting misspelt ones. */
  knownWords: ReadonlySet<string>;
  stems: ReadonlySet<string>;
  /** Hyphenated words that are not slugs. */
  compounds: ReadonlySet<string>;
}

/** An indexed tool. */
export interface Entry {
  name: string;
  /** The first word of its name. */
  verb: string;
  /** The words of its name after the verb. */
  nouns: readonly string[];
  /** The noun that the others qualify: `role` in `list_organization_roles`. */
  head: string;
  /** What follows `by` in its name, as in `get_user_by_external_id`. */
  qualifier: readonly string[];
  /** How often each word occurs, weighted by where. */
  words: ReadonlyMap<string, number>;
}

/** How much an occurrence of a word counts. A description's sentence that names another tool is an aside. */
const FIELD_WEIGHTS = { name: 3, title: 1.5, description: 1, aside: 0.3, toolset: 1.5 };

const indexes = new WeakMap<readonly Document[], Index>();

/** The index of these tools. It is built once per array. */
export function indexFor(documents: readonly Document[]): Index {
  let index = indexes.get(documents);
  if (!index) {
    index = buildIndex(documents);
    indexes.set(documents, index);
  }
  return index;
}

function buildIndex(documents: readonly Document[]): Index {
  const names = new Set(documents.map((document) => document.name));
  const knownWords = new Set<string>();
  const entries = documents.map((document) => {
    const words = new Map<string, number>();
    const count = (text: string, weight: number) => {
      for (const word of tokenize(text)) {
        knownWords.add(word);
        const key = stem(word);
        if (!fillers.has(word)) words.set(key, (words.get(key) ?? 0) + weight);
      }
    };
    const [verb = '', ...rest] = document.name.split('_');
    count(rest.join(' '), FIELD_WEIGHTS.name);
    count(document.title.toLowerCase().replace(verb, ''), FIELD_WEIGHTS.title);
    count(document.toolset.replaceAll('_', ' '), FIELD_WEIGHTS.toolset);
    for (const sentence of document.description.split(/(?<=[.:;]) /)) {
      const namesOther = sentence.match(/[a-z]+(?:_[a-z0-9]+)+/g)?.some((word) => names.has(word));
      count(sentence.replace(/\w+_\w+/g, ' '), namesOther ? FIELD_WEIGHTS.aside : FIELD_WEIGHTS.description);
    }
    const nouns = tokenize(rest.join(' ')).map(stem);
    const by = nouns.indexOf('by');
    const head = nouns[(by > 0 ? by : nouns.length) - 1] ?? '';
    return { name: document.name, verb, nouns, head, qualifier: by > 0 ? nouns.slice(by + 1) : [], words };
  });
  const frequency = new Map<string, number>();
  for (const entry of entries) {
    for (const word of entry.words.keys()) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  }
  const rarity = new Map([...frequency].map(([word, count]) => [word, Math.log(1 + entries.length / count)]));
  const synonymStems = mapSynonyms();
  const phrases = compilePhrases(synonymStems);
  const verbs = new Map(entries.map(({ verb }) => [stem(verb), verb]));
  const nouns = new Set(entries.flatMap((entry) => entry.nouns));
  for (const word of [...phrases.flatMap((phrase) => phrase.tokens), ...Object.values(synonyms).flatMap(tokenize)]) {
    knownWords.add(word);
  }
  const stems = new Set([...frequency.keys(), ...[...knownWords, ...fillers].map(stem)]);
  const texts = [
    ...documents.map((document) => document.description),
    ...phrases.map((phrase) => phrase.text),
    ...Object.values(synonyms),
  ];
  const compounds = new Set(
    texts
      .join(' ')
      .toLowerCase()
      .match(/[a-z0-9]+(?:-[a-z0-9]+)+/g),
  );
  return { compounds, entries, names, rarity, nouns, verbs, phrases, synonyms: synonymStems, knownWords, stems };
}

/** Replaces an unknown word of five letters or more with a known word that is one edit away, if there is one. */
export function correctSpelling(word: string, index: Index): string {
  if (word.length < 5 || index.stems.has(stem(word))) return word;
  for (const candidate of index.knownWords) {
    if (candidate.length >= 4 && isOneEditApart(word, candidate)) return candidate;
  }
  return word;
}
