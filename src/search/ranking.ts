import MiniSearch from 'minisearch';
import { stem, tokenize, toTerm } from './words.ts';

/** The fields of a tool that the ranking uses. `also` holds phrases that operators use for it. */
export type Document = Record<'name' | 'title' | 'description' | 'effect', string> & { also: readonly string[] };

/** The weight of a word in each field. */
const BOOST = { name: 2.5, title: 2.5, also: 4, description: 1 };
/** Score factors of fuzzy and prefix matches, of tools that the question names, and of effects that it does not ask for. */
const [GUESSED, NAMED, OTHER_EFFECT] = [0.3, 1000, 0.35];
/** The verbs that ask for each effect. A destructive tool either replaces something or only removes it. */
const VERBS = Object.entries({
  read: 'get list find check',
  create: 'create send store update enable rotate',
  update: 'update create enable replace pause block unblock disable rotate',
  replace: 'replace update keep',
  remove: 'delete disable expire logout end block unblock reset offboard tear cut',
}).map(([effect, verbs]) => ({ effect, verbs: verbs.split(' ').map(stem) }));
/** A question that starts like this asks for information, whatever its verbs are. */
const READING = /^(?:(?:who|what|where|when|why)'?s?|whose|which|is|are|has|have|does|did|how many|how long)\b/i;
const isDestructive = (effect: string) => effect === 'replace' || effect === 'remove';

const indexes = new WeakMap<readonly Document[], ReturnType<typeof build>>();

/**
 * Ranks tools by how well they match a question in plain English. Deterministic and offline.
 * @param documents The tools; their index is cached per array.
 * @returns At most `limit` tools, best first. A destructive one is first only if the question asks for its effect or nothing
 * else fits.
 */
export function rank(question: string, documents: readonly Document[], limit: number): { name: string }[] {
  const { search, counts } = indexes.get(documents) ?? build(documents);
  indexes.set(documents, { search, counts });
  const named = new Set(question.match(/[a-z]+(?:_[a-z]+)+/g));
  // Forms such as "revoked" and "expires" describe a state, not an action.
  const terms = tokenize(question).map((word) => (/(?:ed|ing|s)$/.test(word) ? undefined : toTerm(word)));
  const said = VERBS.filter(({ verbs }) => verbs.some((verb) => terms.includes(verb))).map(({ effect }) => effect);
  const asked = READING.test(question) ? ['read'] : said;
  const isAsked = (effect: string) => (asked.length > 0 ? asked.includes(effect) : !isDestructive(effect));
  const isUnknown = (term: string) => term.length > 3 && !counts.has(term);
  // An unknown word is as likely a name as a misspelling, so it counts like a common one.
  const rarity = (term: string) => Math.log(3 + documents.length / (counts.get(term) ?? 60));
  const hits = search
    .search(question, {
      boost: BOOST,
      boostDocument: (name, _, tool) => (named.has(name) ? NAMED : isAsked(`${tool?.['effect']}`) ? 1 : OTHER_EFFECT),
      fuzzy: (term) => isUnknown(term) && 0.25,
      prefix: isUnknown,
      weights: { fuzzy: GUESSED, prefix: GUESSED },
    })
    // MiniSearch multiplies a score by the number of words found. Their rarity is a better measure.
    .map(({ id, effect, score, queryTerms }) => {
      const found = queryTerms.reduce((sum, term) => sum + rarity(term), 0);
      return { name: `${id}`, effect: `${effect}`, score: (score / queryTerms.length) * found ** 2 };
    })
    .sort((a, b) => b.score - a.score);
  const first = hits.findIndex(({ name, effect }) => named.has(name) || isAsked(effect) || !isDestructive(effect));
  return [...hits.splice(Math.max(first, 0), 1), ...hits].slice(0, limit);
}

function build(documents: readonly Document[]) {
  /** The number of fields in which each stem occurs. */
  const counts = new Map<string, number>();
  const known = (word: string) => {
    const term = toTerm(word);
    if (term) counts.set(term, (counts.get(term) ?? 0) + 1);
    // The whole word is indexed too, because a misspelled word resembles it more than its stem.
    return term && term !== word ? [term, word] : term;
  };
  const asked = (word: string) => (counts.has(toTerm(word) ?? word) ? toTerm(word) : toTerm(word) && word);
  const options = { idField: 'name', fields: Object.keys(BOOST), storeFields: ['effect'], tokenize };
  const search = new MiniSearch({ ...options, processTerm: known, searchOptions: { processTerm: asked } });
  for (const { name, also, ...document } of documents) {
    const kind = /^(?:set|replace|update|confirm)_/.test(name) ? 'replace' : 'remove';
    const effect = document.effect.replace(/delete|overwrite/, kind);
    // A sentence with an underscore is about another tool or an argument.
    const description = document.description.replace(/[^.;]* \w+_\w[^.;]*/g, '');
    search.add({ ...document, name, effect, description, also: also.join(', ') });
  }
  return { search, counts };
}
