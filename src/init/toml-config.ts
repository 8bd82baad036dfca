import { isDeepStrictEqual } from 'node:util';
import { parse, stringify, TomlError, type TomlTable } from 'smol-toml';
import { CORRECT_IT, InitError } from './init-error.ts';
import type { Value } from './server-entry.ts';

/** The value at a path of a TOML text, or undefined if there is none. @throws {InitError} if the text is not TOML */
export function tomlValue(text: string, [table = '', name = '']: readonly string[]): unknown {
  const servers = parsed(text)[table];
  if (servers === undefined) return undefined;
  if (typeof servers !== 'object' || Array.isArray(servers) || servers instanceof Date) {
    throw new InitError(`has ${table}, which is not a table`, CORRECT_IT);
  }
  return Object.hasOwn(servers, name) ? servers[name] : undefined;
}

/**
 * The text with a table appended. The result is parsed to verify that nothing else has changed.
 * @throws {InitError} if no table can be appended, for example because the enclosing one is inline
 */
export function withTomlTable(text: string, path: readonly string[], value: Table, eol: string): string {
  const written = tomlTable(path, value);
  const gap = text.trim() === '' ? '' : `${text.endsWith('\n') ? '' : eol}${eol}`;
  const after = text + gap + written.replaceAll('\n', eol);
  const [before, alone] = [parsed(text), parsed(written)];
  if (!isDeepStrictEqual(parsedOrUndefined(after), withTable(before, alone, path))) {
    throw new InitError(
      `has ${path[0]} in a form that a table cannot be added to`,
      `Nothing was changed. Write it as tables, such as [${path[0]}.NAME], and run this again. It would add:\n${written}`,
    );
  }
  return after;
}

/** Formats a TOML table with its heading. Every JSON string is a TOML string. */
export function tomlTable(path: readonly string[], value: Table): string {
  const lines = Object.entries(value).map(([name, one]) => {
    const written = Array.isArray(one)
      ? `[${one.map((item) => JSON.stringify(item)).join(', ')}]`
      : JSON.stringify(one);
    return `${name} = ${written}\n`;
  });
  return `[${path.join('.')}]\n${lines.join('')}`;
}

/** Formats any TOML value at a path. */
export function tomlText([table = '', name = '']: readonly string[], value: Value): string {
  return stringify({ [table]: { [name]: value } });
}

type Table = Readonly<Record<string, Value>>;

/** The expected document after a table was appended. */
function withTable(before: TomlTable, alone: TomlTable, [table = '', name = '']: readonly string[]): TomlTable {
  const after = parse('');
  // Both were parsed as tables.
  const [servers, added] = [before[table] as TomlTable | undefined, alone[table] as TomlTable];
  return Object.assign(after, before, {
    [table]: Object.assign(parse(''), servers, { [name]: added[name] }),
  });
}

function parsed(text: string): TomlTable {
  try {
    return parseToml(text);
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const place = error instanceof TomlError ? ` at line ${error.line}, column ${error.column}` : '';
    throw new InitError(`is not TOML: ${reason.replace('Invalid TOML document: ', '')}${place}`, CORRECT_IT);
  }
}

function parsedOrUndefined(text: string): TomlTable | undefined {
  try {
    return parseToml(text);
  } catch {
    return undefined;
  }
}

/** TOML integers have 64 bits, so those that exceed a number become bigints. */
function parseToml(text: string): TomlTable {
  return parse(text, { integersAsBigInt: 'asNeeded' });
}
