/** Reads a whole list as through a relay: page by page, with the model reading every object. */
export async function allOf(call, tool, input = {}) {
  const all = [];
  for (let after; after !== null; ) {
    const { data, list_metadata } = await call(tool, { ...input, limit: 100, ...(after && { after }) });
    all.push(...data);
    after = list_metadata?.after ?? null;
  }
  return all;
}
