import type { SandboxClient } from '../sandbox-client.ts';

const ROOT = '/authorization';
const MEMBERSHIPS = '/user_management/organization_memberships';

/** Roles, permissions, resources, assignments, checks, groups and feature flags. */
export async function authorizationSession(client: SandboxClient): Promise<void> {
  const acme = await client.idOf('/organizations', 'Acme Robotics');
  const { data } = (await client.call(`GET ${MEMBERSHIPS}?organization_id=${acme}&limit=2`)).body;
  const [member = '', colleague = ''] = data.map(({ id }) => id);
  await rolesAndPermissions(client, acme);
  await resources(client, acme);
  await groups(client, acme, member);
  await assignments(client, acme, member, colleague);
  await featureFlags(client, acme, String(data[0]?.['user_id']));
}

async function rolesAndPermissions({ call }: SandboxClient, acme: string): Promise<void> {
  const permission = { slug: 'project:view', name: 'View project', resource_type_slug: 'project' };
  await call(`POST ${ROOT}/permissions`, permission);
  await call(`GET ${ROOT}/permissions/project:view`);
  await call(`PATCH ${ROOT}/permissions/project:view`, { description: 'See what is in it' });
  const ofOrganization = `${ROOT}/organizations/${acme}/roles`;
  for (const [root, slug] of [
    [`${ROOT}/roles`, 'viewer'],
    [ofOrganization, 'org-viewer'],
  ] as const) {
    await call(`POST ${root}`, { slug, name: 'Viewer' });
    await call(`GET ${root}`);
    await call(`GET ${root}/${slug}`);
    await call(`PATCH ${root}/${slug}`, { name: 'Guest' });
    await call(`PUT ${root}/${slug}/permissions`, { permissions: ['documents:read'] });
    await call(`POST ${root}/${slug}/permissions`, { slug: 'project:view' });
  }
  await call(`DELETE ${ofOrganization}/org-viewer/permissions/project:view`);
  await call(`DELETE ${ofOrganization}/org-viewer`);
  await call(`POST ${ROOT}/permissions`, { slug: 'project:edit', name: 'Edit project' });
  await call(`DELETE ${ROOT}/permissions/project:edit`);
  await call(`POST ${ROOT}/roles`, { slug: 'project-viewer', name: 'Viewer', resource_type_slug: 'project' });
  await call(`POST ${ROOT}/roles/project-viewer/permissions`, { slug: 'project:view' });
}

async function resources({ call }: SandboxClient, acme: string): Promise<void> {
  const project = { organization_id: acme, resource_type_slug: 'project', name: 'Wheels' };
  const byExternalId = `${ROOT}/organizations/${acme}/resources/project/w%2F1`;
  const { id } = (await call(`POST ${ROOT}/resources`, { ...project, external_id: 'w/1' })).body;
  await call(`POST ${ROOT}/resources`, { ...project, external_id: 'w2', parent_resource_id: id });
  await call(`GET ${ROOT}/resources?organization_id=${acme}&parent_resource_id=${id}`);
  await call(`GET ${ROOT}/resources/${id}`);
  await call(`PATCH ${ROOT}/resources/${id}`, { description: 'Round' });
  await call(`GET ${byExternalId}`);
  await call(`PATCH ${byExternalId}`, { name: 'Rims' });
  await call(`DELETE ${byExternalId}?cascade_delete=true`);
  const other = await call(`POST ${ROOT}/resources`, { ...project, external_id: 'w3' });
  await call(`DELETE ${ROOT}/resources/${other.body.id}`);
}

async function groups({ call }: SandboxClient, acme: string, member: string): Promise<void> {
  const root = `/organizations/${acme}/groups`;
  const { id } = (await call(`POST ${root}`, { name: 'Night shift' })).body;
  await call(`GET ${root}?search=night`);
  await call(`GET ${root}/${id}`);
  await call(`PATCH ${root}/${id}`, { description: 'From ten to six' });
  await call(`POST ${root}/${id}/organization-memberships`, { organization_membership_id: member });
  await call(`GET ${root}/${id}/organization-memberships`);
  await call(`GET ${MEMBERSHIPS}/${member}/groups`);
  await call(`DELETE ${root}/${id}/organization-memberships/${member}`);
  await call(`DELETE ${root}/${id}`);
}

async function assignments(client: SandboxClient, acme: string, member: string, colleague: string): Promise<void> {
  const { call } = client;
  const target = { resource_external_id: 'proj-7', resource_type_slug: 'project' };
  const byExternalId = `${ROOT}/organizations/${acme}/resources/project/proj-7`;
  const byId = `${ROOT}/resources/${(await call(`GET ${byExternalId}`)).body.id}`;
  const own = `${ROOT}/organization_memberships/${member}`;
  const body = { role_slug: 'project-viewer', ...target };
  await call(`POST ${own}/role_assignments`, body);
  await call(`GET ${own}/role_assignments`);
  const group = (await call(`GET /organizations/${acme}/groups`)).body.data[0]?.id;
  const members = `/organizations/${acme}/groups/${group}/organization-memberships`;
  await call(`POST ${members}`, { organization_membership_id: colleague });
  const ofGroup = `${ROOT}/groups/${group}/role_assignments`;
  const assigned = (await call(`POST ${ofGroup}`, body)).body.id;
  await call(`GET ${ofGroup}`);
  await call(`GET ${ofGroup}/${assigned}`);
  await call(`POST ${own}/check`, { permission_slug: 'project:view', ...target });
  await call(
    `GET ${own}/resources?permission_slug=project:view&parent_resource_external_id=ws-1&parent_resource_type_slug=workspace`,
  );
  await call(`GET ${own}/resources/${byId.split('/').at(-1)}/permissions`);
  await call(`GET ${own}/resources/project/proj-7/permissions`);
  for (const path of [byId, byExternalId]) {
    await call(`GET ${path}/role_assignments`);
    await call(`GET ${path}/organization_memberships?permission_slug=project:view`);
  }
  await call(`DELETE ${ofGroup}/${assigned}`);
  await call(`PUT ${ofGroup}`, { role_assignments: [body, { role_slug: 'auditor' }] });
  await call(`DELETE ${ofGroup}`, body);
  await call(`DELETE ${own}/role_assignments`, body);
  const again = await call(`POST ${own}/role_assignments`, body);
  await call(`DELETE ${own}/role_assignments/${again.body.id}`);
}

async function featureFlags({ call }: SandboxClient, acme: string, user: string): Promise<void> {
  await call('GET /feature-flags');
  await call('GET /feature-flags/legacy-editor');
  await call('PUT /feature-flags/legacy-editor/enable');
  await call(`POST /feature-flags/legacy-editor/targets/${user}`);
  await call(`GET /organizations/${acme}/feature-flags`);
  await call(`GET /user_management/users/${user}/feature-flags`);
  await call(`DELETE /feature-flags/legacy-editor/targets/${user}`);
  await call('PUT /feature-flags/legacy-editor/disable');
}
