import { compile, getRegisteredFunctions, type JSONValue, tokenize } from '@jmespath-community/jmespath';
import { InputError } from '../errors/errors.ts';
import { Budget, BudgetError } from './budget.ts';
import { conditionFields } from './jmespath-conditions.ts';
import { evaluate } from './jmespath-evaluator.ts';

/** A compiled expression. */
export interface JmespathQuery {
  readonly expression: string;
  /** The fields of a list's items that its conditions read, such as `state` in data[?state=='inactive']. */
  readonly conditions: readonly string[];
  /**
   * Evaluates the expression. The default budget stops it after at most 50 ms.
   * @throws {InputError} if a value does not fit a function.
   * @throws {BudgetError} if the budget is used up.
   */
  (value: unknown, budget?: Budget): unknown;
}

const EXAMPLES =
  "Examples: data[?state=='inactive'].email, length(data), data[].{id: id, name: name}. Put strings in single quotes, numbers in backticks.";
const MAX_EXPRESSION = 4_000;
const TOO_DEEP = 'it is nested too deeply';
/** `active` in backticks is a string, as it was in the first JMESPath. https://jmespath.org/proposals/raw-string-literals.html */
const READING = { enable_legacy_literals: true };

/** Compiles a JMESPath expression (community edition). @throws {InputError} that says where the mistake is. */
export function compileQuery(expression: string): JmespathQuery {
  const mistake = (message: string, at: number) => {
    const place = `${expression.slice(0, at)} >>> ${expression.slice(at)}`.trim();
    return new InputError(`query is wrong at position ${at}: ${message} (${place.slice(0, 300)})`, ['query'], EXAMPLES);
  };
  if (expression.length > MAX_EXPRESSION) {
    throw new InputError(`query is longer than ${MAX_EXPRESSION} characters`, ['query'], EXAMPLES);
  }
  const literal = brokenLiteral(expression);
  if (literal) throw mistake(literal.problem, literal.at);
  const problem = parseError(expression);
  if (problem !== undefined) throw mistake(problem, problem === TOO_DEEP ? 0 : positionOf(expression));
  const assignment = strayAssignment(expression);
  if (assignment !== undefined) throw mistake('= is not a comparison; use ==', assignment);
  const known = new Set(getRegisteredFunctions());
  for (const { name, at } of functionsIn(expression)) {
    if (!known.has(name)) throw mistake(`unknown function ${name}()`, at);
  }
  const tree = compile(expression, READING);
  const query = (value: unknown, budget = shortBudget()) => {
    try {
      // The value was parsed from JSON, so it is a JSONValue.
      return evaluate(tree, value as JSONValue, budget);
    } catch (error) {
      if (error instanceof BudgetError) throw error;
      throw new InputError(`query does not fit this result: ${textOf(error)}`, ['query'], EXAMPLES);
    }
  };
  return Object.assign(query, { expression, conditions: conditionFields(tree) });
}

const MAX_SHORT_MS = 50;

/** The budget on the main thread, which an expression blocks. The time limit is for slow machines. */
function shortBudget(): Budget {
  const end = performance.now() + MAX_SHORT_MS;
  return new Budget({
    steps: 200_000,
    maxLength: 200_000,
    check() {
      if (performance.now() > end) throw new BudgetError('time');
    },
  });
}

/** The message of an error. The parser and the evaluator are recursive, so an expression can overflow the stack. */
function textOf(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP;
  return error instanceof Error ? error.message : String(error);
}

function parseError(expression: string): string | undefined {
  try {
    compile(expression, READING);
    return undefined;
  } catch (error) {
    return textOf(error).replace(/^Syntax error: /, '');
  }
}

/**
 * The position of a syntax error, which the parser does not report: the first token after which no continuation can be well
 * formed. The same is true of every later token, so a binary search finds it.
 */
function positionOf(expression: string): number {
  const unreadable = unreadableToken(expression);
  if (unreadable !== undefined) return unreadable;
  const starts = tokenize(expression, READING).map(({ start }) => start);
  const ends = [...starts.slice(1), expression.length];
  const isHopeless = (end: number) => !(parseError(expression.slice(0, end))?.includes('EOF') ?? true);
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isHopeless(ends[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return starts[low] ?? expression.length;
}

const TOKEN =
  /\s+|[A-Za-z_]\w*|\$\w*|-?\d[\d-]*|"(?:\\[\\"]|[^"])*"?|'(?:\\[\\']|[^'])*'?|`(?:\\[\\`]|[^`])*`?|[!<>=]=|&&|\|\||\/\/|\[[?\]]|./gsu;

const LITERAL = /`(?:\\[\\`]|[^`])*(`?)/suy;

/**
 * The first literal in backticks that is not closed, or that begins like JSON but is not valid JSON. The library would extend
 * an unclosed literal to the end of the expression, and take invalid JSON for a string that nothing equals.
 */
function brokenLiteral(expression: string): { problem: string; at: number } | undefined {
  for (const { type, value, start } of readableTokens(expression)) {
    if (type !== 'Literal' || expression[start] !== '`') continue;
    LITERAL.lastIndex = start;
    if (LITERAL.exec(expression)?.[1] === '') return { problem: 'the ` is never closed', at: start };
    const begins = expression.slice(start + 1).trimStart()[0];
    if (typeof value === 'string' && (begins === '[' || begins === '{')) {
      return { problem: 'this is not a JSON literal', at: start };
    }
  }
  return undefined;
}

/** The tokens, or none if a token cannot be read, which the parser then reports. */
function readableTokens(expression: string): ReturnType<typeof tokenize> {
  try {
    return tokenize(expression, READING);
  } catch {
    return [];
  }
}

/** The position of the first token that the library cannot read. The library's error does not include the position. */
function unreadableToken(expression: string): number | undefined {
  for (const { 0: token, index } of expression.matchAll(TOKEN)) {
    try {
      tokenize(token, READING);
    } catch {
      return index;
    }
  }
  return undefined;
}

/**
 * The position of a single equals sign outside `let $x = …`. The parser takes it for a binding, which is always true, so a
 * filter would match everything.
 */
function strayAssignment(expression: string): number | undefined {
  const tokens = tokenize(expression, READING);
  return tokens.find(({ type }, index) => type === 'Assign' && tokens[index - 1]?.type !== 'Variable')?.start;
}

function functionsIn(expression: string): { name: string; at: number }[] {
  const tokens = tokenize(expression, READING);
  return tokens.flatMap(({ type, value, start }, index) =>
    type === 'UnquotedIdentifier' && tokens[index + 1]?.type === 'Lparen' ? [{ name: String(value), at: start }] : [],
  );
}
