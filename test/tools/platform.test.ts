import { platform } from '../../src/tools/platform.ts';
import { sends } from '../harness.ts';

const team = { name: 'Acme', admin_email: 'ada@acme.com' };

sends(platform, [
  ['create_team', team, 'POST /platform/teams', team],
  ['get_team', { team_id: 'team_1' }, 'GET /platform/teams/team_1'],
]);
