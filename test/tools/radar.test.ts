import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { radar } from '../../src/tools/radar.ts';
import { sends } from '../harness.ts';

const attempt = {
  ip_address: '49.78.240.97',
  user_agent: 'Mozilla/5.0',
  email: 'ada@example.com',
  auth_method: 'Email_OTP',
  action: 'sign-in',
  signals_id: '01JBS0GN92GC2RJQS4X9DBPQ2A',
};

const challenge = {
  user_id: 'user_1',
  pending_authentication_token: 'cTDQJTTk',
  phone_number: '+15555550123',
  ip_address: '203.0.113.42',
  user_agent: 'Mozilla/5.0',
};

sends(radar, [
  ['create_radar_attempt', attempt, 'POST /radar/attempts', attempt],
  [
    'update_radar_attempt',
    { radar_attempt_id: 'radar_att_1', challenge_status: 'success', attempt_status: 'success' },
    'PUT /radar/attempts/radar_att_1',
    { challenge_status: 'success', attempt_status: 'success' },
  ],
  [
    'add_radar_list_entry',
    { type: 'ip_address', action: 'block', entry: '198.51.100.42' },
    'POST /radar/lists/ip_address/block',
    { entry: '198.51.100.42' },
  ],
  [
    'remove_radar_list_entry',
    { type: 'email', action: 'allow', entry: 'ada@example.com' },
    'DELETE /radar/lists/email/allow',
    { entry: 'ada@example.com' },
  ],
  ['send_radar_sms_challenge', challenge, 'POST /user_management/radar_challenges', challenge],
  [
    'get_radar_challenge',
    { radar_challenge_id: 'radar_challenge_1' },
    'GET /user_management/radar_challenges/radar_challenge_1',
  ],
]);

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  ['add_radar_list_entry', { type: 'email', action: 'deny', entry: 'a@b.c' }, /action/],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = radar.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
