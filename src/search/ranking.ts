import { type Document, type Entry, type Index, indexFor } from './corpus.ts';
import { parseQuestion, type SearchQuery, type ToolMatch } from './question.ts';

export type { Document };

/**
 * Ranks tools by how well they match a question in plain English. Deterministic and offline.
 * @param documents the tools; their index is cached per array
 * @returns at most `limit` tools with a score above zero, best first
 */
export function rank(
  question: string,
  documents: readonly Document[],
  limit: number,
): { name: string; score: number }[] {
  const index = indexFor(documents);
  const query = parseQuestion(question, index);
  return index.entries
    .map((entry) => ({ name: entry.name, score: score(entry, query, index) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}

/** The weight of a matching verb. For comparison, a rare noun has about 10. */
const VERB_WEIGHT = 3;
/** Factor on the words' score of a tool whose verb does not match. */
const OTHER_VERB_FACTOR = 0.6;
/** The number of occurrences at which a word reaches half of its highest possible score. */
const SATURATION = 2.5;
/** Bonus if the question's main noun is the tool's. Doubled if the verb was said as well. */
const HEAD_BONUS = 1.5;
/** Bonus if one thing is asked for and the tool gets one, or many and it lists them. */
const NUMBER_BONUS = 1.5;
/** Bonus if the question contains all of a tool's name and names nothing else. */
const FULL_NAME_BONUS = 4;
/** Penalty for each word of a tool's name that the question does not contain. */
const MISSING_WORD_PENALTY = 0.3;
/** Bonus if the question contains what the tool looks things up by. */
const QUALIFIER_BONUS = 5;
/** Bonus on an idiom if its tool's verb is said as well. */
const IDIOM_VERB_BONUS = 3;
/** Factor on the score of a destructive tool if the question does not ask for destruction. */
const UNREQUESTED_DESTRUCTION_FACTOR = 0.5;
const DESTRUCTIVE_VERBS: ReadonlySet<string> = new Set(
  'delete remove revoke expire disable deactivate replace set'.split(' '),
);

function score(entry: Entry, query: SearchQuery, index: Index): number {
  let wordScore = 0;
  for (const [word, weight] of query.words) {
    const frequency = entry.words.get(word) ?? 0;
    if (frequency > 0) wordScore += weight * (index.rarity.get(word) ?? 0) * (frequency / (frequency + SATURATION));
  }
  let mentioned = 0;
  let total = 0;
  for (const noun of entry.nouns) {
    const rarity = index.rarity.get(noun) ?? 0;
    total += rarity;
    mentioned += rarity * Math.min(1, query.words.get(noun) ?? 0);
  }
  const verb = query.verbs.get(entry.verb) ?? 0;
  const match = query.tools.get(entry.name);
  if (wordScore === 0 && !match) return 0;
  const coverage = topicCoverage(entry, query);
  const nameFit = 0.3 + (total > 0 ? mentioned / total : 0);
  const fit = nameFit * (0.4 + 0.8 * coverage) * (verb > 0 ? 1 : OTHER_VERB_FACTOR);
  const matchScore = match
    ? (match.weight + (verb > 1 ? IDIOM_VERB_BONUS : 0)) *
      (match.anyObject ? 1 : 0.4 + 0.6 * topicCoverage(entry, query, match))
    : 0;
  const bonus = headBonus(entry, query) + nameBonus(entry, query, verb, coverage) + qualifierBonus(entry, query, verb);
  const isSource = entry.nouns.every((noun) => query.source.has(noun));
  const isRequested = verb > 0 && !isSource && mentioned > total * 0.2;
  const isUnrequested = DESTRUCTIVE_VERBS.has(entry.verb) && !match && !isRequested;
  return (
    (wordScore * fit + verb * VERB_WEIGHT + matchScore + bonus) * (isUnrequested ? UNREQUESTED_DESTRUCTION_FACTOR : 1)
  );
}

/** The share, from 0 to 1, of the question's topics that are in the tool's name or in the phrase that is an idiom for it. */
function topicCoverage(entry: Entry, query: SearchQuery, match?: ToolMatch): number {
  let total = 0;
  let covered = 0;
  for (const { at, stems, weight } of query.topics) {
    total += weight;
    const words = [...stems];
    if (match?.positions.has(at) || words.some((word) => entry.nouns.includes(word))) covered += weight;
    else if (words.some((word) => entry.words.has(word))) covered += weight * 0.4;
  }
  return total > 0 ? covered / total : 1;
}

function headBonus(entry: Entry, { head, verbs }: SearchQuery): number {
  if (!head?.stems.has(entry.head)) return 0;
  const get = verbs.get('get') ?? 0;
  const numberFits =
    (entry.verb === 'get' && head.number === 'one' && get > 0 && get >= (verbs.get('list') ?? 0)) ||
    (entry.verb === 'list' && head.number === 'many' && verbs.has('list'));
  const isVerbSaid = (verbs.get(entry.verb) ?? 0) > 1;
  return HEAD_BONUS * (isVerbSaid ? 2 : 1) + (numberFits ? NUMBER_BONUS : 0);
}

function nameBonus(entry: Entry, { words, head }: SearchQuery, verb: number, coverage: number): number {
  const missing = entry.nouns.filter((noun) => (words.get(noun) ?? 0) < 0.9).length;
  if (missing > 0) return -missing * MISSING_WORD_PENALTY;
  const headFits = !head || head.stems.has(entry.head);
  const verbFits = verb > 1 || (verb === 1 && (entry.verb !== 'get' || head?.number === 'one'));
  return headFits && verbFits && coverage > 0.9 ? FULL_NAME_BONUS : 0;
}

function qualifierBonus({ head, qualifier }: Entry, { words }: SearchQuery, verb: number): number {
  const isGiven = qualifier.length > 0 && [head, ...qualifier].every((word) => words.has(word));
  return verb > 0 && isGiven ? QUALIFIER_BONUS : 0;
}
