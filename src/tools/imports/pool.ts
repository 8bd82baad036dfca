/**
 * Works on the items of a list, `width` at a time. Items with the same key are worked on one after the other. After a failure no
 * further item is started, running ones are awaited, and the first failure is thrown.
 */
export async function eachOf<T>(
  items: AsyncGenerator<T, void>,
  width: number,
  keyOf: (item: T) => string,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const turns = new Map<string, Promise<void>>();
  let failure: { error: unknown } | undefined;
  const inTurn = async (item: T): Promise<void> => {
    const key = keyOf(item);
    const before = turns.get(key);
    const turn = (before ?? Promise.resolve()).then(() => (failure ? undefined : work(item)));
    // The next item with this key waits for this one, whatever its result.
    const settled = turn.catch(() => {});
    turns.set(key, settled);
    try {
      await turn;
    } finally {
      if (turns.get(key) === settled) turns.delete(key);
    }
  };
  const worker = async () => {
    try {
      for (;;) {
        if (failure) return;
        const { done, value } = await items.next();
        if (done) return;
        await inTurn(value);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  await items.return();
  if (failure) throw failure.error;
}
