import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const ROOT = '/authorization/resources';
const OF_ACME = `/authorization/organizations/${ACME}/resources`;
const NEW = { organization_id: ACME, resource_type_slug: 'project', external_id: 'proj-9', name: 'Welding' };

describe('authorization resources', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('are below the resource of their organization unless they have another parent', async () => {
    const root = (await client.call(`GET ${OF_ACME}/organization/${ACME}`)).body;
    expect(root).toMatchObject({ name: 'Acme Robotics', parent_resource_id: null });
    const top = await client.call(`POST ${ROOT}`, NEW);
    expect(top.body['parent_resource_id']).toBe(root.id);
    const parent = { parent_resource_external_id: 'ws-1', parent_resource_type_slug: 'workspace' };
    const moved = await client.call(`PATCH ${ROOT}/${top.body.id}`, parent);
    expect(moved.body['parent_resource_id']).toBe((await client.call(`GET ${OF_ACME}/workspace/ws-1`)).body.id);
  });

  it('can be filtered by type, external id and parent', async () => {
    const names = async (query: string) => namesIn(await client.call(`GET ${ROOT}?order=asc&${query}`));
    expect(await names(`organization_id=${ACME}`)).toEqual([
      ...['Acme Robotics', 'Assembly line', 'Gripper firmware', 'Safety audit 2026'],
    ]);
    expect(await names('resource_type_slug=project')).toEqual(['Gripper firmware', 'Safety audit 2026']);
    expect(await names('resource_type_slug=project&resource_external_id=proj-8')).toEqual(['Safety audit 2026']);
    const parent = `parent_resource_type_slug=organization&parent_external_id=${ACME}`;
    expect(await names(`organization_id=${ACME}&${parent}`)).toEqual(['Assembly line']);
  });

  it('are deleted with the resources below them only with cascade_delete', async () => {
    const workspace = `${OF_ACME}/workspace/ws-1`;
    const refused = await client.call(`DELETE ${workspace}`);
    expect([refused.status, refused.body['code']]).toEqual([409, 'resource_has_dependents']);
    expect((await client.call(`DELETE ${workspace}?cascade_delete=true`)).status).toBe(204);
    expect(namesIn(await client.call(`GET ${ROOT}?organization_id=${ACME}`))).toEqual(['Acme Robotics']);
  });

  it('cannot be moved below themselves', async () => {
    const project = (await client.call(`GET ${OF_ACME}/project/proj-7`)).body;
    const refused = await client.call(`PATCH ${OF_ACME}/workspace/ws-1`, { parent_resource_id: project.id });
    expect(refused.status).toBe(422);
  });

  describeErrors(
    () => client,
    [
      [`GET ${ROOT}`, undefined, 400, { code: 'missing_organization_id_or_resource_type_slug' }],
      [`GET ${ROOT}?resource_type_slug=a&parent_external_id=b`, undefined, 422, {}],
      [`GET ${ROOT}/authz_resource_nope`, undefined, 404, { entity_id: 'authz_resource_nope' }],
      [`GET ${OF_ACME}/project/nope`, undefined, 404, { entity_id: 'nope' }],
      [`POST ${ROOT}`, { ...NEW, organization_id: 'org_nope' }, 404, { entity_id: 'org_nope' }],
      [`POST ${ROOT}`, { ...NEW, resource_type_slug: 'organization' }, 422, {}],
      [`POST ${ROOT}`, { ...NEW, parent_resource_id: 'authz_resource_nope' }, 404, {}],
      [`POST ${ROOT}`, { ...NEW, parent_resource_type_slug: 'workspace' }, 422, {}],
      [`POST ${ROOT}`, { ...NEW, external_id: 'proj-7' }, 409, { code: 'authorization_resource_external_id_conflict' }],
      [`PATCH ${OF_ACME}/organization/${ACME}`, { name: 'A' }, 403, {}],
      [`DELETE ${OF_ACME}/organization/${ACME}?cascade_delete=true`, undefined, 403, {}],
    ],
  );
});
