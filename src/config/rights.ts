/** What one person may do, as their permissions say. Rights narrow the settings and never widen them. */
export interface Rights {
  read: boolean;
  write: boolean;
  /** What destroys something, and everything else that takes consent. */
  delete: boolean;
  /** To be given secrets: in a file, in a result, or such as WorkOS shows only once. */
  secrets: boolean;
}

/** The permission that gives each right. */
export const PERMISSIONS = {
  read: 'workos-mcp:read',
  write: 'workos-mcp:write',
  delete: 'workos-mcp:delete',
  secrets: 'workos-mcp:secrets',
} as const satisfies Record<keyof Rights, string>;

/** Rights that leave the settings as they are. */
export const ALL_RIGHTS: Rights = { read: true, write: true, delete: true, secrets: true };
