import { InputError } from '../errors/errors.ts';
import { jsonSize } from '../text/json-size.ts';
import { maskFields } from '../text/mask-fields.ts';
import { type Budget, BudgetError } from './budget.ts';
import { compileQuery } from './jmespath.ts';
import { JobError, type JobFailure, type JobResult, type JsonJob, MAX_WHOLE, queryFailure } from './json-job.ts';
import { scanJson } from './json-scan.ts';
import { queryValue } from './query-value.ts';
import { besideOf, responseObject } from './response-object.ts';
import { asObject, fitToSize } from './result.ts';

/** Characters of a result that are kept free for the path of a file with secrets, which is added later. */
const SECRET_FILE_ROOM = 400;
const SMALLEST_RESULT = 1_000;

/**
 * Runs a job in this process.
 * @param read Returns the text. Called only once, so that the text can be freed.
 * @throws {JobError}
 */
export function runJob(job: JsonJob, read: () => string, budget: Budget): JobResult {
  const parsed = parse(read());
  const { response, maxChars } = job;
  const whole = response ? responseObject(parsed, response.status, response.keys) : asObject(parsed);
  const kept = response?.take === undefined ? whole : firstItems(whole, response.take);
  const { masked, found } = response ? maskFields(kept, response.secretPaths) : { masked: kept, found: [] };
  const value = withQuery(job, asObject(masked), budget);
  if (maxChars === undefined) {
    if (jsonSize(value, MAX_WHOLE) > MAX_WHOLE) throw new JobError({ reason: 'too-large' });
    return { value, found };
  }
  const fields = found.map(({ field }) => field);
  const room = found.length > 0 ? jsonSize(fields, maxChars) + SECRET_FILE_ROOM : 0;
  return { value: fitToSize(value, Math.max(SMALLEST_RESULT, maxChars - room)), found };
}

/** Decodes JSON text. @throws {JobError} if it cannot be parsed safely. */
export function decodeJson(bytes: Buffer): string {
  const problem = scanJson(bytes);
  if (problem) throw new JobError({ reason: problem });
  return bytes.toString('utf8');
}

function parse(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    throw new JobError({ reason: 'not-json' });
  }
}

function firstItems(value: Record<string, unknown>, take: number): Record<string, unknown> {
  const { data } = value;
  return Array.isArray(data) ? { ...value, data: data.slice(0, take) } : value;
}

function withQuery(job: JsonJob, response: Record<string, unknown>, budget: Budget): Record<string, unknown> {
  if (job.expression === undefined) return response;
  try {
    const query = compileQuery(job.expression);
    return queryValue(query(response, budget), response, job.beside ?? besideOf(response), query.conditions);
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    if (!job.written) throw new JobError(failure);
    return { ...response, query_error: queryFailure(failure).message };
  }
}

function failureOf(error: unknown): JobFailure | undefined {
  if (error instanceof BudgetError) return { reason: error.reason };
  if (!(error instanceof InputError)) return undefined;
  return { reason: 'query', message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
}
