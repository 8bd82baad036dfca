import { toolset } from './define.ts';
import { explain_access } from './operators/explain-access.ts';
import { list_members } from './operators/list-members.ts';

export const operators = toolset(
  'operators',
  "Answers to operators' questions: why they cannot get in, is this customer healthy, where access comes from",
  {
    explain_access,
    list_members,
  },
);
