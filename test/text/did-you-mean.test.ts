import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../src/text/did-you-mean.ts';

describe('a misspelled name', () => {
  it.each([
    ['list_userss', ['list_users', 'list_groups'], 'list_users'],
    ['lst_users', ['list_users', 'get_user'], 'list_users'],
    ['get_organisation', ['get_organization'], 'get_organization'],
    ['organisaton_id', ['organization_id'], 'organization_id'],
    ['role', ['role_slug', 'user_id'], 'role_slug'],
  ])('%s gets the closest name as a suggestion', (word, candidates, meant) => {
    expect(didYouMean(word, candidates)).toBe(`; did you mean ${meant}?`);
  });

  it.each([
    ['delete_role', ['delete_group', 'delete_user']],
    ['remove_role_permission', ['add_role_permission', 'set_role_permissions']],
    ['activate_organization_membership', ['deactivate_organization_membership', 'reactivate_organization_membership']],
    ['enable_feature_flags', ['disable_feature_flag']],
  ])('%s gets no suggestion of another action or another object', (word, candidates) => {
    expect(didYouMean(word, candidates)).toBe('');
  });
});
