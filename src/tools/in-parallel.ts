/** Runs `width` items at a time, and resolves to the results in list order. After a failure, no further item is started. */
export async function inParallel<T, R>(
  list: readonly T[],
  width: number,
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = list.entries();
  let hasFailed = false;
  const worker = async () => {
    // All workers share one iterator, so each item is taken once.
    for (let next = waiting.next(); !next.done && !hasFailed; next = waiting.next()) {
      const [index, item] = next.value;
      try {
        results[index] = await run(item, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker));
  return results;
}
