import { setImmediate } from 'node:timers/promises';
import { jsonSize } from '../text/json-size.ts';
import { BudgetError } from './budget.ts';
import { runIsolated } from './isolated-job.ts';
import type { JmespathQuery } from './jmespath.ts';
import { JobError, queryFailure } from './json-job.ts';
import { jsonPieces } from './json-pieces.ts';
import { queryValue } from './query-value.ts';
import { besideOf } from './response-object.ts';
import { asObject } from './result.ts';

/** Options for {@link queryResult}. */
export interface QueryOptions {
  /** The fields to add to the expression's value. Default: those that besideOf() takes from the response. */
  beside?: Record<string, unknown>;
  /** After a write, an expression that fails is reported in `query_error`, not thrown, because the write is done. */
  written: boolean;
  /** The size to cut a large result to, in characters; undefined if code processes the result. */
  maxChars: number | undefined;
  signal: AbortSignal;
}

/** The largest value, in characters of JSON, to evaluate on the main thread: steps on a larger value take longer. */
const MAX_SIZE_HERE = 1024 * 1024;

/**
 * Evaluates a JMESPath expression, and adds the cursor and file paths that a caller needs. An expression that is slow, or that
 * runs over a large value, is evaluated in a separate process with limits on time and memory.
 * @throws {InputError} if the expression does not fit the response, or exceeds these limits.
 * @throws {CancelledError}
 */
export async function queryResult(
  query: JmespathQuery,
  response: unknown,
  { beside = besideOf(asObject(response)), written, maxChars, signal }: QueryOptions,
): Promise<Record<string, unknown>> {
  try {
    await ownTurn();
    const here = jsonSize(response, MAX_SIZE_HERE) <= MAX_SIZE_HERE ? quickResult(query, response) : undefined;
    if (here) return queryValue(here.value, response, beside, query.conditions);
    const job = { expression: query.expression, beside, written: false, maxChars };
    return (await runIsolated(job, jsonPieces(response), signal)).value;
  } catch (thrown) {
    const error = thrown instanceof JobError ? queryFailure(thrown.failure) : thrown;
    if (!written || !(error instanceof Error)) throw error;
    return { ...asObject(response), query_error: error.message };
  }
}

let lastTurn = Promise.resolve();

/** Admits one caller per turn of the event loop, because many short expressions together would block it. */
function ownTurn(): Promise<void> {
  const turn = lastTurn;
  lastTurn = turn.then(() => setImmediate());
  return turn;
}

/** The expression's value, or undefined if evaluating it takes too long. */
function quickResult(query: JmespathQuery, response: unknown): { value: unknown } | undefined {
  try {
    return { value: query(response) };
  } catch (error) {
    if (error instanceof BudgetError) return undefined;
    throw error;
  }
}
