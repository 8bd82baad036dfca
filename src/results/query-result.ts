import type { JmespathQuery } from './jmespath.ts';
import { asObject } from './result.ts';

/**
 * A JMESPath expression's value, with the cursor and file paths a caller needs beside it. After a write (`written`), an
 * expression that does not fit is reported in `query_error`, not thrown, because the write is done.
 */
export function queryResult(
  query: JmespathQuery,
  response: unknown,
  secretFiles: readonly unknown[],
  written: boolean,
): unknown {
  const { list_metadata, secret_file, path } = asObject(response);
  const beside = {
    ...(list_metadata !== undefined && { list_metadata }),
    ...(secret_file !== undefined && { secret_file }),
    ...(secretFiles.length > 0 && { secret_files: secretFiles }),
    ...(path !== undefined && { path }),
  };
  try {
    return { result: query(response) ?? null, ...beside };
  } catch (error) {
    if (!written || !(error instanceof Error)) throw error;
    return { ...asObject(response), query_error: error.message };
  }
}
