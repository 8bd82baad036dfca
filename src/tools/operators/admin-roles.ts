/** Words that mark an administrator's role. */
const ADMIN = new Set(['admin', 'administrator', 'owner', 'superadmin', 'superuser']);
/** Words that may accompany them. Any other word narrows the role: a `billing-admin` does not run the organization. */
const BESIDE = new Set(['org', 'organization', 'account', 'company', 'global', 'super', 'team', 'tenant', 'workspace']);

/**
 * Whether a role is an administrator's, judging by its slug: `admin`, `owner`, `org-admin`, `workspace_owner`, `super-admin`. A
 * role with any other word, such as `billing-admin` or `admin-readonly`, is not, so that nobody counts as a second administrator
 * who could not stand in for the first.
 */
export function isAdminRole(slug: string): boolean {
  const words = slug
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map(singular)
    .filter(Boolean);
  return words.some((word) => ADMIN.has(word)) && words.every((word) => ADMIN.has(word) || BESIDE.has(word));
}

function singular(word: string): string {
  return word.replace(/s$/, '');
}
