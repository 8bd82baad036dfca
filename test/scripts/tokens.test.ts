import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cleanEnvironment } from '../process.ts';

const SessionCost = z
  .object({ calls: z.number(), written: z.number(), read: z.number() })
  .transform((cost) => ({ ...cost, tokens: cost.written + cost.read }));
const DefinitionCost = z.object({ tools: z.number(), tokens: z.number(), instructions: z.number() });
const Output = z.object({
  definitions: z.object({ core: DefinitionCost, all: DefinitionCost }),
  sessions: z.array(z.object({ name: z.string(), ours: SessionCost, plain: SessionCost })),
});

/** A little above today's cost. Investigate a session that gets more expensive; lower the ceiling of one that gets cheaper. */
const CEILINGS: [session: string, maxTokens: number][] = [
  ['How many users are there?', 40],
  ['Who is dana@whitfield-consulting.example, and where is she a member?', 285],
  ['Which users have never signed in?', 210],
  ['How many users of each directory are active, inactive and suspended?', 335],
  ['Who in Acme’s directory is suspended?', 260],
  ['Which directory users are contractors in Sales?', 315],
  ['Which SSO connections are not active, and whose are they?', 535],
  ['Which domains are pending verification?', 70],
  ['Who are the admins of Acme?', 145],
  ['Which roles may manage billing?', 45],
  ['Onboard a customer: an organization and its first user as admin', 815],
  ['Invite twelve new people to Kestrel', 1_090],
  ['What happened at Acme on the night of 17 October?', 550],
  ['From which IP addresses did sign-ins to Acme fail this quarter?', 290],
  ['Recover from a wrong id by following the hint', 630],
  ['Revoke Blue Harbor’s pending invitations, with unlisted tools', 430],
  ['Rename Papaya Learning to Papaya Education', 290],
  ['Which customer is crm-1004 in our CRM?', 125],
  ['Start verifying acme-labs.example', 335],
  ['Add kestrel-labs.example to Kestrel', 340],
  ['Whose HR number is emp-4045?', 130],
  ['Correct the last name of kavya.tanaka@papaya-learning.example', 280],
  ['Suspend yusuf.rossi@kestrel.example at Kestrel', 275],
  ['Make kavya.tanaka@papaya-learning.example an admin of Papaya', 300],
  ['Who is in the Operations group of Northwind’s directory?', 420],
  ['Delete the SSO connections that are not active', 325],
  ['How many members does each customer have?', 420],
  ['How many people are in each group of each directory?', 475],
  ['Start verifying every domain that is pending', 270],
  ['Revoke the pending invitations from before 9 October', 145],
  ['Suspend every member of Northwind who has never signed in', 235],
];

/**
 * What the sessions with unlisted tools and with `from` cost when find_tools returned five JSON Schemas, the call_
 * tools named no operations, and ids passed through the model.
 */
const WITH_SEARCH = 15_164;

const script = fileURLToPath(new URL('../../scripts/tokens.mjs', import.meta.url));
// The script itself fails if the two ways of a session disagree about the answer.
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

  const sum = (way: 'ours' | 'plain', some = sessions) =>
    some.reduce((total, session) => total + session[way].tokens, 0);

  it('answers them all with less than a twentieth of the tokens that relaying takes', () => {
    expect(sum('ours')).toBeLessThanOrEqual(10_000);
    expect(sum('ours') * 20).toBeLessThan(sum('plain'));
  });

  it('takes 35 % less than a server whose model has to search for tools that are not listed', () => {
    // They come last.
    const searching = sessions.slice(-16);
    expect(searching[0]?.name).toContain('with unlisted tools');
    expect(sum('ours', searching)).toBeLessThanOrEqual(0.65 * WITH_SEARCH);
  });

  it('needs at most 6,300 tokens for the core definitions, 34,500 for all and 400 for the instructions', () => {
    expect(definitions.core.tokens).toBeLessThanOrEqual(6_300);
    expect(definitions.all.tokens).toBeLessThanOrEqual(34_500);
    expect(Math.max(definitions.core.instructions, definitions.all.instructions)).toBeLessThanOrEqual(400);
  });
});
