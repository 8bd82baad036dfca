import type { Kinds, Row } from './kind.ts';

export interface FeatureFlag extends Row {
  object: 'feature_flag';
  slug: string;
  name: string;
  description: string | null;
  owner: { email: string; first_name: string | null; last_name: string | null } | null;
  tags: string[];
  enabled: boolean;
  /** Whether organizations and users that are not targets have it. */
  default_value: boolean;
  /** The ids of the targeted organizations and users. */
  _targets: string[];
}

export interface FeatureFlagTables {
  feature_flags: FeatureFlag;
}

// The events of flags carry more than the record, so the routes write them.
export const featureFlagKinds: Kinds<FeatureFlagTables> = {
  feature_flags: { object: 'feature_flag', prefix: 'flag', noun: 'Feature Flag' },
};
