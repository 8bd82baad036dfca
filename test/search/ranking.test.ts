import { describe, expect, it } from 'vitest';
import { type Document, rank } from '../../src/search/ranking.ts';
import { topics, verbs } from '../../src/search/vocabulary.ts';
import { tools } from '../../src/tools/catalog.ts';
import { isDestructive } from '../../src/tools/define.ts';
import { questions, type Row } from '../fixtures/questions.ts';

const documents: readonly Document[] = [...tools.values()].filter((tool) => tool.toolset !== 'discovery');

interface Miss {
  question: string;
  expected: string;
  found: string[];
}

/** The questions whose expected tools are not all among the first `limit`. */
function misses(rows: readonly Row[], limit: number): Miss[] {
  return rows.flatMap(([question, first, ...amongFive]) => {
    const found = rank(question, documents, limit).map((hit) => hit.name);
    const expected = limit === 1 ? [first] : [first, ...amongFive];
    const missing = expected.filter((name) => !found.includes(name));
    return missing.length > 0 ? [{ question, expected: missing.join(', '), found }] : [];
  });
}

const format = (rows: readonly Miss[]) =>
  rows
    .map((miss) => `${miss.question}\n    expected ${miss.expected}\n    found    ${miss.found.join(', ')}`)
    .join('\n');

describe('finding a tool by an operator’s question', () => {
  it('puts the right tools among the first five for every question', () => {
    const missed = misses(questions, 5);
    expect(missed.length, format(missed)).toBe(0);
  });

  it('puts the right tool first for nine questions out of ten', () => {
    const missed = misses(questions, 1);
    expect(missed.length / questions.length, format(missed)).toBeLessThanOrEqual(0.1);
  });

  it('has a question about every tool', () => {
    const asked = new Set(questions.map(([, first]) => first));
    const operations = documents.filter(({ toolset }) => toolset !== 'diagnostics');
    expect(operations.map(({ name }) => name).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('finds every tool by its title', () => {
    const rows = documents.map(({ name, title }): Row => [title, name]);
    expect(format(misses(rows, 5))).toBe('');
  });

  it('finds every tool by the words of its name', () => {
    const rows = documents.map(({ name }): Row => [name.replaceAll('_', ' '), name]);
    expect(format(misses(rows, 5))).toBe('');
  });

  it('puts a tool first if the question contains its exact name', () => {
    const rows = documents.map(({ name }): Row => [`SCIM webhooks, invite people: what does ${name} need?`, name]);
    expect(format(misses(rows, 1))).toBe('');
  });
});

describe('a destructive tool', () => {
  const destroys = (name: string | undefined) => {
    const tool = tools.get(name ?? '');
    return tool !== undefined && isDestructive(tool.effect);
  };
  const firstFor = (question: string) => rank(question, documents, 1)[0]?.name;

  it('is not first for a question about a tool that is not destructive', () => {
    const wrong = questions.filter(([question, first]) => !destroys(first) && destroys(firstFor(question)));
    expect(wrong.map(([question]) => `${question}: ${firstFor(question)}`)).toEqual([]);
  });

  it.each([
    ['only names a thing', (thing: string) => thing],
    ['asks which things there are', (thing: string) => `which ${thing}s are there?`],
    ['asks to see a thing', (thing: string) => `show me the ${thing}`],
    ['says nothing specific about a thing', (thing: string) => `I have a question about the ${thing}`],
  ])('is not first for a question that %s', (_, ask) => {
    const asked = documents
      .filter(({ name }) => destroys(name))
      .map(({ name }) => ask(name.split('_').slice(1).join(' ')));
    const wrong = asked.filter((question) => destroys(firstFor(question)));
    expect(asked.length).toBeGreaterThan(30);
    expect(wrong.map((question) => `${question}: ${firstFor(question)}`)).toEqual([]);
  });

  it.each([
    ['a team is emptied', 'empty out a team', 'remove_group_member'],
    ['one account at a provider is disconnected', 'revoke the GitHub connection of a user', 'delete_connected_account'],
    ['somebody leaves an organization', 'kick someone out of a workspace', 'delete_organization_membership'],
    ['somebody leaves a group', 'remove Carol from the team', 'remove_group_member'],
  ])('is the one that deletes least if %s', (_, question, first) => {
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
    ['the thing that was named', 'cherry', 'list_cherries'],
    ['reading if the question does not say what to do', 'apple', 'list_apples'],
    ['the tool whose verb is a synonym', 'get rid of an apple', 'delete_apple'],
    ['the right tool despite a missing letter', 'aples', 'list_apples'],
    ['the right tool despite two swapped letters', 'chreries', 'list_cherries'],
  ])('prefers %s', (_, question, first) => {
    expect(names(question)[0]).toBe(first);
  });

  it.each([
    ['a question about something else', 'quantum entanglement'],
    ['a question of stop words only', 'how do I do the'],
    ['a question without words', ' ?! '],
  ])('finds nothing for %s', (_, question) => {
    expect(names(question)).toEqual([]);
  });

  it('returns at most as many tools as requested, best first', () => {
    const hits = rank('apple', fruit, 2);
    expect(hits.map((hit) => hit.name)).toEqual(['list_apples', 'delete_apple']);
    expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? Number.POSITIVE_INFINITY);
    expect(names('apple', 1)).toEqual(['list_apples']);
  });

  it('keeps the indexes of different tool lists apart', () => {
    expect(names('apple')).toContain('list_apples');
    expect(rank('apple', fruit.slice(2), 5)).toEqual([]);
  });
});

describe('the vocabulary', () => {
  const concepts = [...verbs, ...topics];

  it('names only tools that exist', () => {
    const named = concepts.flatMap((concept) => concept.tools?.split(' ') ?? []);
    expect(named.filter((name) => !tools.has(name))).toEqual([]);
  });

  it('uses only verbs that some tool’s name starts with', () => {
    const toolVerbs = new Set(documents.map((document) => document.name.split('_')[0]));
    const meant = concepts.flatMap((concept) => concept.does?.split(' ') ?? []);
    expect(meant.filter((verb) => !toolVerbs.has(verb))).toEqual([]);
  });

  it('gives every phrase a meaning', () => {
    const meaningless = concepts.filter(({ means, hints, does, tools: idiom }) => !(means ?? hints ?? does ?? idiom));
    expect(meaningless).toEqual([]);
  });
});
