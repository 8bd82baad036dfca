import type { ReportOptions } from '../result-report.ts';
import type { WorkflowContext } from '../types.ts';

/**
 * Adds a report to a composite's result if the caller asked for one.
 * @param whole What the report shows, if it is more than the result.
 */
export function withResultReport<T extends object>(
  context: WorkflowContext,
  result: T,
  describe: () => Omit<ReportOptions, 'now'>,
  whole: object = result,
): Promise<T & { report?: string; report_error?: string }> {
  return context.withReport(result, async () => {
    const { resultReport } = await import('../result-report.ts');
    return resultReport({ ...whole }, { ...describe(), now: context.now() });
  });
}
