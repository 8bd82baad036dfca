import type { Attempts } from './attempts.ts';
import { type Assessed, listed, type NextStep, quoted, word } from './findings.ts';
import { membershipOf } from './membership-findings.ts';
import { type DirectoryUser, rolesOf, textAt } from './records.ts';
import { certificateFindings, connectionFindings, directoryFindings, nameOf, type Severity } from './setup-findings.ts';
import type { Setup, SignInFacts } from './sign-in-facts.ts';
import { domainOf, isConsumerDomain } from './similar-address.ts';
import { ago, timeOf } from './times.ts';

/** Whether the organization's SSO and directories let this person in. */
export function personSetupFindings(facts: SignInFacts, { usesSso, isIn }: Attempts): Assessed[] {
  const { organization, setup, now } = facts;
  const domains = domainFindings(facts, usesSso, isIn);
  if (!organization || !setup) return domains;
  const sso: Severity = {
    status: usesSso === false || isIn ? 'warning' : 'problem',
    weight: usesSso === true ? 84 : 62,
  };
  const connections = connectionFindings(organization.id, setup, sso, now);
  const none = setup.connections?.items.length === 0 && !setup.connections.more && usesSso === true;
  return [
    ...(none && connections[0]?.status === 'ok' ? [withoutConnection(organization.id)] : connections),
    ...certificateFindings(organization.id, setup, { ...sso, weight: sso.weight + 1 }, now),
    ...directoryUserFindings(facts, setup, isIn),
    ...directoryFindings(organization.id, setup, { status: needsDirectory(facts) ? 'problem' : 'warning', weight: 60 }),
    ...domains,
  ];
}

function withoutConnection(organization: string): Assessed {
  return {
    check: 'connection',
    status: 'problem',
    detail: 'they are sent to SSO, but the organization has no connection',
    fix: "Set one up, or change the organization's authentication policy in the dashboard.",
    weight: 84,
    next: [
      {
        tool: 'generate_portal_link',
        arguments: { organization, intent: 'sso' },
        why: 'for an IT admin who is online now',
      },
    ],
    notVisible: ["the organization's authentication policy"],
  };
}

/** Whether the directory should have given this person access. */
function needsDirectory(facts: SignInFacts): boolean {
  const isStranger = facts.user === null || (facts.memberships && membershipOf(facts)?.status !== 'active');
  return isStranger === true && facts.directoryUsers?.items.length === 0;
}

function directoryUserFindings(facts: SignInFacts, setup: Setup, isIn: boolean): Assessed[] {
  const { directoryUsers, directories } = { ...facts, ...setup };
  if (!directoryUsers || !directories || directories.items.length === 0) return [];
  const gone = directoryUsers.items.filter(({ state }) => state && state !== 'active');
  const [active] = directoryUsers.items.filter(({ state }) => state === 'active');
  if (active) return [activeFinding(active, setup), ...roleFindings(facts, active)];
  const [first] = gone;
  const membership = membershipOf(facts)?.status;
  const status = isIn ? 'warning' : 'problem';
  if (first) {
    const kept = membership === 'active' ? '; the membership is still active' : '';
    return [
      {
        check: 'directory_user',
        status,
        detail: `${word(first.state)} in the directory ${directoryName(first, setup)}${kept}`,
        fix: 'The customer has to activate them at the identity provider; a change made here would be undone.',
        weight: membership === 'active' ? 70 : 95,
        next: [
          {
            tool: 'get_directory_user',
            arguments: { directory_user_id: first.id },
            why: 'see what the directory says',
          },
        ],
        notVisible: [IDP],
      },
    ];
  }
  if (directoryUsers.more) return [];
  return missing(facts, setup, membership === 'active' || facts.user === undefined);
}

const IDP = "the identity provider's own log, and whether the app is assigned to them there";

function activeFinding(one: DirectoryUser, setup: Setup): Assessed {
  const groups = (one.groups ?? []).flatMap(({ name }) => (name ? quoted(name, 30) : []));
  const roles = rolesOf(one).map((slug) => quoted(slug, 30));
  const gives = roles.length > 0 ? `, role ${listed(roles)}` : '';
  return {
    check: 'directory_user',
    status: 'ok',
    detail: `active in ${directoryName(one, setup)}${groups.length > 0 ? `, groups ${listed(groups)}` : ''}${gives}`,
    weight: 40,
  };
}

