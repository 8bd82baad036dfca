import {
  compile,
  getRegisteredFunctions,
  type JSONValue,
  TreeInterpreter,
  tokenize,
} from '@jmespath-community/jmespath';
import { InputError } from '../errors/errors.ts';

/** Runs a well-formed expression over a value. @throws {InputError} where a value does not fit a function. */
export type JmespathQuery = (value: unknown) => unknown;

const EXAMPLES =
  "Examples: data[?state=='inactive'].email, length(data), data[].{id: id, name: name}. Put strings in single quotes, numbers in backticks.";
const MAX_EXPRESSION = 4_000;

/** Compiles a JMESPath expression (community edition). @throws {InputError} with the position of the mistake. */
export function compileQuery(expression: string): JmespathQuery {
  const mistake = (message: string, at: number) => {
    const place = `${expression.slice(0, at)} >>> ${expression.slice(at)}`.trim();
    return new InputError(`query is wrong at position ${at}: ${message} (${place.slice(0, 300)})`, ['query'], EXAMPLES);
  };
  if (expression.length > MAX_EXPRESSION) {
    throw new InputError(`query is longer than ${MAX_EXPRESSION} characters`, ['query'], EXAMPLES);
  }
  const problem = parseError(expression);
  if (problem !== undefined) throw mistake(problem, positionOf(expression));
  const assignment = strayAssignment(expression);
  if (assignment !== undefined) throw mistake('= is not a comparison; use ==', assignment);
  const known = new Set(getRegisteredFunctions());
  for (const { name, at } of functionsIn(expression)) {
    if (!known.has(name)) throw mistake(`there is no function ${name}()`, at);
  }
  const tree = compile(expression);
  return (value) => {
    try {
      // The value was parsed from JSON, so it is a JSONValue.
      return TreeInterpreter.search(tree, value as JSONValue);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new InputError(`query does not fit this result: ${text}`, ['query'], EXAMPLES);
    }
  };
}

function parseError(expression: string): string | undefined {
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Syntax error: /, '') : String(error);
  }
}

/** The parser does not say where it stopped. It is the first token after which no continuation can be well formed. */
function positionOf(expression: string): number {
  const starts: number[] = [];
  try {
    for (const { start } of tokenize(expression)) starts.push(start);
  } catch {
    return tokenizableLength(expression);
  }
  for (const end of [...starts.slice(1), expression.length]) {
    const problem = parseError(expression.slice(0, end));
    if (problem !== undefined && !problem.includes('EOF')) return starts.findLast((start) => start < end) ?? 0;
  }
  return expression.length;
}

/** The length of the longest prefix that consists of valid tokens. */
function tokenizableLength(expression: string): number {
  for (let end = expression.length; end > 0; end--) {
    try {
      tokenize(expression.slice(0, end));
      return end;
    } catch {
      // Try one character less.
    }
  }
  return 0;
}

/** Outside `let $x = …` the parser takes a single equals sign for a binding that is always true, so a filter would let everything through. */
function strayAssignment(expression: string): number | undefined {
  const tokens = tokenize(expression);
  return tokens.find(({ type }, index) => type === 'Assign' && tokens[index - 1]?.type !== 'Variable')?.start;
}

function functionsIn(expression: string): { name: string; at: number }[] {
  const tokens = tokenize(expression);
  return tokens.flatMap(({ type, value, start }, index) =>
    type === 'UnquotedIdentifier' && tokens[index + 1]?.type === 'Lparen' ? [{ name: String(value), at: start }] : [],
  );
}
