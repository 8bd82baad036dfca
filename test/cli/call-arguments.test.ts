import { describe, expect, it } from 'vitest';
import { ArgumentsError, readArguments } from '../../src/cli/call-arguments.ts';

const SCHEMA = {
  properties: {
    text: { type: 'string' },
    nullable: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    choice: { type: 'string', enum: ['a', 'b'] },
    limit: { type: 'integer' },
    ratio: { type: 'number' },
    flag: { type: 'boolean' },
    maybe: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
    names: { type: 'array', items: { type: 'string' } },
    numbers: { type: 'array', items: { type: 'integer' } },
    objects: { type: 'array', items: { type: 'object' } },
    map: { type: 'object' },
    many: { anyOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] },
    any: {},
  },
};
const FILES = new Map([
  ['-', '{"text": "from stdin", "limit": 1}'],
  ['a.json', '{"text": "from a file"}'],
  ['list.json', '[1]'],
  ['broken.json', '{"text": "sk_live_0123456789"'],
]);
const read = (...words: string[]) => readArguments(words, SCHEMA, async (source) => FILES.get(source) ?? '');

describe('the arguments of a call', () => {
  it.each<[string[], Record<string, unknown>]>([
    [[], {}],
    [['{"limit": 5}'], { limit: 5 }],
    [['text=a b'], { text: 'a b' }],
    [['text='], { text: '' }],
    [['text=a=b:=c'], { text: 'a=b:=c' }],
    [['text=5'], { text: '5' }],
    [['text={"a":1}'], { text: '{"a":1}' }],
    [['nullable=null'], { nullable: 'null' }],
    [['nullable:=null'], { nullable: null }],
    [['choice=a'], { choice: 'a' }],
    [['limit=5'], { limit: 5 }],
    [['limit:=5'], { limit: 5 }],
    [['limit=-1'], { limit: -1 }],
    [['ratio=1.5'], { ratio: 1.5 }],
    [['flag=true'], { flag: true }],
    [['flag=false', 'flag=true'], { flag: true }],
    [['maybe=null'], { maybe: null }],
    [['names=a.example'], { names: ['a.example'] }],
    [['names=["a", "b"]'], { names: ['a', 'b'] }],
    [['names:=["a"]'], { names: ['a'] }],
    [['numbers=[1, 2]'], { numbers: [1, 2] }],
    [['map={"a": "b"}'], { map: { a: 'b' } }],
    [['many=[{"a": 1}]'], { many: [{ a: 1 }] }],
    [['many={"a": 1}'], { many: { a: 1 } }],
    [['any=5'], { any: '5' }],
    // The tool refuses what it does not know, and says what it takes.
    [['unknown=5', 'a.b=c'], { unknown: '5', 'a.b': 'c' }],
    [['-'], { text: 'from stdin', limit: 1 }],
    [['@a.json'], { text: 'from a file' }],
    [['-', '@a.json', 'limit=2', '{"flag": true}'], { text: 'from a file', limit: 2, flag: true }],
    [['limit=2', '-'], { text: 'from stdin', limit: 1 }],
  ])('%j are %j', async (words, input) => {
    expect(await read(...words)).toEqual(input);
  });

  it('keep the name __proto__, so that the tool can refuse it', async () => {
    for (const word of ['__proto__=1', '{"__proto__": 1}'])
      expect(Object.keys(await read(word))).toEqual(['__proto__']);
  });

  it.each<[string, 1 | 2, RegExp, RegExp]>([
    ['limit=ten', 1, /^limit takes a whole number, not the text after =$/, /'limit:=10'/],
    ['limit=1.5', 1, /whole number/, /:=/],
    ['limit=', 1, /whole number/, /:=/],
    ['limit=99999999999999999999', 1, /whole number/, /:=/],
    ['ratio=1e5', 1, /a number/, /'ratio:=1.5'/],
    ['flag=yes', 1, /true or false/, /'flag:=true'/],
    ['maybe=', 1, /true or false/, /:=/],
    ['names=a,b', 1, /a list/, /'names:=\["a", "b"\]'/],
    ['names=a b', 1, /a list/, /:=/],
    ['names=[a]', 1, /a list/, /:=/],
    ['objects=a', 1, /a list/, /:=/],
    ['map=a', 1, /an object/, /'map:=\{"name": "value"\}'/],
    ['many=a', 1, /a list or an object/, /:=/],
    ['limit:=ten', 2, /^limit:= is not JSON$/, /'limit:="text"'/],
    ['{limit: 5}', 2, /^The arguments are not JSON at position 1$/, /key=value/],
    ['[5]', 2, /^The arguments are not a JSON object$/, /key=value/],
    ['hello', 2, /^The arguments are not JSON$/, /key=value/],
    ['@list.json', 2, /^The content of list.json is not a JSON object$/, /@FILE/],
    ['@broken.json', 2, /^The content of broken.json is not JSON/, /@FILE/],
    ['sk_live_0123456789', 2, /not JSON/, /key=value/],
  ])('%s is refused with exit code %d', async (word, exitCode, message, hint) => {
    const error = await read(word).catch((thrown: unknown) => thrown);
    if (!(error instanceof ArgumentsError)) throw error;
    expect(error.exitCode).toBe(exitCode);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.message + error.hint).not.toContain('0123456789');
  });
});
