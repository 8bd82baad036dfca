/** What a person may do, according to their permissions. Rights restrict the settings and never extend them. */
export interface Rights {
  read: boolean;
  write: boolean;
  /** Destructive calls, and all others that need consent. */
  delete: boolean;
  /** Receiving secrets in files or results, and calls that return a secret that WorkOS shows only once. */
  secrets: boolean;
}

/** The permission that gives each right. */
export const PERMISSIONS = {
  read: 'workos-mcp:read',
  write: 'workos-mcp:write',
  delete: 'workos-mcp:delete',
  secrets: 'workos-mcp:secrets',
} as const satisfies Record<keyof Rights, string>;

/** Every right, which leaves the settings as they are. */
export const ALL_RIGHTS: Rights = { read: true, write: true, delete: true, secrets: true };
