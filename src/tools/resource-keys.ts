import * as z from 'zod';
import { atLeastOne, atMostOne, every, exactlyOne, id, together } from './schemas.ts';
import type { Check } from './types.ts';

/** The fields with which role assignments and permission checks identify a resource. */
export const target = {
  resource_id: id().optional(),
  resource_external_id: id().optional(),
  resource_type_slug: z.string().optional().describe('With external id'),
};
const targetKey = ['resource_external_id', 'resource_type_slug'];
// The OpenAPI document has these checks as mutually exclusive groups, except for role assignments of groups, where it says so in
// words.
/** Allows at most one way to identify a resource. */
export const anyTarget = every(atMostOne('resource_id', targetKey), together(...targetKey));
/** Requires exactly one way to identify a resource. */
export const oneTarget = every(exactlyOne('resource_id', targetKey), together(...targetKey));

/** The fields with which a resource identifies its parent. */
export const parent = {
  parent_resource_id: id().optional(),
  parent_resource_external_id: id().optional(),
  parent_resource_type_slug: z.string().optional().describe('With external id'),
};
const parentKey = ['parent_resource_external_id', 'parent_resource_type_slug'];
/** Allows at most one way to identify a parent. */
export const anyParent = every(atMostOne('parent_resource_id', parentKey), together(...parentKey));

/** Requires exactly one way to identify a parent. */
export const oneParent = every(exactlyOne('parent_resource_id', parentKey), together(...parentKey));

/** The filters of resource lists. Without the first two, the API returns 400 missing_organization_id_or_resource_type_slug. */
export const resourceFilter: Check = every(
  atLeastOne('organization_id', 'resource_type_slug'),
  atMostOne('parent_resource_id', ['parent_external_id', 'parent_resource_type_slug']),
  together('parent_external_id', 'parent_resource_type_slug'),
);
