import { correctSpelling, type Index } from './corpus.ts';
import { findOccurrences, isGerund, isParticiple, isVerbalNoun, type Phrase, toWords, type Word } from './phrases.ts';
import { type Concept, fillers, prefixes, verbs } from './vocabulary.ts';
import { isPlural, stem, tokenize } from './words.ts';

/** What a question asks for, in the words of the tools. All words are stems. */
export interface SearchQuery {
  /** Words to look for, with their weights. */
  words: Map<string, number>;
  /** The verbs that a matching tool's name may start with, with their weights. */
  verbs: Map<string, number>;
  /** Tools that the question names or that an idiom stands for. */
  tools: Map<string, ToolMatch>;
  /** The words that the right tool should account for. */
  topics: { at: number; stems: ReadonlySet<string>; weight: number }[];
  head: Head | undefined;
  /** What something is to be removed from, which is not to be removed itself. */
  source: ReadonlySet<string>;
}

/** A tool that the question names, or that a phrase in it is an idiom for. */
export interface ToolMatch {
  weight: number;
  /** The positions of the phrase's words. */
  positions: Set<number>;
  /** The rest of the question may be about any object. */
  anyObject: boolean;
}

/** The question's main noun: in "the roles of an organization" it is roles. */
export interface Head {
  stems: ReadonlySet<string>;
  number: 'one' | 'many' | undefined;
}

/** The weight of the first tool of an idiom, and by how much that of each further one is lower. */
const IDIOM_WEIGHT = 14;
const IDIOM_STEP = 5;
/** The weight of a tool whose exact name is in the question. It outweighs everything else. */
const EXACT_NAME_WEIGHT = 1000;
/** The weight of a verb that is only implied, relative to one that was said. */
const IMPLIED = 0.5;
/** The weight of a verb that is the very word the tool's name starts with. */
const LITERAL = 1.3;
/** The weight of a word that is part of a longer phrase. */
const PART_OF_PHRASE = 0.4;

/** Verbs of tools that read many things, and of those that read one, with their weights. */
const READ_MANY = new Map([
  ['list', 1],
  ['get', 0.5],
  ['check', 0.5],
]);
const READ_ONE = new Map([
  ['get', 1],
  ['list', 0.9],
  ['check', 0.9],
  ['validate', 0.9],
]);
/** First words of questions that only read, and the verbs that they imply. */
const QUESTION_WORDS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  ...['which', 'what', 'who', 'where', 'whose', 'are', 'when'].map((word) => [word, READ_MANY] as const),
  ...['is', 'was', 'does', 'did', 'has', 'have'].map((word) => [word, READ_ONE] as const),
]);
/** Tools that are unlikely to be meant by a question that only reads. */
const WRITING_TOOL = /^(?:add|assign|delete|remove|revoke|set|update)_/;

/** Placeholders for an id or slug, and for a proper name. */
const ID_PLACEHOLDER = 'thatid';
const NAME_PLACEHOLDER = 'thatname';
const EMAIL = /[^\s@]{1,64}@[^\s@]+/g;
const ID_OR_SLUG = /\b[a-z]+(?:_[a-z]+)*_(?=\w*[A-Z0-9])\w+|\b[a-z]+(?:[:.][a-z]+)+\b|\b[a-z0-9]+(?:-[a-z0-9]+)+\b/g;
/** Capitalized words that do not start the question. */
const PROPER_NAME = /(?<=\w,? +)[A-Z][a-z]+\b(?: [A-Z][a-z]+\b)*/g;

/** Politeness before the actual question. */
const PREAMBLE =
  /^(?:(?:please|hi|hello|hey|(?:how )?(?:can|could|would|should) (?:i|we|you)|how do (?:i|we|you)|(?:i|we) (?:want|need|have) to|(?:i'd|we'd|i would) like to|help me)\b[ ,]*)+(?=\w)/i;