/** No directory has this address. */
function missing({ email, now }: SignInFacts, setup: Setup, isFine: boolean): Assessed[] {
  const { directories, events } = setup;
  const check = 'directory_user';
  const names = listed((directories?.items ?? []).map(nameOf), 2);
  const removed = events?.items.find(
    ({ event, data }) => event === 'dsync.user.deleted' && textAt(data, 'email')?.toLowerCase() === email,
  );
  const time = timeOf(removed?.created_at);
  const [directory] = directories?.items ?? [];
  if (!removed && isFine) return [{ check, status: 'ok', detail: `not in the directory ${names}`, weight: 5 }];
  const next: NextStep[] = directory
    ? [
        {
          tool: 'list_directory_users',
          arguments: { directory: directory.id },
          why: 'look for them under another address',
        },
      ]
    : [];
  return [
    {
      check,
      // Not everybody has to be in a directory, so only a removal explains why access is gone.
      status: isFine || !removed ? 'warning' : 'problem',
      detail: removed
        ? `removed from the directory ${names}${time === undefined ? '' : ` ${ago(time, now)}`}`
        : `not in the directory ${names}`,
      fix: 'The customer has to assign the app to them at the identity provider.',
      weight: removed ? 93 : 58,
      next,
      notVisible: [IDP],
    },
  ];
}

function roleFindings(facts: SignInFacts, one: DirectoryUser): Assessed[] {
  const membership = membershipOf(facts);
  const given = rolesOf(one);
  const check = 'role';
  const groups = (one.groups ?? []).flatMap(({ name }) => (name ? quoted(name, 30) : []));
  if (given.length === 0 && groups.length > 0) {
    return [
      {
        check,
        status: 'warning',
        detail: `the directory groups ${listed(groups)} give no role`,
        fix: 'Map one of the groups to a role, in the dashboard or the Admin Portal.',
        weight: 45,
        next: [{ tool: 'get_directory_user', arguments: { directory_user_id: one.id }, why: 'see groups and roles' }],
      },
    ];
  }
  const has = membership ? rolesOf(membership) : [];
  const differs = given.length > 0 && has.length > 0 && !given.some((slug) => has.includes(slug));
  if (!membership?.directory_managed || !differs) return [];
  return [
    {
      check,
      status: 'warning',
      detail: `the directory gives ${listed(given.map((slug) => quoted(slug, 30)))}, the membership has ${listed(has.map((slug) => quoted(slug, 30)))}`,
      fix: 'The role is updated when the directory next changes them, or at their next sign-in.',
      weight: 44,
      next: [{ tool: 'get_directory_user', arguments: { directory_user_id: one.id }, why: 'see groups and roles' }],
    },
  ];
}

/** Whether the address's domain leads to the organization and its SSO. */
function domainFindings(facts: SignInFacts, usesSso: boolean | undefined, isIn: boolean): Assessed[] {
  const { organization, setup, owners, email } = facts;
  const domain = email && domainOf(email);
  if (!domain) return [];
  const check = 'domain';
  const name = quoted(domain, 60);
  const own = organization?.domains?.find((one) => one.domain.toLowerCase() === domain);
  const hasSso = setup?.connections?.items.some(({ state }) => state === 'active') ?? false;
  const isActive = membershipOf(facts)?.status === 'active';
  if (own && organization) {
    const { state } = own;
    if (!state || state === 'verified' || state === 'legacy_verified') {
      return [
        {
          check,
          status: 'ok',
          detail: `${name} is ${state ? 'a verified domain' : 'a domain'} of the organization`,
          weight: 30,
        },
      ];
    }
    const input = { organization_domain_id: own.id };
    return [
      {
        check,
        status: hasSso && usesSso !== false && !isIn ? 'problem' : 'warning',
        detail: `the domain ${name} is ${word(state)}, so SSO does not accept its addresses`,
        fix: 'The customer has to publish the DNS record; then verify the domain.',
        weight: usesSso === true ? 80 : 61,
        next: own.id
          ? [
              { tool: 'verify_organization_domain', arguments: input, why: 'check the DNS record' },
              { tool: 'get_organization_domain', arguments: input, why: 'see the DNS record' },
            ]
          : [],
      },
    ];
  }
  const [owner] = owners?.items.filter(({ id }) => id !== organization?.id) ?? [];
  if (owner && organization && !isActive) {
    return [
      {
        check,
        status: 'warning',
        detail: `${name} is a domain of ${quoted(owner.name, 60)}, not of ${quoted(organization.name, 60)}`,
        fix: 'They may mean the other organization.',
        weight: 57,
        next: [
          {
            tool: 'diagnose_sign_in',
            arguments: { user: facts.user?.id ?? email, organization: owner.id },
            why: 'look at the organization that has their domain',
          },
        ],
      },
    ];
  }
  const isRejected =
    hasSso && organization?.domains !== undefined && organization.allow_profiles_outside_organization === false;
  if (!isRejected || usesSso === false) return [];
  return [
    {
      check,
      status: 'warning',
      detail: `${name} is ${isConsumerDomain(domain) ? 'a consumer domain' : 'not a domain of the organization'}, and its SSO only accepts its own domains`,
      fix: 'Use a company address, or add and verify the domain.',
      weight: 56,
      next: [{ tool: 'get_organization', arguments: { organization_id: organization.id }, why: 'see its domains' }],
    },
  ];
}

function directoryName({ directory_id }: DirectoryUser, { directories }: Setup): string {
  const directory = directories?.items.find(({ id }) => id === directory_id);
  return directory ? nameOf(directory) : quoted(directory_id ?? 'unknown', 40);
}
