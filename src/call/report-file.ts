import { keysIn } from '../config/api-key.ts';
import { fileNameIn } from '../config/config.ts';
import { CancelledError } from '../errors/errors.ts';
import type { Report } from '../reports/report.ts';
import { FileWriter } from '../results/file-writer.ts';
import { redact } from '../text/redact.ts';
import { isGuessable } from '../text/redact-foreign.ts';
import { removeKeyFromText } from '../text/remove-key.ts';
import type { Caller } from './caller.ts';
import type { Runtime } from './runtime.ts';

/**
 * Writes a report as an HTML file, without the key, the given secrets, and anything that looks like a secret, because people
 * share such pages. A failed write is returned as `report_error`, because the reported work is already done.
 * @throws {CancelledError}
 */
export async function reportFile(
  { config }: Pick<Runtime, 'config'>,
  { signal, wrote }: Pick<Caller, 'signal' | 'wrote'>,
  name: string,
  secrets: readonly string[],
  make: () => Report | Promise<Report>,
): Promise<{ report: string } | { report_error: string }> {
  let writer: FileWriter | undefined;
  try {
    const report = await make();
    const keys = keysIn(config.key);
    const unguessable = secrets.filter((secret) => !isGuessable(secret));
    const clean = textsOf(report, (text) => redact(removeKeyFromText(text, keys), unguessable));
    const { reportHtml } = await import('../reports/report-html.ts');
    const fileName = fileNameIn(config, `${name}_report`);
    writer = await FileWriter.create(config.outputDir, fileName, 'html', config.remote?.maxFileBytes);
    await writer.write(reportHtml(clean));
    await writer.finish();
    wrote?.(writer.path);
    return { report: writer.path };
  } catch (error) {
    await writer?.discard();
    if (signal.aborted) throw new CancelledError();
    return { report_error: error instanceof Error ? error.message : String(error) };
  }
}

/** Applies `change` to every string in a value, once for each distinct string. */
function textsOf<T>(value: T, change: (text: string) => string): T {
  const known = new Map<string, string>();
  const visit = (item: unknown): unknown => {
    if (typeof item === 'string') {
      const changed = known.get(item) ?? change(item);
      known.set(item, changed);
      return changed;
    }
    if (Array.isArray(item)) return item.map(visit);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([field, inner]) => [field, visit(inner)]));
  };
  // Only strings have changed.
  return visit(value) as T;
}
