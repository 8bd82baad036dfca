import { featureFlags } from '../../src/tools/feature-flags.ts';
import { sends } from '../harness.ts';

const page = { limit: 5, before: 'flag_b', after: 'flag_a', order: 'asc' };
const pageQuery = 'order=asc&limit=5&before=flag_b&after=flag_a';
const flag = { feature_flag_slug: 'advanced-analytics' };

sends(featureFlags, [
  ['list_feature_flags', page, `GET /feature-flags?${pageQuery}`],
  ['list_feature_flags', {}, 'GET /feature-flags?order=desc'],
  ['get_feature_flag', flag, 'GET /feature-flags/advanced-analytics'],
  ['get_feature_flag', { feature_flag_slug: 'a/b?c' }, 'GET /feature-flags/a%2Fb%3Fc'],
  ['disable_feature_flag', flag, 'PUT /feature-flags/advanced-analytics/disable'],
  ['enable_feature_flag', flag, 'PUT /feature-flags/advanced-analytics/enable'],
  ['add_feature_flag_target', { ...flag, target_id: 'org_1' }, 'POST /feature-flags/advanced-analytics/targets/org_1'],
  [
    'remove_feature_flag_target',
    { ...flag, target_id: 'user_1' },
    'DELETE /feature-flags/advanced-analytics/targets/user_1',
  ],
  [
    'list_organization_feature_flags',
    { ...page, organization_id: 'org_1' },
    `GET /organizations/org_1/feature-flags?${pageQuery}`,
  ],
  [
    'list_user_feature_flags',
    { ...page, user_id: 'user_1' },
    `GET /user_management/users/user_1/feature-flags?${pageQuery}`,
  ],
]);
