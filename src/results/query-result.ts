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

/** How an expression runs over a response. */
export interface QueryOptions {
  /** What goes beside the expression's value; where left out, what the response itself has for it. */
  beside?: Record<string, unknown>;
  /** After a write, an expression that fails is reported in `query_error`, not thrown, because the write is done. */
  written: boolean;
  /** The size to cut a large result to; undefined where somebody goes on to work with it. */
  maxChars: number | undefined;
  signal: AbortSignal;
}

/** A step on a larger value takes longer. */
const MAX_SIZE_HERE = 1024 * 1024;

/**
 * A JMESPath expression's value, with the cursor and file paths a caller needs beside it. An expression that does not end in a
 * moment, or has a large value to run over, runs in a process of its own, within limits of time and memory.
 * @throws {InputError} where it does not fit the response, or goes over these limits.
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

/** Resolves at once for one caller in each turn of the event loop, because many short expressions together take long. */
function ownTurn(): Promise<void> {
  const turn = lastTurn;
  lastTurn = turn.then(() => setImmediate());
  return turn;
}

/** The expression's value, unless that takes too long. */
function quickResult(query: JmespathQuery, response: unknown): { value: unknown } | undefined {
  try {
    return { value: query(response) };
  } catch (error) {
    if (error instanceof BudgetError) return undefined;
    throw error;
  }
}
