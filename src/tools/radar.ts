import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { email, id } from './schemas.ts';

/** The list an entry belongs to. WorkOS keeps adding types, so `type` is any string. */
const list = {
  type: z.string().describe('ip_address, domain, email, device, user_agent, device_fingerprint, country'),
  action: z.enum(['block', 'allow']).describe('Which list'),
};

export const radar = toolset('radar', 'Bot and fraud protection: risk verdicts, block and allow lists', {
  create_radar_attempt: endpoint('POST /radar/attempts', {
    title: 'Assess sign-in attempt',
    description:
      'Get a risk verdict on a sign-in or sign-up at your own application. Report its success with update_radar_attempt.',
    also: [
      'fraud or bot check',
      'risk score',
      'is a login suspicious',
      'credential stuffing, brute force, botnet',
      'impossible travel',
    ],
    input: {
      ip_address: z.string().describe("The person's"),
      user_agent: z.string().describe("The browser's"),
      email: email(),
      auth_method: z
        .enum(['Password', 'Passkey', 'Authenticator', 'SMS_OTP', 'Email_OTP', 'Social', 'SSO', 'Other'])
        .describe('How the person signs in'),
      action: z.enum(['sign-up', 'sign-in']).describe('What is attempted'),
      signals_id: id().optional(),
    },
  }),

  update_radar_attempt: endpoint('PUT /radar/attempts/{radar_attempt_id}', {
    title: 'Report attempt success',
    description: 'Tell Radar that an attempt or its challenge succeeded. Impossible-travel checks rely on it.',
    also: ['mark a login as good', 'tell that a sign-in worked, real user', 'feedback, legit'],
    input: {
      radar_attempt_id: id(),
      challenge_status: z.enum(['success']).optional().describe('Challenge passed'),
      attempt_status: z.enum(['success']).optional().describe('Signed in'),
    },
  }),

  add_radar_list_entry: endpoint('POST /radar/lists/{type}/{action}', {
    title: 'Add Radar list entry',
    description:
      'Block or allow a value in all sign-ins of the environment. The API cannot show what is on these lists.',
    also: [
      'ban an IP address, email or attacker',
      'blocklist, denylist, blacklist, deny everything from',
      'whitelist, allowlist, trust our office or VPN, never challenge',
      'stop fake or bot sign-ups, disposable email',
      'block a country, domain, device',
    ],
    input: { ...list, entry: z.string().describe('Value of that type') },
    effect: 'update',
  }),

  remove_radar_list_entry: endpoint('DELETE /radar/lists/{type}/{action}', {
    title: 'Remove Radar list entry',
    description: 'Remove a value from the block or allow list.',
    also: [
      'unblock an IP address',
      'unban an email or domain',
      'false positive, legit user caught',
      'wrongly denied, our own office',
      'take off the blocklist',
    ],
    input: { ...list, entry: z.string().describe('Exactly as added') },
    hints: { not_found: 'The list has no such entry. Use exactly the spelling with which the entry was added.' },
    send: 'body',
  }),

  send_radar_sms_challenge: endpoint('POST /user_management/radar_challenges', {
    title: 'Send Radar SMS challenge',
    description:
      'Send a user an SMS with a one-time code after Radar challenged a sign-in. Pass verification_id and the code to authenticate_user.',
    also: ['text a code after a suspicious login', 'phone check'],
    input: {
      user_id: id(),
      pending_authentication_token: z.string().describe('From that sign-in'),
      phone_number: z.string().describe('Such as +15555550123'),
      ip_address: z.string().optional().describe("The person's"),
      user_agent: z.string().optional().describe("The browser's"),
    },
    secrets: { in: ['pending_authentication_token'] },
  }),

  get_radar_challenge: endpoint('GET /user_management/radar_challenges/{radar_challenge_id}', {
    title: 'Get Radar challenge',
    description: 'Get a challenge with its one-time code, to deliver it yourself.',
    also: ['suspicious login code', 'challenge details'],
    input: { radar_challenge_id: id() },
    secrets: { out: ['code'], class: 'incidental' },
  }),
});
