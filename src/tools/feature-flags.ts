import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page } from './schemas.ts';

const flag = { feature_flag_slug: z.string().describe('Such as bulk-export') };
const target = { ...flag, target_id: id('User or organization id') };

export const featureFlags = toolset('feature_flags', 'Feature flags, and who they are enabled for', {
  list_feature_flags: endpoint('GET /feature-flags', {
    title: 'List feature flags',
    description: 'List all feature flags. They can only be created and deleted in the dashboard.',
    also: ['toggles, switches', 'which features exist', 'experiments, rollouts, betas'],
    input: { ...page },
  }),

  get_feature_flag: endpoint('GET /feature-flags/{feature_flag_slug}', {
    title: 'Get feature flag',
    description: 'Get one feature flag: whether it is enabled, its tags and its default value.',
    also: [
      'is a feature on, live',
      'toggle state',
      'who is targeted, in the beta or pilot',
      'which customers see the beta',
    ],
    input: flag,
  }),

  disable_feature_flag: endpoint('PUT /feature-flags/{feature_flag_slug}/disable', {
    title: 'Disable feature flag',
    description: 'Turn a flag off for everyone in the environment, including its targets.',
    also: [
      'kill switch, emergency',
      'turn off or hide a feature for all',
      'roll back a release',
      'feature is broken, buggy',
      'stop a rollout',
    ],
    input: flag,
    effect: 'delete',
  }),

  enable_feature_flag: endpoint('PUT /feature-flags/{feature_flag_slug}/enable', {
    title: 'Enable feature flag',
    description: 'Turn a flag on in the environment. Its targets and default value decide who gets it.',
    also: ['roll out to everybody', 'switch on a feature for all', 'launch, release, go live'],
    input: flag,
  }),

  add_feature_flag_target: endpoint('POST /feature-flags/{feature_flag_slug}/targets/{target_id}', {
    title: 'Add feature flag target',
    description: 'Turn a flag on for one user, or for one organization and all its members.',
    also: [
      'give a customer the beta, pilot',
      'turn on a feature only for one or these, first',
      'early access, try out, canary',
      'roll out to a customer',
      'enable for',
    ],
    input: target,
    effect: 'update',
  }),

  remove_feature_flag_target: endpoint('DELETE /feature-flags/{feature_flag_slug}/targets/{target_id}', {
    title: 'Remove feature flag target',
    description: "Remove one user or organization from a flag's targets.",
    also: [
      'take out of the beta or pilot',
      'turn off a feature for one customer',
      'stop the trial for somebody',
      'disable for',
    ],
    input: target,
  }),

  list_organization_feature_flags: endpoint('GET /organizations/{organization_id}/feature-flags', {
    title: 'List organization feature flags',
    description: 'List the flags enabled for an organization.',
    also: [
      'which features does a customer have',
      'toggles of a tenant',
      'betas of a company',
      'switched on or enabled for',
    ],
    input: { ...page, organization_id: id() },
  }),

  list_user_feature_flags: endpoint('GET /user_management/users/{user_id}/feature-flags', {
    title: 'List user feature flags',
    description: 'List the flags enabled for a user, including through their organizations.',
    also: [
      'which features does a person get, see',
      'toggles of a user',
      'betas for someone',
      'switched on or enabled for',
    ],
    input: { ...page, user_id: id() },
  }),
});
