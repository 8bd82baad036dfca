// esbuild cannot bundle the package's main entry.
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser/lib/esm/main.js';
import { CORRECT_IT, InitError } from './init-error.ts';
import type { Value } from './server-entry.ts';

/** A JSON text, possibly with comments, that can be read and extended by path. */
export class JsonConfig {
  readonly text: string;
  readonly #root: Node | undefined;
  readonly #eol: string;

  /** An empty text counts as an empty object. @throws {InitError} if the text is not a JSON object */
  constructor(text: string, eol = '\n') {
    this.text = text;
    this.#eol = eol;
    if (text.trim() === '') return;
    const errors: ParseError[] = [];
    this.#root = parseTree(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first || !this.#root) {
      const what = first ? printParseErrorCode(first.error) : 'no value';
      throw new InitError(`is not JSON: ${what} at ${position(text, first?.offset ?? 0)}`, CORRECT_IT);
    }
    this.#objectAt([]);
  }

  /** The value at a path, or undefined if there is none. @throws {InitError} if a value on the way is not an object */
  valueAt(path: readonly string[]): unknown {
    for (let depth = 0; depth < path.length; depth++) if (!this.#objectAt(path.slice(0, depth))) return undefined;
    const node = this.#nodeAt(path);
    return node && getNodeValue(node);
  }

  /** Whether the text is plain JSON, without comments and trailing commas. */
  get isPlain(): boolean {
    try {
      JSON.parse(this.text);
      return true;
    } catch {
      return this.text.trim() === '';
    }
  }

  /**
   * The text with a property added at the end of its object. Everything else stays as it is, except that spaces before a bracket
   * that closes on the same line become a line break.
   * @throws {InitError} if a value on the way is not an object
   */
  withProperty(path: readonly string[], value: Value): string {
    const name = path.at(-1) ?? '';
    const object = this.#objectAt(path.slice(0, -1));
    if (object)
      return this.#withChild(
        object,
        (indent) => `${JSON.stringify(name)}:${this.#isCompact ? '' : ' '}${this.#written(value, indent)}`,
      );
    if (path.length === 1) return `${this.#written({ [name]: value }, '')}${this.#eol}`;
    return this.withProperty(path.slice(0, -1), { [name]: value });
  }

  /** The text with an item added at the end of a list, which is created if missing. @throws {InitError} */
  withItem(path: readonly string[], value: Value): string {
    const list = this.#nodeAt(path);
    if (!list) return this.withProperty(path, [value]);
    if (list.type !== 'array') throw wrongShape(path, list, 'a list');
    return this.#withChild(list, (indent) => this.#written(value, indent));
  }

  #nodeAt(path: readonly string[]): Node | undefined {
    return this.#root && findNodeAtLocation(this.#root, [...path]);
  }

  #objectAt(path: readonly string[]): Node | undefined {
    const node = this.#nodeAt(path);
    if (!node) return undefined;
    if (node.type !== 'object') throw wrongShape(path, node, 'an object');
    const names = (node.children ?? []).map(({ children }) => String(children?.[0]?.value));
    const repeated = names.find((name, at) => names.indexOf(name) !== at);
    // Clients use the last of the duplicates, but an insertion could go into the first.
    if (repeated !== undefined) {
      throw new InitError(
        `has ${JSON.stringify(repeated)} twice in one object`,
        'Nothing was changed. Remove one of them, and run this again.',
      );
    }
    return node;
  }

  #withChild(parent: Node, child: (indent: string) => string): string {
    const { text } = this;
    const close = parent.offset + parent.length - 1;
    const last = parent.children?.at(-1);
    const { comma, end } = this.#endOfLine(last ? last.offset + last.length : parent.offset + 1, close);
    const outer = this.#indentAt(parent.offset);
    const first = parent.children?.[0];
    const indent = first && this.#beginsLine(first.offset) ? this.#indentAt(first.offset) : outer + this.#unit;
    const separator = last && !comma ? ',' : '';
    const line = this.#isCompact ? '' : this.#eol + indent;
    const tail = this.#isCompact || text.slice(end, close).includes('\n') ? '' : this.#eol + outer;
    const at = last ? last.offset + last.length : end;
    const rest = tail ? text.slice(end).trimStart() : text.slice(end);
    return `${text.slice(0, at)}${separator}${text.slice(at, end)}${line}${child(indent)}${tail}${rest}`;
  }

  /** Whether a comma follows the last child, and where the comments on its line end. */
  #endOfLine(from: number, to: number): { comma: boolean; end: number } {
    let [comma, end] = [false, from];
    const isHere = (offset: number) => offset >= from && offset < to;
    visit(
      this.text,
      {
        onSeparator: (_, offset, length) => {
          if (!isHere(offset)) return;
          [comma, end] = [true, offset + length];
        },
        onComment: (offset, length) => {
          if (isHere(offset) && !this.text.slice(end, offset).includes('\n')) end = offset + length;
        },
      },
      { allowTrailingComma: true },
    );
    return { comma, end };
  }

  #written(value: Value, indent: string): string {
    return this.#isCompact ? JSON.stringify(value) : formatted(value, indent, this.#unit, this.#eol);
  }

  get #isCompact(): boolean {
    return this.#root !== undefined && (this.#root.children ?? []).length > 0 && !this.text.trim().includes('\n');
  }

  /** One level of indentation: that of the first property of the file. */
  get #unit(): string {
    const first = this.#root?.children?.[0];
    return (first && this.#beginsLine(first.offset) && this.#indentAt(first.offset)) || '  ';
  }

  #beginsLine(offset: number): boolean {
    return /(?:^|\n)[ \t]*$/.test(this.text.slice(0, offset));
  }

  #indentAt(offset: number): string {
    const start = this.text.lastIndexOf('\n', offset - 1) + 1;
    return /^[ \t]*/.exec(this.text.slice(start, offset))?.[0] ?? '';
  }
}

/**
 * Formats a value as JSON over several lines. Lists and objects of plain values take one line, and brackets hug a list's only
 * item.
 */
export function formatted(value: Value, indent = '', unit = '  ', eol = '\n'): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  const [only] = Array.isArray(value) && value.length === 1 ? value : [];
  if (only !== undefined) return `[${formatted(only, indent, unit, eol)}]`;
  const inner = indent + unit;
  const children = Object.entries(value).map(([name, child]) => {
    const written = formatted(child, inner, unit, eol);
    return Array.isArray(value) ? written : `${JSON.stringify(name)}: ${written}`;
  });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (children.length === 0) return open + close;
  if (!Object.values(value).some((child) => typeof child === 'object')) {
    const space = open === '{' ? ' ' : '';
    return `${open}${space}${children.join(', ')}${space}${close}`;
  }
  return `${open}${eol}${inner}${children.join(`,${eol}${inner}`)}${eol}${indent}${close}`;
}

function wrongShape(path: readonly string[], { type }: Node, wanted: string): InitError {
  const where = path.length ? `has ${path.join('.')}, which is` : 'is';
  return new InitError(`${where} ${shown(type)}, not ${wanted}`, CORRECT_IT);
}

function shown(type: Node['type']): string {
  if (type === 'array') return 'a list';
  return type === 'null' ? 'null' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
