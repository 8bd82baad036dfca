/** WorkOS accepts 500 writes in ten seconds. https://workos.com/docs/reference/rate-limits */
const WRITES_PER_SECOND = 50;

/** No estimate is given until one of these is reached. */
const LEAST = { rows: 20, ms: 10_000 };

/** Text such as `, about 4 min left`, from the speed so far, capped at the rate limit, which the first requests exceed. */
export function timeLeft(done: number, total: number, elapsedMs: number, writesPerRow: number): string {
  if (done === 0 || done >= total || (done < LEAST.rows && elapsedMs < LEAST.ms)) return '';
  const perRow = Math.max(elapsedMs / done, (writesPerRow * 1_000) / WRITES_PER_SECOND);
  const seconds = Math.ceil(((total - done) * perRow) / 1_000);
  if (seconds < 100) return `, about ${seconds} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `, about ${minutes} min left` : `, about ${(minutes / 60).toFixed(1)} h left`;
}
