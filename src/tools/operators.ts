import { toolset } from './define.ts';
import { offboardUser } from './operators/offboard-user.ts';

export const operators = toolset(
  'operators',
  "Answers to operators' questions: why they cannot get in, is this customer healthy, where access comes from",
  {
    offboard_user: offboardUser,
  },
);
