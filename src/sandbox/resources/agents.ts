import type { Kinds, Row } from './kind.ts';

export interface SessionSettings {
  max_age_seconds: number;
  access_token_ttl_seconds: number;
  refresh_token_ttl_seconds: number;
}

export interface AgentBlueprint extends Row {
  object: 'agent_blueprint';
  name: string;
  description: string | null;
  permissions: string[];
  /** An empty list allows everyone. */
  invocable_by: { role_slugs: string[]; organization_ids: string[] };
  session_settings: SessionSettings;
}

/** An agent in an organization, acting for a member or as itself. */
export interface AgentInstance extends Row {
  object: 'agent_instance';
  agent_blueprint_id: string;
  organization_id: string;
  organization_membership_id: string | null;
  type: 'delegated' | 'autonomous';
}

/** The API also returns the `status`, which is derived from the two times. */
export interface AgentSession extends Row {
  object: 'agent_instance_session';
  agent_instance_id: string;
  expires_at: string;
  revoked_at: string | null;
  _agent_blueprint_id: string;
  _organization_id: string;
  /** The session of the user that the agent acts for. */
  _user_session_id: string | null;
  /** The only refresh token that is valid now. */
  _refresh_token: string;
  _refresh_expires_at: string;
}

interface Times {
  id: string;
  created_at: string;
  updated_at: string;
}

/** The registration of an agent that registered itself, and whether a person has claimed it. */
export interface AgentRegistration extends Row {
  agent_identity: Times & { userland_user_id: string | null };
  organization_id: string;
  status: 'unverified' | 'verified' | 'expired' | 'revoked';
  kind: 'anonymous' | 'service_auth' | 'identity_assertion';
  claim:
    | (Times & { expires_at: string; claim_completion: (Times & { expires_at: string; claimed_at: string }) | null })
    | null;
  _claim_attempt_id: string | null;
  _claim_attempt_token: string | null;
  _access_token: string | null;
  _access_token_expires_at: string | null;
}

export interface AgentTables {
  agent_blueprints: AgentBlueprint;
  agent_instances: AgentInstance;
  agent_sessions: AgentSession;
  agent_registrations: AgentRegistration;
}

export const agentKinds: Kinds<AgentTables> = {
  agent_blueprints: {
    object: 'agent_blueprint',
    ownerField: 'agent_blueprint_id',
    prefix: 'agent_blueprint',
    noun: 'Agent Blueprint',
  },
  agent_instances: {
    object: 'agent_instance',
    ownerField: 'agent_instance_id',
    prefix: 'agent',
    noun: 'Agent Instance',
  },
  agent_sessions: { object: 'agent_instance_session', prefix: 'agent_session', noun: 'Agent Instance Session' },
  agent_registrations: { prefix: 'agent_reg', noun: 'Agent Registration' },
};