/** Parses a question into what the ranking looks for. */
export function parseQuestion(question: string, index: Index): SearchQuery {
  const tokens = tokenize(replaceNames(question.replace(PREAMBLE, ''), index));
  const words = toWords(
    tokens.map((word) => correctSpelling(word, index)),
    index.synonyms,
  );
  const query: SearchQuery = {
    words: new Map(),
    verbs: new Map(),
    tools: new Map(),
    topics: [],
    head: undefined,
    source: findSource(words, index),
  };
  const parse: Parse = {
    words,
    meanings: words.map((word) => new Set([word.stem, word.canonical])),
    headMeanings: words.map((word) => new Set([word.stem, word.canonical])),
    verbPositions: new Set(),
    claimed: new Map(),
    claimedByVerb: new Map(),
    hasCommand: false,
  };
  for (const phrase of index.phrases) applyPhrase(phrase, parse, query, index);
  for (const [at, word] of words.entries()) applyWord(at, word, parse, query, index);
  query.topics = findTopics(parse, index);
  query.head = findHead(parse, index);
  for (const name of question.toLowerCase().match(/[a-z0-9_]+/g) ?? []) {
    if (index.names.has(name)) {
      query.tools.set(name, { weight: EXACT_NAME_WEIGHT, positions: new Set(), anyObject: true });
    }
  }
  adjustVerbs(parse, query);
  return query;
}

/** The state of parsing a question. */
interface Parse {
  readonly words: readonly Word[];
  /** For each word the stems it may stand for: its own, its synonym's, and the meanings of the phrases it is part of. */
  readonly meanings: readonly Set<string>[];
  /** The same without meanings that only several words have together. */
  readonly headMeanings: readonly Set<string>[];
  /** The positions of words that say what to do. */
  readonly verbPositions: Set<number>;
  /** For each position the length of the longest phrase found there. */
  readonly claimed: Map<number, number>;
  /** The same for phrases with verbs or tools only. A phrase that only names a thing leaves its verbs to others. */
  readonly claimedByVerb: Map<number, number>;
  /** The question says what to do. */
  hasCommand: boolean;
}

/**
 * Replaces ids, slugs and names of companies and people with placeholders. Of these only matters that one thing is
 * meant, and an id's prefix tells what kind of thing.
 */
function replaceNames(question: string, index: Index): string {
  return question
    .replace(EMAIL, ` ${NAME_PLACEHOLDER} `)
    .replace(ID_OR_SLUG, (match) => {
      const isKnown =
        index.names.has(match) ||
        index.compounds.has(match) ||
        tokenize(match).some((part) => fillers.has(part) || index.nouns.has(stem(part)));
      return isKnown ? match : ` ${prefixes[match.split('_')[0] ?? ''] ?? ''} ${ID_PLACEHOLDER} `;
    })
    .replace(PROPER_NAME, (match) =>
      tokenize(match).some((word) => index.stems.has(stem(word))) ? match : ` ${NAME_PLACEHOLDER} `,
    );
}

function applyPhrase(phrase: Phrase, parse: Parse, query: SearchQuery, index: Index): void {
  const { words, verbPositions, claimed, claimedByVerb } = parse;
  const isVerb = phrase.concepts.every((concept) => verbs.includes(concept));
  const isSingleWord = phrase.length === 1;
  for (const positions of findOccurrences(phrase, words, isVerb ? claimedByVerb : claimed)) {
    for (const position of positions) {
      claimed.set(position, Math.max(claimed.get(position) ?? 0, phrase.length));
      if (phrase.concepts.some(({ does, tools }) => does ?? tools)) claimedByVerb.set(position, phrase.length);
    }
    const word = isSingleWord ? words[positions[0] ?? 0] : undefined;
    // "invitation" and "invited" match "invite" but do not ask to invite anybody.
    const isNoun = word !== undefined && isVerbalNoun(word) && !/(?:tion|ment)$/.test(phrase.text);
    const isDescriptive = isNoun || (word !== undefined && isParticiple(word));
    const isVague = isDescriptive || (word !== undefined && isGerund(word));
    for (const concept of phrase.concepts) {
      const isVerbConcept = verbs.includes(concept);
      // A claimed domain has nothing to do with claims.
      if (isDescriptive && !isVerbConcept && !phrase.tokens[0]?.endsWith('ed')) continue;
      applyConcept(concept, query, !isSingleWord || (isVerbConcept && !isVague) ? 1 : IMPLIED, positions);
      if (isVerbConcept) for (const position of positions) verbPositions.add(position);
      else addMeanings(concept, positions, parse, index);
      parse.hasCommand ||= !isDescriptive && concept.does !== undefined;
    }
  }
}

