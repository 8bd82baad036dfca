import { type Concept, synonyms, things, verbs } from './vocabulary.ts';
import { split, stem } from './words.ts';

export interface Phrase {
  /** Runs of words: the next follows within a few words, or anywhere where the order is free. */
  parts: readonly (readonly Word[])[];
  free: boolean;
  /** How many words it has: more of them know better. */
  length: number;
  said: string;
  spelt: readonly string[];
  concepts: Concept[];
}

/** Everything in the vocabulary that can be said, longest first. */
export function vocabulary(known: ReadonlyMap<string, string>): readonly Phrase[] {
  const found = new Map<string, Phrase>();
  for (const concept of [...verbs, ...things]) {
    for (const said of concept.said.split(', ')) {
      let phrase = found.get(said);
      if (!phrase) {
        const spelt = split(said);
        const parts = said.split(/ […+] /).map((part) => read(split(part), known));
        phrase = { said, parts, free: said.includes(' + '), length: parts.flat().length, spelt, concepts: [] };
        found.set(said, phrase);
      }
      phrase.concepts.push(concept);
    }
  }
  return [...found.values()].sort((a, b) => b.length - a.length);
}

const slack = 3;

/** The positions of each occurrence of a phrase among the words that no longer phrase has taken. */
export function occurrences(phrase: Phrase, words: readonly Word[], taken: ReadonlyMap<number, number>): number[][] {
  const isAt = (part: readonly Word[], at: number) =>
    part.every((wanted, n) => {
      const word = words[at + n];
      return (
        word !== undefined &&
        (word.stem === wanted.stem || word.same === wanted.stem) &&
        // "Connect their account" is not said by "their connected account".
        (phrase.length === 1 || isParticiple(word) === isParticiple(wanted)) &&
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
export interface Word {
  spelt: string;
  stem: string;
  same: string;
}

/** The synonyms by their words: `sign in` to the stem of login. */
export function sameness(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(synonyms).flatMap(([word, said]) =>
      said.split(', ').map((other) => [split(other).map(stem).join(' '), stem(word)] as const),
    ),
  );
}

/** The words of a text, with a synonym of two words as one. */
export function read(spelt: readonly string[], known: ReadonlyMap<string, string>): Word[] {
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

/** "Registered apps" are looked at; nobody wants to register them. */
export function isParticiple({ spelt }: Word): boolean {
  return spelt.endsWith('ed');
}

/** "Verification events" are not about to be verified. */
export function isNoun({ spelt }: Word): boolean {
  return /(?:tion|ment)s?$/.test(spelt);
}

/** "Stop sending" is not about to send. */
export function isGerund({ spelt }: Word): boolean {
  return /..ing$/.test(spelt);
}
