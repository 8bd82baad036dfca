import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cleanEnvironment } from '../process.ts';

const Played = z.object({ calls: z.number(), tokens: z.number() });
const Cost = z.object({ tools: z.number(), tokens: z.number(), instructions: z.number() });
const Counted = z.object({
  definitions: z.object({ core: Cost, all: Cost }),
  sessions: z.array(z.object({ name: z.string(), ours: Played, plain: Played })),
});

/** A little above what they cost today. A session that gets dearer is a reason to look, and one that gets cheaper to lower its number. */
const CEILINGS: [session: string, tokens: number][] = [
  ['How many users are there?', 50],
  ['Who is dana@whitfield-consulting.example, and where is she a member?', 310],
  ['Which users never signed in?', 220],
  ['How many directory users are active, inactive, suspended, by directory?', 300],
  ['Who in Acme’s directory is suspended?', 285],
  ['Which directory users are contractors in Sales?', 265],
  ['Which SSO connections are not active, and whose are they?', 560],
  ['Which domains still wait for verification?', 80],
  ['Who are the admins of Acme?', 170],
  ['Which roles may manage billing?', 40],
  ['Onboard a customer: organization, first user, membership as admin', 800],
  ['Invite twelve new people to Kestrel', 515],
  ['What happened at Acme on the night of 17 October?', 820],
  ['From which addresses did sign-ins to Acme fail this quarter?', 310],
  ['Call off Blue Harbor’s open invitations, with tools that are not listed', 1_000],
  ['A wrong id, and finding the right one by the hint', 640],
];

const script = fileURLToPath(new URL('../../scripts/tokens.mjs', import.meta.url));
// Fails by itself where a session gives another answer than the same session through a relay.
const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--json'], {
  encoding: 'utf8',
  env: cleanEnvironment(),
  timeout: 60_000,
});
if (status !== 0) throw new Error(`npm run tokens ended with ${status}: ${stderr}`);
const { definitions, sessions } = Counted.parse(JSON.parse(stdout));

describe('npm run tokens', () => {
  it('plays the sessions that have a ceiling, and no other', () => {
    expect(sessions.map(({ name }) => name)).toEqual(CEILINGS.map(([name]) => name));
  });

  it.each(CEILINGS)('%s costs at most %i tokens', (session, most) => {
    expect(sessions.find(({ name }) => name === session)?.ours.tokens).toBeLessThanOrEqual(most);
  });

  it('answers all of them for a twentieth of what relaying their pages takes', () => {
    const sum = (way: 'ours' | 'plain') => sessions.reduce((total, session) => total + session[way].tokens, 0);
    expect(sum('ours')).toBeLessThanOrEqual(6_250);
    expect(sum('ours') * 20).toBeLessThan(sum('plain'));
  });

  it('shows the definitions for at most 5,500 tokens, all of them for 28,000, and instructions for 400', () => {
    expect(definitions.core.tokens).toBeLessThanOrEqual(5_500);
    expect(definitions.all.tokens).toBeLessThanOrEqual(28_000);
    expect(Math.max(definitions.core.instructions, definitions.all.instructions)).toBeLessThanOrEqual(400);
  });
});
