import { asObject } from '../results/result.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';

/** How the ids of what lists are filtered by begin, and the tool that finds one by a name or an address. */
const FILTERS: Readonly<Record<string, readonly [prefix: string, finder: string]>> = {
  organization_id: ['org_', 'list_organizations with search'],
  user_id: ['user_', 'list_users with email'],
  directory: ['directory_', 'list_directories with search'],
};

/**
 * Says of an empty list that it was filtered by a name in place of an id: WorkOS has nothing of that id, and answers the same as
 * for a customer who has none.
 */
export function doubtfulId(input: Readonly<Record<string, unknown>>, answer: unknown): string | undefined {
  const { data, result } = asObject(answer);
  if (![data, result].some((one) => Array.isArray(one) && one.length === 0) && result !== 0 && result !== null)
    return undefined;
  const [found] = Object.entries(FILTERS).flatMap(([name, [prefix, finder]]) => {
    const value = input[name];
    if (typeof value !== 'string' || value.startsWith(prefix)) return [];
    return [`${name} takes an id (${prefix}…), and ${quoteUntrusted(value, 60)} is none: ${finder} finds it.`];
  });
  return found;
}
