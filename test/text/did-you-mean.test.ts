import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../src/text/did-you-mean.ts';

describe('a misspelt name', () => {
  it.each([
    ['list_userss', ['list_users', 'list_groups'], 'list_users'],
    ['lst_users', ['list_users', 'get_user'], 'list_users'],
    ['get_organisation', ['get_organization'], 'get_organization'],
    ['organisaton_id', ['organization_id'], 'organization_id'],
    ['role', ['role_slug', 'user_id'], 'role_slug'],
  ])('%s is taken for the one that it comes near to', (word, candidates, meant) => {
    expect(didYouMean(word, candidates)).toBe(`; did you mean ${meant}?`);
  });

  it.each([
    ['delete_role', ['delete_group', 'delete_user']],
    ['remove_role_permission', ['add_role_permission', 'set_role_permissions']],
    ['activate_organization_membership', ['deactivate_organization_membership', 'reactivate_organization_membership']],
    ['enable_feature_flags', ['disable_feature_flag']],
  ])('%s is not taken for something else that is done, or is done to something else', (word, candidates) => {
    expect(didYouMean(word, candidates)).toBe('');
  });
});
