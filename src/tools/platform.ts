import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id } from './schemas.ts';

export const platform = toolset('platform', 'Teams that a platform creates for its own customers', {
  create_team: endpoint('POST /platform/teams', {
    title: 'Create platform team',
    description:
      'Create a WorkOS team with a staging and a production environment, and invite its admin by email. Only for approved platforms.',
    also: ['provision a WorkOS environment', 'onboard a partner, reseller'],
    input: { name: z.string(), admin_email: email().describe('Who is invited as admin') },
  }),

  get_team: endpoint('GET /platform/teams/{team_id}', {
    title: 'Get platform team',
    description: 'Get a team, including whether your platform still has access. Check production_state first.',
    also: ['partner status', 'is a team in production', 'reseller account'],
    input: { team_id: id() },
  }),
});
