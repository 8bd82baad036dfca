import { describe, expect, it } from 'vitest';
import { type Document, rank } from '../../src/search/ranking.ts';
import { stem, tokenize } from '../../src/search/words.ts';
import { tools } from '../../src/tools/catalog.ts';
import { isDestructive } from '../../src/tools/effects.ts';
import { toDocuments } from '../../src/tools/find-tools.ts';
import { heldOutQuestions } from '../fixtures/held-out-questions.ts';
import { questions, type Row } from '../fixtures/questions.ts';

const operations = [...tools.values()].filter((tool) => tool.toolset !== 'discovery');
const documents = toDocuments(operations);
const ranked = (question: string, limit: number) => rank(question, documents, limit).map(({ name }) => name);

const destroys = (name: string | undefined) => {
  const tool = tools.get(name ?? '');
  return tool !== undefined && isDestructive(tool.effect);
};
const firstFor = (question: string) => ranked(question, 1)[0];

/** The questions whose expected tools are not all among the first `limit`, as readable text. */
function misses(rows: readonly Row[], limit: number): string[] {
  return rows.flatMap(([question, first, ...amongFive]) => {
    const found = ranked(question, limit);
    const missing = (limit === 1 ? [first] : [first, ...amongFive]).filter((name) => !found.includes(name));
    return missing.length > 0 ? [`${question}\n  expected ${missing.join(', ')}\n  found ${found.join(', ')}`] : [];
  });
}

describe('finding a tool by a question that the search was tuned on', () => {
  it.each([
    ['first for 73 %', 1, 0.73],
    ['among the first five for 93 %', 5, 0.93],
    ['among the first ten for 96 %', 10, 0.96],
  ])('puts the right tools %s', (_, limit, share) => {
    const missed = misses(questions, limit);
    expect(1 - missed.length / questions.length, missed.join('\n')).toBeGreaterThanOrEqual(share);
  });

  it('has a question about everything that can be found', () => {
    const asked = new Set(questions.map(([, first]) => first));
    expect(documents.map(({ name }) => name).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('expects only what can be found', () => {
    const names = new Set(documents.map(({ name }) => name));
    const expected = [...questions, ...heldOutQuestions].flatMap(([, ...wanted]) => wanted);
    expect(expected.filter((name) => !names.has(name))).toEqual([]);
  });

  it('finds every tool by its title', () => {
    const rows = documents.map(({ name, title }): Row => [title, name]);
    expect(misses(rows, 5)).toEqual([]);
  });

  it('finds every tool by the words of its name', () => {
    const rows = documents.map(({ name }): Row => [name.replaceAll('_', ' '), name]);
    expect(misses(rows, 5)).toEqual([]);
  });

  it('puts a tool first if the question contains its exact name', () => {
    const rows = documents.map(({ name }): Row => [`SCIM webhooks, invite people: what does ${name} need?`, name]);
    expect(misses(rows, 1)).toEqual([]);
  });
});

describe('finding a tool by a question that the search was not tuned on', () => {
  it('puts an acceptable tool among the first ten for 92 of 100', () => {
    const found = heldOutQuestions.filter(([question, ...acceptable]) =>
      ranked(question, 10).some((name) => acceptable.includes(name)),
    );
    // The missed questions are deliberately not shown, so that nobody tunes on them.
    expect(found.length).toBeGreaterThanOrEqual(92);
  });

  it('never puts a destructive tool first if nothing destructive was asked for', () => {
    const harmless = heldOutQuestions.filter(([, ...acceptable]) => !acceptable.some(destroys));
    expect(harmless.filter(([question]) => destroys(firstFor(question))).length).toBe(0);
  });

  it('shares no question with the others', () => {
    const known = new Set(questions.map(([question]) => question));
    expect(heldOutQuestions).toHaveLength(100);
    expect(heldOutQuestions.filter(([question]) => known.has(question))).toEqual([]);
  });
});

describe('a destructive tool', () => {
  it('is not first for a question about a tool that is not destructive', () => {
    const wrong = questions.filter(([question, first]) => !destroys(first) && destroys(firstFor(question)));
    expect(wrong.map(([question]) => `${question}: ${firstFor(question)}`)).toEqual([]);
  });

  it.each([
    ['only names a thing', (thing: string) => thing],
    ['asks which things there are', (thing: string) => `which ${thing}s are there?`],
    ['asks to see a thing', (thing: string) => `show me the ${thing}`],
    ['says nothing specific about a thing', (thing: string) => `I have a question about the ${thing}`],
    ['says that a thing was deleted', (thing: string) => `the ${thing} was deleted`],
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
    ['someone is removed from an organization', 'kick someone out of a workspace', 'delete_organization_membership'],
    ['someone is removed from a group', 'remove Carol from the team', 'remove_group_member'],
  ])('is the one that deletes least if %s', (_, question, first) => {
    expect(firstFor(question)).toBe(first);
  });
});

describe('the ranking', () => {
  const fruit: readonly Document[] = [
    { name: 'list_apples', title: 'List apples', description: 'List the apples of a tree.', also: [], effect: 'read' },
    { name: 'delete_apple', title: 'Delete apple', description: 'Eat one apple.', also: ['bite'], effect: 'delete' },
    { name: 'list_cherries', title: 'List cherries', description: 'List them.', also: ['kirsch'], effect: 'read' },
  ];
  const names = (question: string, most = 5) => rank(question, fruit, most).map((hit) => hit.name);

  it.each([
    ['the thing that was named', 'cherry', 'list_cherries'],
    ['reading if the question does not say what to do', 'apple', 'list_apples'],
    ['the tool whose verb is a synonym', 'get rid of an apple', 'delete_apple'],
    ['the tool that operators call by another name', 'kirsch', 'list_cherries'],
    ['the right tool despite a missing letter', 'aples', 'list_apples'],
    ['the right tool despite two swapped letters', 'chreries', 'list_cherries'],
    ['the right tool by the beginning of a word', 'cherr', 'list_cherries'],
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
    expect(names('apple', 2)).toEqual(['list_apples', 'delete_apple']);
    expect(names('apple', 1)).toEqual(['list_apples']);
  });

  it('keeps the indexes of different tool lists apart', () => {
    expect(names('apple')).toContain('list_apples');
    expect(rank('apple', fruit.slice(2), 5)).toEqual([]);
  });

  it('builds its index once for a list of tools', () => {
    let read = 0;
    const counted = fruit.map((document) => ({
      ...document,
      get title() {
        read++;
        return document.title;
      },
    }));
    rank('apple', counted, 1);
    const afterOne = read;
    rank('cherry', counted, 1);
    expect(read).toBe(afterOne);
  });
});

describe('the phrases that operators use', () => {
  const stems = (text: string) => tokenize(text).map(stem);

  it('are two to five for everything that can be found', () => {
    const wrong = documents.filter(({ also }) => also.length < 2 || also.length > 5);
    expect(wrong.map(({ name, also }) => `${name}: ${also.length}`)).toEqual([]);
  });

  it('each fit on a line', () => {
    expect(documents.flatMap(({ also }) => also.filter((phrase) => phrase.length > 105))).toEqual([]);
  });

  it('each add a word that the name, the title and the description do not have', () => {
    const idle = documents.flatMap(({ name, title, description, also }) => {
      const known = new Set(stems(`${name} ${title} ${description}`));
      return also.filter((phrase) => stems(phrase).every((word) => known.has(word))).map((p) => `${name}: ${p}`);
    });
    expect(idle).toEqual([]);
  });
});