function applyConcept(concept: Concept, query: SearchQuery, strength: number, positions: readonly number[]): void {
  for (const word of tokenize(concept.means ?? '')) raise(query.words, stem(word), 1);
  for (const word of tokenize(concept.hints ?? '')) raise(query.words, stem(word), 0.5);
  for (const [rank, verb] of tokenize(concept.does ?? '').entries()) {
    raise(query.verbs, verb, strength * (1 - rank * 0.15));
  }
  for (const [rank, tool] of (concept.tools?.split(' ') ?? []).entries()) {
    const before = query.tools.get(tool);
    query.tools.set(tool, {
      weight: Math.max(before?.weight ?? 0, IDIOM_WEIGHT - rank * IDIOM_STEP),
      positions: new Set([...(before?.positions ?? []), ...positions]),
      anyObject: (before?.anyObject ?? false) || concept.anyObject === true,
    });
  }
}

/** Adds a concept's meaning to the words of its phrase, except to those that have it already: "directory user". */
function addMeanings(
  concept: Concept,
  positions: readonly number[],
  { words, meanings, headMeanings }: Parse,
  index: Index,
): void {
  const means = tokenize(concept.means ?? '').map(stem);
  const mentioned = new Set(words.flatMap((word) => [word.stem, word.canonical]));
  const isIdiom = positions.every((position) => !index.nouns.has(words[position]?.canonical ?? ''));
  for (const position of positions) {
    if (means.some((word) => meanings[position]?.has(word))) continue;
    for (const word of means) {
      if (mentioned.has(word)) continue;
      meanings[position]?.add(word);
      if (positions.length === 1 || isIdiom) headMeanings[position]?.add(word);
    }
  }
}

function applyWord(at: number, word: Word, parse: Parse, query: SearchQuery, index: Index): void {
  if (word.text === NAME_PLACEHOLDER) raise(query.words, stem('organization'), 0.5);
  if (fillers.has(word.text)) return;
  const claimed = parse.claimed.get(at) ?? 0;
  const verb = index.verbs.get(word.stem);
  if (verb && (parse.claimedByVerb.get(at) ?? 0) < 2) {
    const isCommand = !isParticiple(word) && !isVerbalNoun(word);
    raise(query.verbs, verb, isCommand ? LITERAL : IMPLIED);
    parse.hasCommand ||= isCommand;
    parse.verbPositions.add(at);
  }
  const keepsWeight = claimed === 0 || (claimed === 1 && index.nouns.has(word.stem));
  if (word.canonical !== word.stem) raise(query.words, word.canonical, claimed > 1 ? PART_OF_PHRASE : 1);
  raise(query.words, word.stem, keepsWeight ? 1 : PART_OF_PHRASE);
}

/** What a proper name may be the name of. */
const NAMED: ReadonlySet<string> = new Set(['organization', 'user', 'member', 'membership'].map(stem));

function findTopics({ words, meanings, verbPositions }: Parse, index: Index): SearchQuery['topics'] {
  return words.flatMap((word, at) => {
    if (word.text === NAME_PLACEHOLDER) return { at, stems: NAMED, weight: 1 };
    if (fillers.has(word.text) || (verbPositions.has(at) && !index.nouns.has(word.stem))) return [];
    const known = [...(meanings[at] ?? [])].filter((meaning) => index.rarity.has(meaning));
    if (known.length === 0) return [];
    const rarity = known.reduce((most, meaning) => Math.max(most, index.rarity.get(meaning) ?? 0), 0);
    const isNoun = known.some((meaning) => index.nouns.has(meaning));
    return { at, stems: new Set(known), weight: isNoun ? rarity : rarity * 0.3 };
  });
}

