import {
  compile,
  getRegisteredFunctions,
  type JSONValue,
  TreeInterpreter,
  tokenize,
} from '@jmespath-community/jmespath';
import { InputError } from '../errors/errors.ts';

/** Runs an expression that was found to be well formed. Throws InputError where a value does not fit a function. */
export type Query = (answer: unknown) => unknown;

const EXAMPLES =
  "Right: data[?state=='inactive'].email, length(data), data[].{id: id, name: name}. Strings take single quotes, numbers backticks.";
const LONGEST = 4_000;

/** Reads a JMESPath expression (community edition). Throws InputError with the place of the mistake. */
export function compileQuery(expression: string): Query {
  const complain = (message: string, at: number) => {
    const place = `${expression.slice(0, at)} >>> ${expression.slice(at)}`.trim();
    return new InputError(`query is wrong at position ${at}: ${message} (${place.slice(0, 300)})`, ['query'], EXAMPLES);
  };
  if (expression.length > LONGEST) {
    throw new InputError(`query is longer than ${LONGEST} characters`, ['query'], EXAMPLES);
  }
  const problem = parseError(expression);
  if (problem !== undefined) throw complain(problem, placeOf(expression));
  const assignment = strayAssignment(expression);
  if (assignment !== undefined) throw complain('= does not compare, == does', assignment);
  const known = new Set(getRegisteredFunctions());
  for (const { name, at } of functionsIn(expression)) {
    if (!known.has(name)) throw complain(`there is no function ${name}()`, at);
  }
  const tree = compile(expression);
  return (answer) => {
    try {
      // An answer was parsed from JSON, so it is a JSONValue.
      return TreeInterpreter.search(tree, answer as JSONValue);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new InputError(`query does not fit this answer: ${said}`, ['query'], EXAMPLES);
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

/** The parser does not say where it stopped: the first token that makes a completable beginning uncompletable is it. */
function placeOf(expression: string): number {
  const starts: number[] = [];
  try {
    for (const { start } of tokenize(expression)) starts.push(start);
  } catch {
    return tokenizable(expression);
  }
  for (const end of [...starts.slice(1), expression.length]) {
    const problem = parseError(expression.slice(0, end));
    if (problem !== undefined && !problem.includes('EOF')) return starts.findLast((start) => start < end) ?? 0;
  }
  return expression.length;
}

/** The length of the longest beginning that is made of tokens of the language. */
function tokenizable(expression: string): number {
  for (let end = expression.length; end > 0; end--) {
    try {
      tokenize(expression.slice(0, end));
      return end;
    } catch {
      // One character less, then.
    }
  }
  return 0;
}

/** Outside of `let $x = …` the parser takes one equals sign for a binding that is always true: a filter that lets all through. */
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
