import { type Document, type Entry, type Index, prepared } from './corpus.ts';
import { type Idiom, type Query, understand } from './question.ts';

export type { Document };

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

/** What a verb is worth, next to a rare noun at about 10. */
const verbWorth = 3;
/** What is left of the words of a tool that does something else with the right thing. */
const otherVerb = 0.6;
/** Past this much, more mentions of a word hardly matter. */
const saturation = 2.5;
/** What it is worth when the question's first thing is what the tool is about, not just near it. */
const headWorth = 1.5;
/** What it is worth when one thing is asked for and the tool gets one, or many and it lists them. */
const numberWorth = 1.5;
/** What it is worth when the question says all of a tool's name and nothing else. */
const wholeName = 4;
/** What each word of its name costs a tool that the question does not say. */
const unsaid = 0.3;
/** What it is worth when the question says by what to find a thing. */
const byWorth = 5;
/** What an idiom gains where the verb of its tool is said as well. */
const saidToo = 3;
/** What is left of a tool that takes away or overwrites something where nobody asked for that. */
const unasked = 0.5;
/** Verbs that take something away or overwrite it. */
const destructive: ReadonlySet<string> = new Set(
  'delete remove revoke expire disable deactivate replace set'.split(' '),
);

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
  const idiom = query.tools.get(entry.name);
  if (words === 0 && !idiom) return 0;
  const named = explained(entry, query);
  const fit = (0.3 + (whole > 0 ? covered / whole : 0)) * (0.4 + 0.8 * named) * (verb > 0 ? 1 : otherVerb);
  const tool = idiom
    ? (idiom.worth + (verb > 1 ? saidToo : 0)) * (idiom.open ? 1 : 0.4 + 0.6 * explained(entry, query, idiom))
    : 0;
  const bonus = aim(entry, query) + naming(entry, query, verb, named) + finding(entry, query, verb);
  const kept = entry.nouns.every((noun) => query.kept.has(noun));
  const meant = verb > 0 && !kept && covered > whole * 0.2;
  const harm = destructive.has(entry.verb) && !idiom && !meant ? unasked : 1;
  return (words * fit + verb * verbWorth + tool + bonus) * harm;
}

/** How much of what the question speaks of is in the name of the tool, or part of the phrase that led to it. */
function explained(entry: Entry, query: Query, idiom?: Idiom): number {
  let spoken = 0;
  let met = 0;
  for (const { at, stems, worth } of query.things) {
    spoken += worth;
    const here = [...stems];
    if (idiom?.positions.has(at) || here.some((word) => entry.nouns.includes(word))) met += worth;
    else if (here.some((word) => entry.words.has(word))) met += worth * 0.4;
  }
  return spoken > 0 ? met / spoken : 1;
}

/** What speaks for a tool that is about the first thing of the question, and for the right number of it. */
function aim(entry: Entry, { head, verbs: asked }: Query): number {
  if (!head?.stems.has(entry.head)) return 0;
  const get = asked.get('get') ?? 0;
  const fits =
    (entry.verb === 'get' && head.number === 'one' && get > 0 && get >= (asked.get('list') ?? 0)) ||
    (entry.verb === 'list' && head.number === 'many' && asked.has('list'));
  const said = (asked.get(entry.verb) ?? 0) > 1;
  return headWorth * (said ? 2 : 1) + (fits ? numberWorth : 0);
}

/** What speaks for a tool whose whole name was said, and against one with more to its name than was said. */
function naming(entry: Entry, { words, head }: Query, verb: number, named: number): number {
  const missing = entry.nouns.filter((noun) => (words.get(noun) ?? 0) < 0.9).length;
  if (missing > 0) return -missing * unsaid;
  const apt = !head || head.stems.has(entry.head);
  const sure = verb > 1 || (verb === 1 && (entry.verb !== 'get' || head?.number === 'one'));
  return apt && sure && named > 0.9 ? wholeName : 0;
}

/** What speaks for a tool that finds a thing by what the question gives. */
function finding({ head, qualifier }: Entry, { words }: Query, verb: number): number {
  const given = qualifier.length > 0 && [head, ...qualifier].every((word) => words.has(word));
  return verb > 0 && given ? byWorth : 0;
}
