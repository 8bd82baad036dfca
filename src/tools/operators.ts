import { toolset } from './define.ts';
import { diagnose_organization } from './operators/diagnose-organization.ts';
import { diagnose_sign_in } from './operators/diagnose-sign-in.ts';
import { explain_access } from './operators/explain-access.ts';
import { list_members } from './operators/list-members.ts';
import { offboardUser as offboard_user } from './operators/offboard-user.ts';

export const operators = toolset(
  'operators',
  "Answers for operators: why someone cannot get in, whether a customer's setup is healthy, where access comes from",
  {
    diagnose_sign_in,
    diagnose_organization,
    explain_access,
    list_members,
    offboard_user,
  },
);
