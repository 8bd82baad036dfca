import { type Concept, synonyms, topics, verbs } from './vocabulary.ts';
import { stem, tokenize } from './words.ts';

/** A phrase of the vocabulary, ready to be matched. */
export interface Phrase {
  /** The phrase as the vocabulary has it. */
  text: string;
  /** Runs of consecutive words. Each run follows the one before within a few words. */
  parts: readonly (readonly Word[])[];
  /** The parts may come in any order and any distance apart. */
  anyOrder: boolean;
  /** The number of words. Longer phrases take precedence. */
  length: number;
  tokens: readonly string[];
  /** The concepts that list this phrase. */
  concepts: Concept[];
}

/** A word of a question or a phrase. */
export interface Word {
  /** As typed, in lower case. */
  text: string;
  stem: string;
  /** The stem of the word that this is a synonym of, or its own. */
  canonical: string;
}

/** Compiles all phrases of the vocabulary, longest first. */
export function compilePhrases(synonymStems: ReadonlyMap<string, string>): readonly Phrase[] {
  const compiled = new Map<string, Phrase>();
  for (const concept of [...verbs, ...topics]) {
    for (const text of concept.phrases.split(', ')) {
      let phrase = compiled.get(text);
      if (!phrase) {
        const tokens = tokenize(text);
        const parts = text.split(/ […+] /).map((part) => toWords(tokenize(part), synonymStems));
        const anyOrder = text.includes(' + ');
        phrase = { text, parts, anyOrder, length: parts.flat().length, tokens, concepts: [] };
        compiled.set(text, phrase);
      }
      phrase.concepts.push(concept);
    }
  }
  return [...compiled.values()].sort((a, b) => b.length - a.length);
}

/** How many words may stand between two parts of a phrase. */
const MAX_GAP = 3;

/**
 * Finds a phrase in a question.
 * @param claimed for each position the length of the longest phrase found there so far; a shorter one does not match
 * @returns the word positions of each occurrence
 */
export function findOccurrences(
  phrase: Phrase,
  words: readonly Word[],
  claimed: ReadonlyMap<number, number>,
): number[][] {
  const matchesAt = (part: readonly Word[], position: number) =>
    part.every((expected, offset) => {
      const word = words[position + offset];
      return (
        word !== undefined &&
        (word.stem === expected.stem || word.canonical === expected.stem) &&
        // "connect their account" does not match "their connected account".
        (phrase.length === 1 || isParticiple(word) === isParticiple(expected)) &&
        (claimed.get(position + offset) ?? 0) <= phrase.length
      );
    });
  const found: number[][] = [];
  const [first = [], ...rest] = phrase.parts;
  for (let start = 0; start < words.length; start++) {
    if (!matchesAt(first, start)) continue;
    const positions = first.map((_, offset) => start + offset);
    let end = start + first.length;
    for (const part of rest) {
      const from = phrase.anyOrder ? 0 : end;
      const to = phrase.anyOrder ? words.length : end + MAX_GAP + 1;
      let at = from;
      while (at < to && (positions.includes(at) || !matchesAt(part, at))) at++;
      if (at === to) break;
      for (const offset of part.keys()) positions.push(at + offset);
      end = at + part.length;
    }
    if (positions.length === phrase.length) found.push(positions);
  }
  return found;
}

/** Maps the stems of each synonym, separated by spaces, to the stem of the word it stands for: `sign in` to that of `login`. */
export function mapSynonyms(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(synonyms).flatMap(([word, list]) =>
      list.split(', ').map((synonym) => [tokenize(synonym).map(stem).join(' '), stem(word)] as const),
    ),
  );
}

/** Stems words and looks up their synonyms. A synonym of two words becomes one word. */
export function toWords(tokens: readonly string[], synonymStems: ReadonlyMap<string, string>): Word[] {
  const words: Word[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const pair = tokens
      .slice(at, at + 2)
      .map(stem)
      .join(' ');
    const token = tokens[at] ?? '';
    const pairSynonym = at + 1 < tokens.length ? synonymStems.get(pair) : undefined;
    if (pairSynonym) {
      words.push({ text: pair, stem: pairSynonym, canonical: pairSynonym });
      at++;
    } else {
      words.push({ text: token, stem: stem(token), canonical: synonymStems.get(stem(token)) ?? stem(token) });
    }
  }
  return words;
}

/** Participles describe and do not command: "registered apps" is not about registering any. */
export function isParticiple({ text }: Word): boolean {
  return text.endsWith('ed');
}

/** Nouns made of verbs do not command either: "verification events" is not about verifying any. */
export function isVerbalNoun({ text }: Word): boolean {
  return /(?:tion|ment)s?$/.test(text);
}

/** Nor do gerunds: "stop sending" is not about sending. */
export function isGerund({ text }: Word): boolean {
  return /..ing$/.test(text);
}
