import type { Reads } from './reads.ts';
import { addressesOf, Certificate, Connection, Directory, DirectoryUser, Event, textAt } from './records.ts';
import { SETUP_CHANGES } from './sign-in-events.ts';
import type { Setup } from './sign-in-facts.ts';

/** The most connections whose certificates are read, and the most directories that are searched for a person. */
const MOST_ASKED = 2;

/** Reads an organization's connections and directories in one round. */
export async function gatherSetup(reads: Reads, organization_id: string): Promise<Setup> {
  const [connections, directories] = await Promise.all([
    reads.list(Connection, 'list_connections', { organization_id }),
    reads.list(Directory, 'list_directories', { organization_id }),
  ]);
  return { connections, directories, certificates: new Map(), events: undefined };
}

/** The certificates of active SAML connections, by connection id. Certificates that could not be read are missing. */
export async function gatherCertificates(
  reads: Reads,
  connections: readonly Connection[],
): Promise<ReadonlyMap<string, readonly Certificate[]>> {
  const used = connections.filter(
    ({ connection_type, state }) => connection_type?.endsWith('SAML') && state === 'active',
  );
  const read = await Promise.all(
    used.slice(0, MOST_ASKED).map(async ({ id }) => {
      const found = await reads.list(Certificate, 'list_saml_idp_certificates', { connection_id: id });
      return found ? ([[id, found.items]] as const) : [];
    }),
  );
  return new Map(read.flat());
}

/** The users with this address in the organization's directories. */
export async function gatherDirectoryUsers(reads: Reads, directories: readonly Directory[], email: string) {
  const read = await Promise.all(
    directories
      .slice(0, MOST_ASKED)
      .map(({ id }) => reads.list(DirectoryUser, 'list_directory_users', { directory: id, email })),
  );
  const lists = read.flatMap((one) => one ?? []);
  if (lists.length < read.length) return undefined;
  const items = lists.flatMap((list) => list.items).filter((one) => addressesOf(one).includes(email));
  return { items, more: lists.some(({ more }) => more) || directories.length > MOST_ASKED };
}

/** Events about an organization's members, connections, and directories in the last 30 days, newest first. */
export function gatherSetupEvents(reads: Reads, organization_id: string) {
  return eventsOf(reads, SETUP_CHANGES, { organization_id });
}

/**
 * Events of these types, newest first. WorkOS's emulator ignores the filters for type and organization, so they are applied here
 * again.
 */
export async function eventsOf(reads: Reads, events: readonly string[], input: Record<string, unknown>, pages = 1) {
  const found = await reads.list(Event, 'list_events', { events, order: 'desc', ...input }, pages);
  const wanted = ({ event, data }: Event) => {
    const owner = textAt(data, 'organization_id') ?? textAt(data, 'connection.organization_id');
    const isTheirs =
      input['organization_id'] === undefined || owner === undefined || owner === input['organization_id'];
    return events.includes(event) && isTheirs;
  };
  return found && { ...found, items: found.items.filter(wanted) };
}