const DETERMINERS: ReadonlySet<string> = new Set(['a', 'an', 'the', 'this', 'that', 'one', 'my', 'our', 'single']);

/** The last noun of the first noun phrase. */
function findHead({ words, headMeanings, verbPositions }: Parse, index: Index): Head | undefined {
  if (words[0]?.text === 'who') return { stems: new Set(['member', stem('membership'), 'user']), number: 'many' };
  let last = -1;
  let isSingle = false;
  for (const [at, { text }] of words.entries()) {
    const isBreak = fillers.has(text) || verbPositions.has(at);
    const isNoun = !isBreak && [...(headMeanings[at] ?? [])].some((word) => index.nouns.has(word));
    if (isNoun) last = at;
    else if (isBreak && last >= 0) break;
    if (last < 0 && isBreak) isSingle = DETERMINERS.has(text);
  }
  const head = words[last];
  if (!head) return undefined;
  // The id may come later: "the company with the organization id org_123".
  isSingle ||= words.some(({ text }, at) => text === ID_PLACEHOLDER && words[at - 1]?.canonical === head.canonical);
  isSingle ||= words[last + 1]?.text === ID_PLACEHOLDER || words[last - 1]?.text === ID_PLACEHOLDER;
  return {
    stems: headMeanings[last] ?? new Set(),
    number: isPlural(head.text) ? 'many' : isSingle ? 'one' : undefined,
  };
}

/** In "remove her from the organization" it is the organization. */
function findSource(words: readonly Word[], index: Index): ReadonlySet<string> {
  const from = words.findIndex(({ text }, at) => text === 'from' || (text === 'of' && words[at - 1]?.text === 'out'));
  const noun =
    from < 0 ? undefined : words.slice(from + 1, from + 4).find(({ canonical }) => index.nouns.has(canonical));
  return new Set(noun ? [noun.canonical] : []);
}

/** Favors reading if the question asks for information, or does not say what to do. */
function adjustVerbs({ words, hasCommand }: Parse, query: SearchQuery): void {
  const firstWord = words[0]?.text ?? '';
  const asksStatus = words.some(({ text }) => text === 'status');
  const asksAboutOne = query.head?.number === 'one' && firstWord !== 'which' && QUESTION_WORDS.has(firstWord);
  const impliedVerbs = asksAboutOne || asksStatus ? READ_ONE : QUESTION_WORDS.get(firstWord);
  if (impliedVerbs) {
    // "Is it enabled?" does not ask to enable it.
    for (const [verb, weight] of query.verbs) {
      if (!READ_MANY.has(verb) && verb !== 'validate') query.verbs.set(verb, weight * IMPLIED);
    }
    for (const [verb, weight] of impliedVerbs) raise(query.verbs, verb, weight);
    for (const [name, match] of query.tools) {
      if (WRITING_TOOL.test(name) && match.weight < EXACT_NAME_WEIGHT) {
        query.tools.set(name, { ...match, weight: match.weight * IMPLIED });
      }
    }
  }
  const defaults = query.head?.number === 'one' ? READ_ONE : READ_MANY;
  if (!hasCommand && query.tools.size === 0) {
    for (const [verb, weight] of defaults) raise(query.verbs, verb, weight);
  }
  // "Turn it off for all" is a clear command; "all" does not ask for a list.
  const isClearCommand = [...query.verbs].some(([verb, weight]) => weight >= 1 && !READ_MANY.has(verb));
  if (isClearCommand && (query.verbs.get('list') ?? 1) <= IMPLIED) query.verbs.delete('list');
  const list = query.verbs.get('list');
  if (list && words.some(({ text }) => text === ID_PLACEHOLDER)) raise(query.verbs, 'get', list);
  const get = query.verbs.get('get');
  if ((get || query.verbs.has('list')) && query.head?.number === 'many') {
    raise(query.verbs, 'list', Math.max(1, get ?? 0));
  }
}

/** Sets a weight unless it is higher already. */
function raise(weights: Map<string, number>, key: string, weight: number): void {
  weights.set(key, Math.max(weights.get(key) ?? 0, weight));
}
