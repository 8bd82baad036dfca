import { isAdminRole } from './admin-roles.ts';
import { type Assessed, counted, listed, type NextStep, quoted } from './findings.ts';
import type { OrganizationFacts } from './organization-facts.ts';
import { addressesOf, type DirectoryUser, type Membership, rolesOf } from './records.ts';
import { ago, timeOf } from './times.ts';

/** Whether the members, admins, directory users, and invitations of an organization are consistent. */
export function memberFindings(facts: OrganizationFacts): Assessed[] {
  return [...ofMembers(facts), ...ofAdmins(facts), ...ofDirectoryUsers(facts), ...ofInvitations(facts)];
}

const isActive = ({ status }: Membership) => status === 'active';

function ofMembers({ members }: OrganizationFacts): Assessed[] {
  if (!members) return [];
  const check = 'members';
  const counts = ['active', 'inactive', 'pending'].flatMap((status) => {
    const count = members.items.filter((one) => one.status === status).length;
    return count > 0 ? [`${count} ${status}`] : [];
  });
  if (members.items.length === 0) {
    return [
      {
        check,
        status: 'warning',
        detail: 'no members',
        weight: 60,
        fix: 'Invite someone, or check that this is the right organization.',
      },
    ];
  }
  const none = !members.more && !members.items.some(isActive);
  return [
    {
      check,
      status: none ? 'warning' : 'ok',
      detail: `${members.more ? `of ${counted(members, 'member')}: ` : ''}${counts.join(', ')}`,
      weight: none ? 62 : 60,
      ...(none && { fix: 'No one can get in until a membership is active.' }),
    },
  ];
}

function ofAdmins({ members, directoryUsers }: OrganizationFacts): Assessed[] {
  if (!members || members.items.length === 0) return [];
  const check = 'admins';
  const admins = members.items.filter((one) => rolesOf(one).some(isAdminRole));
  const active = admins.filter(isActive);
  const among = members.more ? ` among ${counted(members, 'member')}` : '';
  const suspended = active.filter((one) => suspendedRecord(one, directoryUsers));
  const [first] = admins;
  const reactivate: NextStep[] = first
    ? [
        {
          tool: 'reactivate_organization_membership',
          arguments: { organization_membership_id: first.id },
          why: 'if this admin should have access',
        },
      ]
    : [];
  if (active.length === 0) {
    const unusable = admins.length > 0 && !members.more;
    return [
      {
        check,
        // Roles can have any name, so the lack of one called admin proves nothing.
        status: unusable ? 'problem' : 'warning',
        detail: unusable
          ? `no admin is active: ${listed(admins.map(named))}`
          : `no one${among} has an active role named admin or owner`,
        fix: 'Make sure that someone at the customer can manage it.',
        weight: 75,
        next: unusable && first?.status === 'inactive' ? reactivate : [],
      },
    ];
  }
  const record = suspended[0] && suspendedRecord(suspended[0], directoryUsers);
  if (record && suspended.length === active.length && !members.more) {
    return [
      {
        check,
        status: 'problem',
        detail: `every admin is suspended in the directory: ${listed(suspended.map(named))}`,
        fix: 'The customer has to activate one of them at the identity provider, or name another admin.',
        weight: 76,
        next: [
          { tool: 'get_directory_user', arguments: { directory_user_id: record.id }, why: 'see the first of them' },
        ],
      },
    ];
  }
  if (active.length === 1 && !members.more) {
    return [
      {
        check,
        status: 'warning',
        detail: `only one admin: ${listed(active.map(named))}`,
        fix: 'A second one keeps the customer from being locked out.',
        weight: 30,
      },
    ];
  }
  return [{ check, status: 'ok', detail: `${active.length} active admins${among}`, weight: 55 }];
}

