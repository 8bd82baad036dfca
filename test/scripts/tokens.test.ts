import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cleanEnvironment } from '../process.ts';

const SessionCost = z.object({ calls: z.number(), tokens: z.number() });
const DefinitionCost = z.object({ tools: z.number(), tokens: z.number(), instructions: z.number() });
const Output = z.object({
  definitions: z.object({ core: DefinitionCost, all: DefinitionCost }),
  sessions: z.array(z.object({ name: z.string(), ours: SessionCost, plain: SessionCost })),
});

/** A little above today's cost. Investigate a session that gets more expensive; lower the ceiling of one that gets cheaper. */
const CEILINGS: [session: string, maxTokens: number][] = [
  ['How many users are there?', 40],
  ['Who is dana@whitfield-consulting.example, and where is she a member?', 290],
  ['Which users have never signed in?', 210],
  ['How many users of each directory are active, inactive and suspended?', 335],
  ['Who in Acme’s directory is suspended?', 260],
  ['Which directory users are contractors in Sales?', 315],
  ['Which SSO connections are not active, and whose are they?', 530],
  ['Which domains are pending verification?', 65],
  ['Who are the admins of Acme?', 145],
  ['Which roles may manage billing?', 40],
  ['Onboard a customer: an organization and its first user as admin', 800],
  ['Invite twelve new people to Kestrel', 1_075],
  ['What happened at Acme on the night of 17 October?', 560],
  ['From which IP addresses did sign-ins to Acme fail this quarter?', 290],
  ['Revoke Blue Harbor’s pending invitations, with unlisted tools', 1_000],
  ['Recover from a wrong id by following the hint', 640],
];

const script = fileURLToPath(new URL('../../scripts/tokens.mjs', import.meta.url));
// The script itself fails if a session's two ways disagree about the answer.
const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--json'], {
  encoding: 'utf8',
  env: cleanEnvironment(),
  timeout: 60_000,
});
if (status !== 0) throw new Error(`npm run tokens exited with ${status}: ${stderr}`);
const { definitions, sessions } = Output.parse(JSON.parse(stdout));

describe('npm run tokens', () => {
  it('runs exactly the sessions that have a ceiling', () => {
    expect(sessions.map(({ name }) => name)).toEqual(CEILINGS.map(([name]) => name));
  });

  it.each(CEILINGS)('%s costs at most %i tokens', (session, maxTokens) => {
    expect(sessions.find(({ name }) => name === session)?.ours.tokens).toBeLessThanOrEqual(maxTokens);
  });

  it('answers all of them with a twentieth of the tokens that relaying takes', () => {
    const sum = (way: 'ours' | 'plain') => sessions.reduce((total, session) => total + session[way].tokens, 0);
    expect(sum('ours')).toBeLessThanOrEqual(6_350);
    expect(sum('ours') * 20).toBeLessThan(sum('plain'));
  });

  it('needs at most 5,700 tokens for the core definitions, 33,000 for all and 400 for the instructions', () => {
    expect(definitions.core.tokens).toBeLessThanOrEqual(5_700);
    expect(definitions.all.tokens).toBeLessThanOrEqual(33_000);
    expect(Math.max(definitions.core.instructions, definitions.all.instructions)).toBeLessThanOrEqual(400);
  });
});
