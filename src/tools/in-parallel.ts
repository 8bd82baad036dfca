/** Runs so many at a time, and resolves to their results in the order of the list. Begins no more after a failure. */
export async function inParallel<T, R>(
  list: readonly T[],
  width: number,
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = list.entries();
  let hasFailed = false;
  const worker = async () => {
    // All workers take from the same iterator, so none takes what another has.
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
