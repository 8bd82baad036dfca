import { describe, expect, it } from 'vitest';
import { type Document, rank } from '../../src/search/ranking.ts';
import { things, verbs } from '../../src/search/vocabulary.ts';
import { tools } from '../../src/tools/catalog.ts';
import { isDestructive } from '../../src/tools/define.ts';
import { questions, type Row } from '../fixtures/questions.ts';

const documents: readonly Document[] = [...tools.values()].filter((tool) => tool.toolset !== 'discovery');

interface Miss {
  question: string;
  wanted: string;
  found: string[];
}

/** The questions whose wanted tools are not among the first `places`. */
function misses(rows: readonly Row[], places: number): Miss[] {
  return rows.flatMap(([question, first, ...amongFive]) => {
    const found = rank(question, documents, places).map((hit) => hit.name);
    const wanted = places === 1 ? [first] : [first, ...amongFive];
    const missing = wanted.filter((name) => !found.includes(name));
    return missing.length > 0 ? [{ question, wanted: missing.join(', '), found }] : [];
  });
}

const told = (rows: readonly Miss[]) =>
  rows.map((miss) => `${miss.question}\n    wanted ${miss.wanted}\n    found  ${miss.found.join(', ')}`).join('\n');

describe('finding a tool by what an operator says', () => {
  it('has the right tool among the first five, always', () => {
    const missed = misses(questions, 5);
    expect(missed.length, told(missed)).toBe(0);
  });

  it('has the right tool first, nine times out of ten', () => {
    const missed = misses(questions, 1);
    expect(missed.length / questions.length, told(missed)).toBeLessThanOrEqual(0.1);
  });

  it('asks about every tool', () => {
    const asked = new Set(questions.map(([, first]) => first));
    const operations = documents.filter(({ toolset }) => toolset !== 'diagnostics');
    expect(operations.map(({ name }) => name).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('finds every tool by its title', () => {
    const rows = documents.map(({ name, title }): Row => [title, name]);
    expect(told(misses(rows, 5))).toBe('');
  });

  it('finds every tool by the words of its name', () => {
    const rows = documents.map(({ name }): Row => [name.replaceAll('_', ' '), name]);
    expect(told(misses(rows, 5))).toBe('');
  });

  it('puts a tool first whose exact name is in the question, whatever else is said', () => {
    const rows = documents.map(({ name }): Row => [`SCIM webhooks, invite people: what does ${name} need?`, name]);
    expect(told(misses(rows, 1))).toBe('');
  });
});

describe('a tool that destroys something', () => {
  const destroys = (name: string | undefined) => {
    const tool = tools.get(name ?? '');
    return tool !== undefined && isDestructive(tool.effect);
  };
  const firstFor = (question: string) => rank(question, documents, 1)[0]?.name;

  it('is not first where another was wanted that destroys nothing', () => {
    const wrong = questions.filter(([question, first]) => !destroys(first) && destroys(firstFor(question)));
    expect(wrong.map(([question]) => `${question}: ${firstFor(question)}`)).toEqual([]);
  });

  it.each([
    ['the thing alone is named', (thing: string) => thing],
    ['the question asks what there is', (thing: string) => `which ${thing}s are there?`],
    ['the thing is to be shown', (thing: string) => `show me the ${thing}`],
    ['something is wrong with the thing', (thing: string) => `I have a question about the ${thing}`],
  ])('is not first where %s', (_, ask) => {
    const asked = documents
      .filter(({ name }) => destroys(name))
      .map(({ name }) => ask(name.split('_').slice(1).join(' ')));
    const wrong = asked.filter((question) => destroys(firstFor(question)));
    expect(asked.length).toBeGreaterThan(30);
    expect(wrong.map((question) => `${question}: ${firstFor(question)}`)).toEqual([]);
  });

  it.each([
    ['a team is to be emptied', 'empty out a team', 'remove_group_member'],
    ['one account at a provider is to go', 'revoke the GitHub connection of a user', 'delete_connected_account'],
    ['somebody is to leave it', 'kick someone out of a workspace', 'delete_organization_membership'],
    ['a person leaves a group', 'remove Carol from the team', 'remove_group_member'],
  ])('takes the smaller thing where %s', (_, question, first) => {
    expect(firstFor(question)).toBe(first);
  });
});

describe('the ranking', () => {
  const fruit: readonly Document[] = [
    { name: 'list_apples', title: 'List apples', description: 'List the apples of a tree.', toolset: 'fruit' },
    { name: 'delete_apple', title: 'Delete apple', description: 'Eat one apple. See list_apples.', toolset: 'fruit' },
    { name: 'list_cherries', title: 'List cherries', description: 'List the cherries.', toolset: 'fruit' },
  ];
  const names = (question: string, most = 5) => rank(question, fruit, most).map((hit) => hit.name);

  it.each([
    ['the thing before its neighbours', 'cherry', 'list_cherries'],
    ['looking before destroying where nobody said what to do', 'apple', 'list_apples'],
    ['the verb in other words', 'get rid of an apple', 'delete_apple'],
    ['a word with one letter missing', 'aples', 'list_apples'],
    ['a word with two letters swapped', 'chreries', 'list_cherries'],
  ])('prefers %s', (_, question, first) => {
    expect(names(question)[0]).toBe(first);
  });

  it.each([
    ['nothing about any tool', 'quantum entanglement'],
    ['only words that say nothing', 'how do I do the'],
    ['no words at all', ' ?! '],
  ])('finds nothing in %s', (_, question) => {
    expect(names(question)).toEqual([]);
  });

  it('gives as many as asked for, best first', () => {
    const hits = rank('apple', fruit, 2);
    expect(hits.map((hit) => hit.name)).toEqual(['list_apples', 'delete_apple']);
    expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? Number.POSITIVE_INFINITY);
    expect(names('apple', 1)).toEqual(['list_apples']);
  });

  it('does not mix up two lists of tools', () => {
    expect(names('apple')).toContain('list_apples');
    expect(rank('apple', fruit.slice(2), 5)).toEqual([]);
  });
});

describe('the vocabulary', () => {
  const concepts = [...verbs, ...things];

  it('names only tools that exist', () => {
    const named = concepts.flatMap((concept) => concept.tools?.split(' ') ?? []);
    expect(named.filter((name) => !tools.has(name))).toEqual([]);
  });

  it('knows only verbs with which some tool begins', () => {
    const known = new Set(documents.map((document) => document.name.split('_')[0]));
    const meant = concepts.flatMap((concept) => concept.does?.split(' ') ?? []);
    expect(meant.filter((verb) => !known.has(verb))).toEqual([]);
  });

  it('gives every phrase a meaning', () => {
    const idle = concepts.filter(({ means, hints, does, tools: idiom }) => !(means ?? hints ?? does ?? idiom));
    expect(idle).toEqual([]);
  });
});
