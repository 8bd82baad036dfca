import * as z from 'zod';
import { atLeastOne, atMostOne, every, exactlyOne, id, together } from './schemas.ts';
import type { Check } from './types.ts';

/** How role assignments and permission checks name a resource. */
export const target = {
  resource_id: id().optional(),
  resource_external_id: id().optional(),
  resource_type_slug: z.string().optional().describe('With external id'),
};
const targetKey = ['resource_external_id', 'resource_type_slug'];
// The checks of this file are mutually exclusive groups of the document, but for role assignments of groups, where it says
// the same in words.
/** Names a resource in one way or not at all. */
export const anyTarget = every(atMostOne('resource_id', targetKey), together(...targetKey));
/** Names a resource in exactly one way. */
export const oneTarget = every(exactlyOne('resource_id', targetKey), together(...targetKey));

/** How a resource names the one above it. */
export const parent = {
  parent_resource_id: id().optional(),
  parent_resource_external_id: id().optional(),
  parent_resource_type_slug: z.string().optional().describe('With external id'),
};
const parentKey = ['parent_resource_external_id', 'parent_resource_type_slug'];
/** Names a parent in one way or not at all. */
export const anyParent = every(atMostOne('parent_resource_id', parentKey), together(...parentKey));

/** Names a parent in exactly one way. */
export const oneParent = every(exactlyOne('parent_resource_id', parentKey), together(...parentKey));

/** What lists of resources are filtered by. Without either, the API returns 400 missing_organization_id_or_resource_type_slug. */
export const resourceFilter: Check = every(
  atLeastOne('organization_id', 'resource_type_slug'),
  atMostOne('parent_resource_id', ['parent_external_id', 'parent_resource_type_slug']),
  together('parent_external_id', 'parent_resource_type_slug'),
);
