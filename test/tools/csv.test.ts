import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvError, CsvParser } from '../../src/tools/csv.ts';

const LIMITS = { columns: 4, characters: 20 };

/** The records of a text that arrives in pieces of this size. */
function recordsOf(text: string, piece = text.length || 1, limits = { columns: 1_000, characters: 1_000_000 }) {
  const parser = new CsvParser(limits);
  const records: string[][] = [];
  for (let at = 0; at < text.length; at += piece) records.push(...parser.push(text.slice(at, at + piece)));
  return [...records, ...parser.end()];
}

describe('CSV', () => {
  it.each<[what: string, text: string, records: string[][]]>([
    ['nothing', '', []],
    ['one cell', 'a', [['a']]],
    [
      'two records',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a last record without its line end', 'a\nb', [['a'], ['b']]],
    [
      'Windows line ends',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['old Mac line ends', 'a\rb\r', [['a'], ['b']]],
    ['line ends of two kinds', 'a\rb\nc', [['a'], ['b'], ['c']]],
    ['mixed line ends', 'a\r\nb\nc\rd', [['a'], ['b'], ['c'], ['d']]],
    ['empty lines', '\n\na\r\n\r\n\nb\n\n', [['a'], ['b']]],
    [
      'empty cells',
      ',\n"",\n,,',
      [
        ['', ''],
        ['', ''],
        ['', '', ''],
      ],
    ],
    ['an empty quoted cell alone', 'a\n""\n', [['a'], ['']]],
    ['quoted separators', '"a,b","c\nd","e\r\nf"', [['a,b', 'c\nd', 'e\r\nf']]],
    ['doubled quotes', '"a ""b"" c",""""', [['a "b" c', '"']]],
    [
      'a byte order mark',
      '\ufeffid,a\n1,2',
      [
        ['id', 'a'],
        ['1', '2'],
      ],
    ],
    ['a byte order mark before a quote', '\ufeff"id"', [['id']]],
    ['records of different lengths', 'a,b\nc\nd,e,f', [['a', 'b'], ['c'], ['d', 'e', 'f']]],
    ['letters beyond ASCII', 'gr\u00fc\u00dfe,\ud83d\ude00\u2028', [['gr\u00fc\u00dfe', '\ud83d\ude00\u2028']]],
  ])('is read in pieces of any size: %s', (_, text, records) => {
    for (const piece of [1, 2, 3, 1_000]) expect(recordsOf(text, piece)).toEqual(records);
  });

  it.each([
    ['a quote inside a cell', 'a,b"c\n', /a quote inside an unquoted cell/],
    ['text after a quoted cell', '"a"b\n', /text after a quoted cell/],
    ['a quote that is never closed', 'a\n"b,c\nd', /a quote is never closed/],
  ])('with %s is an error', (_, text, message) => {
    for (const piece of [1, 1_000]) expect(() => recordsOf(text, piece)).toThrow(message);
  });

  it('is read up to its limits and no further', () => {
    expect(recordsOf('1,2,3,4\n', 1, LIMITS)).toEqual([['1', '2', '3', '4']]);
    expect(() => recordsOf('1,2,3,4,\n', 1, LIMITS)).toThrow('more than 4 columns');
    expect(recordsOf(`"${'x'.repeat(20)}"\n`, 3, LIMITS)).toEqual([['x'.repeat(20)]]);
    expect(() => recordsOf(`"${'x'.repeat(21)}"`, 3, LIMITS)).toThrow('longer than 20 characters');
    expect(() => recordsOf(`${'x'.repeat(10)},${'x'.repeat(11)}`, 3, LIMITS)).toThrow('longer than 20 characters');
    expect(() => recordsOf(`"${'""'.repeat(21)}"`, 3, LIMITS)).toThrow('longer than 20 characters');
    // The limits apply to each record separately.
    expect(recordsOf(`${'123456789,'.repeat(2)}\n`.repeat(50), 7, LIMITS)).toHaveLength(50);
  });

  it('stops at the limit, without waiting for the end of an endless record', () => {
    const parser = new CsvParser(LIMITS);
    expect(() => [...parser.push(','.repeat(10_000_000))]).toThrow(CsvError);
    const quoted = new CsvParser(LIMITS);
    expect(() => [...quoted.push(`"${'x\n'.repeat(5_000_000)}`)]).toThrow(CsvError);
  });

  it('yields the records before an error', () => {
    const parser = new CsvParser(LIMITS);
    const seen: string[][] = [];
    expect(() => {
      for (const record of parser.push('a\nb\n"c"d\n')) seen.push(record);
    }).toThrow(CsvError);
    expect(seen).toEqual([['a'], ['b']]);
  });

  it('is read as csv-parse reads it, or is an error for both', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\r\n', 'a', 'b ', '\u00fc'), maxLength: 40 });
    const options = { relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'] };
    const attempt = (read: () => unknown) => {
      try {
        return read();
      } catch {
        return 'an error';
      }
    };
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 5 }), (csv, piece) => {
        expect(attempt(() => recordsOf(csv, piece))).toEqual(attempt(() => parse(csv, options)));
      }),
      { numRuns: 2_000 },
    );
  });
});
