import * as z from 'zod';

/** One row of an export: a value for each column that has one. */
export type ExportRow = Readonly<Record<string, unknown>>;

const metadata = z.record(z.string(), z.unknown()).nullish();
const text = z.string().nullish();

/** The fields of a user that an export reads. */
export const ExportedUser = z.looseObject({
  id: z.string(),
  email: z.string(),
  first_name: text,
  last_name: text,
  name: text,
  email_verified: z.boolean().nullish(),
  external_id: text,
  locale: text,
  metadata,
});

export const ExportedOrganization = z.looseObject({
  id: z.string(),
  name: z.string(),
  external_id: text,
  domains: z.array(z.object({ domain: z.string() })).nullish(),
  metadata,
});

const Role = z.object({ slug: z.string() });

export const ExportedMembership = z.looseObject({
  id: z.string(),
  user_id: z.string(),
  user: z.looseObject({ email: z.string() }).nullish(),
  organization_id: z.string(),
  role: Role.nullish(),
  roles: z.array(Role).nullish(),
  status: z.string(),
});

/** A user in the columns of import_users, without the fields that WorkOS assigns. */
export function userRow(user: z.output<typeof ExportedUser>): ExportRow {
  const { email, first_name, last_name, name, email_verified, external_id, locale, metadata: pairs } = user;
  return withoutEmpty({ email, first_name, last_name, name, email_verified, external_id, locale, metadata: pairs });
}

export function organizationRow(organization: z.output<typeof ExportedOrganization>): ExportRow {
  const { id, name, external_id, domains, metadata: pairs } = organization;
  return withoutEmpty({ id, name, external_id, domains: domains?.map(({ domain }) => domain), metadata: pairs });
}

export function membershipRow(membership: z.output<typeof ExportedMembership>, email: string): ExportRow {
  const { organization_id, role, roles, status } = membership;
  const slugs = roles?.map(({ slug }) => slug) ?? [];
  return withoutEmpty({
    email,
    organization_id,
    ...(slugs.length > 1 ? { role_slugs: slugs } : { role_slug: slugs[0] ?? role?.slug }),
    status,
  });
}

/** The columns of each kind, in order. Metadata columns, if any, come after them. */
export const COLUMNS = {
  users: ['email', 'first_name', 'last_name', 'name', 'email_verified', 'external_id', 'locale'],
  organizations: ['id', 'name', 'external_id', 'domains'],
  memberships: ['email', 'organization_id', 'role_slug', 'role_slugs', 'status'],
} as const;

/** The names of the columns for a row's metadata. */
export function metadataColumns({ metadata: pairs }: ExportRow): string[] {
  return Object.keys(Object(pairs)).map((key) => `metadata.${key}`);
}

/** Formats a row as a line of CSV, including the line ending. */
export function csvLine(row: ExportRow, columns: readonly string[]): string {
  const pairs: Record<string, unknown> = Object(row['metadata']);
  const cells = columns.map((name) =>
    name.startsWith('metadata.') ? pairs[name.slice('metadata.'.length)] : row[name],
  );
  return csvCells(cells.map((value) => (Array.isArray(value) ? value.join(',') : String(value ?? ''))));
}

/** Formats cells as a line of CSV, including the line ending. */
export function csvCells(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * Escapes a cell so that no spreadsheet runs it as a formula: people choose their own names, and some begin with `=`. A leading
 * apostrophe is the usual way to mark a cell as text. import_users removes it again.
 */
function csvCell(value: string): string {
  const safe = /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function withoutEmpty(row: Record<string, unknown>): ExportRow {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return Object.fromEntries(
    entries.filter(([, value]) => typeof value !== 'object' || Object.keys(Object(value)).length > 0),
  );
}
