import { asObject } from '../results/result.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';

/** The arguments that filter lists by id: the prefix of such ids, and the tool that finds one by name or address. */
const FILTERS: Readonly<Record<string, readonly [prefix: string, finder: string]>> = {
  organization_id: ['org_', 'list_organizations with search'],
  user_id: ['user_', 'list_users with email'],
  directory: ['directory_', 'list_directories with search'],
};

/**
 * A note for a list that may be empty because it was filtered by a name instead of an id, or undefined. WorkOS returns an
 * empty list both for an id that does not exist and for one without items.
 */
export function doubtfulId(input: Readonly<Record<string, unknown>>, answer: unknown): string | undefined {
  const { data, result } = asObject(answer);
  if (![data, result].some((one) => Array.isArray(one) && one.length === 0) && result !== 0 && result !== null)
    return undefined;
  const [found] = Object.entries(FILTERS).flatMap(([name, [prefix, finder]]) => {
    const value = input[name];
    if (typeof value !== 'string' || value.startsWith(prefix)) return [];
    return [`${name} takes an id (${prefix}…), and ${quoteUntrusted(value, 60)} is not one. ${finder} finds it.`];
  });
  return found;
}
