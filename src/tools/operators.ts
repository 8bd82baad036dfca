import { toolset } from './define.ts';
import { explainAccess } from './operators/explain-access.ts';
import { listMembers } from './operators/list-members.ts';
import { offboardUser } from './operators/offboard-user.ts';

export const operators = toolset(
  'operators',
  "Answers to operators' questions: why they cannot get in, is this customer healthy, where access comes from",
  {
    explain_access: explainAccess,
    list_members: listMembers,
    offboard_user: offboardUser,
  },
);