function ofDirectoryUsers({ members, directoryUsers, setup }: OrganizationFacts): Assessed[] {
  if (!members || !directoryUsers) return [];
  const kept = members.items.filter((one) => isActive(one) && suspendedRecord(one, directoryUsers));
  const addresses = new Set(members.items.flatMap((one) => one.user?.email?.toLowerCase() ?? []));
  const without = directoryUsers.items.filter(
    (one) => one.state === 'active' && one.email && !addressesOf(one).some((address) => addresses.has(address)),
  );
  const known = new Set(directoryUsers.items.flatMap(addressesOf));
  const orphans = members.items.filter(
    (one) => isActive(one) && one.directory_managed && one.user?.email && !known.has(one.user.email.toLowerCase()),
  );
  const among = directoryUsers.more ? ` among ${counted(directoryUsers, 'directory user')}` : '';
  const findings: Assessed[] = [];
  const [suspended] = kept;
  if (suspended) {
    findings.push({
      check: 'directory_users',
      status: 'problem',
      detail: `suspended in the directory, but still active members: ${listed(kept.map(named))}${among}`,
      fix: 'Deactivate them here, or activate them at the identity provider.',
      weight: 72,
      next: [
        {
          tool: 'deactivate_organization_membership',
          arguments: { organization_membership_id: suspended.id },
          why: 'if the first of them should no longer have access',
        },
        {
          tool: 'get_organization_membership',
          arguments: { organization_membership_id: suspended.id },
          why: 'see the membership of the first of them',
        },
      ],
    });
  }
  const [orphan] = orphans;
  if (orphan && !directoryUsers.more) {
    findings.push({
      check: 'directory_users',
      status: 'warning',
      detail: `managed by a directory that no longer has them: ${listed(orphans.map(named))}`,
      fix: 'Find out whether they have left.',
      weight: 48,
      next: [
        {
          tool: 'get_organization_membership',
          arguments: { organization_membership_id: orphan.id },
          why: 'see the membership of the first of them',
        },
      ],
    });
  }
  const [first] = without;
  if (first && !members.more) {
    findings.push({
      check: 'directory_users',
      status: 'warning',
      detail: `${without.length} active in the directory without a membership: ${listed(without.map(({ email }) => quoted(email ?? '')))}${among}`,
      fix: 'They become members at their first sign-in through SSO, or when they are invited.',
      weight: 32,
      next: [
        {
          tool: 'get_directory_user',
          arguments: { directory_user_id: first.id },
          why: 'see the first of them',
        },
      ],
    });
  }
  if (findings.length > 0) return findings;
  const directory = setup?.directories?.items.length === 1 ? '' : ', in the first directory';
  return [
    {
      check: 'directory_users',
      status: 'ok',
      detail: `${counted(directoryUsers, 'directory user')}${directory}`,
      weight: 35,
    },
  ];
}

/** The directory's record of a member whom it has suspended, unless another record of the member is active. */
function suspendedRecord({ user }: Membership, people: OrganizationFacts['directoryUsers']): DirectoryUser | undefined {
  const address = user?.email?.toLowerCase();
  const records = people?.items.filter((one) => address && addressesOf(one).includes(address)) ?? [];
  if (records.some(({ state }) => state === 'active')) return undefined;
  return records.find(({ state }) => state === 'suspended' || state === 'inactive');
}

function ofInvitations({ invitations, members, organization, now }: OrganizationFacts): Assessed[] {
  if (!invitations || !organization) return [];
  const addresses = new Set(members?.items.filter(isActive).flatMap((one) => one.user?.email?.toLowerCase() ?? []));
  const waiting = invitations.items.filter(({ email }) => !addresses.has(email?.toLowerCase() ?? ''));
  const isOver = ({ state, expires_at }: (typeof waiting)[number]) =>
    state === 'expired' || (state === 'pending' && (timeOf(expires_at) ?? now) < now);
  const check = 'invitations';
  const expired = waiting.filter(isOver);
  const pending = waiting.filter((one) => one.state === 'pending' && !isOver(one));
  const among = invitations.more ? ` among ${counted(invitations, 'invitation')}` : '';
  const [first] = expired;
  const open = pending.length > 0 ? `${pending.length} pending${among}` : 'none pending';
  if (!first) return [{ check, status: 'ok', detail: open, weight: 25 }];
  const ended = timeOf(first.expires_at);
  return [
    {
      check,
      status: 'warning',
      detail: `${expired.length} expired without being accepted${among}: ${listed(expired.map(({ email }) => quoted(email ?? '')))}${ended === undefined ? '' : `, the newest ${ago(ended, now)}`}; ${open}`,
      fix: 'Invite those who should still join again.',
      weight: 40,
      next: first.email
        ? [
            {
              tool: 'send_invitation',
              arguments: {
                email: first.email,
                organization_id: organization.id,
                ...(first.role_slug && { role_slug: first.role_slug }),
              },
              why: 'invite the first of them again',
            },
          ]
        : [],
    },
  ];
}

function named({ user, user_id, id }: Membership): string {
  return quoted(user?.email ?? user_id ?? id);
}
