/** Reads a full signature back into the JSON Schema it was written from, without descriptions and defaults. */
export function parseSignature(text: string): { name: string; schema: Record<string, unknown> } {
  const parser = new Parser(text);
  const name = parser.word();
  parser.expect('(');
  const schema = parser.fields(')');
  parser.end();
  return { name, schema };
}

class Parser {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  fields(close: string): Record<string, unknown> {
    const properties: Record<string, unknown> = {};
    const required: string[] = [];
    while (!this.#take(close)) {
      const name = this.word();
      if (!this.#take('?')) required.push(name);
      properties[name] = this.#take(': ') ? this.type() : { type: 'string' };
      this.#take(', ');
    }
    return {
      type: 'object',
      properties,
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }

  /** A union, whose string choices become one enum. */
  type(): Record<string, unknown> {
    const parts = [this.#part()];
    while (this.#take('|')) parts.push(this.#part());
    const choices = parts.filter((part) => 'const' in part).map((part) => part['const']);
    const types = parts.filter((part) => !('const' in part));
    const merged =
      choices.length > 1
        ? [{ type: 'string', enum: choices }, ...types]
        : [...choices.map((one) => ({ type: 'string', const: one })), ...types];
    const [first = {}, ...more] = merged;
    return more.length === 0 ? first : { anyOf: merged };
  }

  #part(): Record<string, unknown> {
    let type = this.#single();
    while (this.#take('[')) {
      const bounds = this.#range('Items', ']');
      type = { type: 'array', items: type, ...bounds };
    }
    return type;
  }

  #single(): Record<string, unknown> {
    if (this.#take('(')) {
      const inner = this.type();
      this.expect(')');
      return inner;
    }
    if (this.#take('{*: ')) {
      const values = this.type();
      this.expect('}');
      return { type: 'object', additionalProperties: Object.keys(values).length === 0 || values };
    }
    if (this.#take('{}')) return { type: 'object', additionalProperties: false };
    if (this.#take('{')) return this.fields('}');
    const quoted = this.#match(/^"(?:[^"\\]|\\.)*"/);
    if (quoted !== undefined) return { const: JSON.parse(quoted) };
    const number = this.#match(/^(?:\.\.\d+|\d+(?:-\d+|\+))/);
    if (number !== undefined) return { type: 'integer', ...bounds(number, 'imum') };
    const word = this.word();
    switch (word) {
      case 'string':
        return { type: 'string', ...(this.#take('(') && this.#range('Length', ')')) };
      case 'int':
        return { type: 'integer' };
      case 'bool':
        return { type: 'boolean' };
      case 'any':
        return {};
      case 'number':
      case 'null':
        return { type: word };
      default:
        return { const: word };
    }
  }

  #range(bound: string, close: string): Record<string, number> {
    const text = this.#match(/^(?:\.\.\d+|\d+(?:-\d+|\+))/);
    this.expect(close);
    return text === undefined ? {} : bounds(text, bound);
  }

  word(): string {
    const found = this.#match(/^[A-Za-z_][\w.:/-]*(?<![:])/);
    if (found === undefined) throw new Error(`a word is missing at ${this.#rest()}`);
    return found;
  }

  expect(token: string): void {
    if (!this.#take(token)) throw new Error(`${token} is missing at ${this.#rest()}`);
  }

  end(): void {
    if (this.#rest() !== '') throw new Error(`unexpected ${this.#rest()}`);
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    const [found] = pattern.exec(this.#rest()) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }
}

function bounds(text: string, bound: string): Record<string, number> {
  const [, upTo] = /^\.\.(\d+)$/.exec(text) ?? [];
  if (upTo !== undefined) return { [`max${bound}`]: Number(upTo) };
  const [min = '', max = ''] = text.split(/[-+]/);
  return { [`min${bound}`]: Number(min), ...(max !== '' && { [`max${bound}`]: Number(max) }) };
}
