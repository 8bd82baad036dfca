import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/call/caller.ts';
import { tools } from '../../src/tools/catalog.ts';
import { configured, connect, openRuntime, recordingApi } from '../harness.ts';
import { asSchema, type Input } from './examples.ts';
import { FakeWorkos, LIVE, ORGANIZATION } from './fake-workos.ts';

it('the question about a membership names the user and the organization', async () => {
  const questions: string[] = [];
  const membership = { id: 'om_1', user_id: 'user_1', organization_id: 'org_1', organization_name: 'Acme Robotics' };
  const server = await connect({
    env: { WORKOS_TOKEN: 'sk_live_0123456789' },
    flags: ['--toolsets', 'all'],
    replies: () => ({ body: { ...membership, user: { email: 'ann@acme.example' } } }),
    elicit: (question) => {
      questions.push(question);
      return 'decline';
    },
  });
  await server.call('delete_organization_membership', { organization_membership_id: 'om_1' });
  server.api.respondWith(() => ({ body: membership }));
  await server.call('delete_organization_membership', { organization_membership_id: 'om_1' });
  await server.close();
  expect(questions[0]).toContain('"ann@acme.example in Acme Robotics"');
  expect(questions[1]).toContain('"user_1 in Acme Robotics"');
});

/** A property test: whatever the order of events, nothing is deleted without consent to exactly that deletion. */
describe('in any sequence of calls', () => {
  const shapes: readonly { tool: string; input: Input; targets: readonly string[] }[] = [
    { tool: 'delete_organization', input: { organization_id: 'org_1' }, targets: ['org_1'] },
    { tool: 'delete_organization', input: { organization_id: 'org_2' }, targets: ['org_2'] },
    {
      tool: 'call_destructive_tool',
      input: { tool: 'delete_organization', arguments: ORGANIZATION },
      targets: ['org_1'],
    },
    {
      tool: 'call_destructive_tool',
      input: { tool: 'delete_organization', arguments: [{ organization_id: 'org_2' }, ORGANIZATION] },
      targets: ['org_2', 'org_1'],
    },
  ];
  const shape = fc.nat({ max: shapes.length - 1 });
  const ask = fc.record({
    kind: fc.constant('ask'),
    shape,
    answer: fc.constantFrom('accept', 'decline', 'cancel', 'fail', 'nobody', 'nobody'),
    meanwhile: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
  });
  const code = fc.record({
    kind: fc.constant('code'),
    shape: fc.option(shape, { freq: 1 }),
    which: fc.constantFrom(0, 0, 0, 1, 2, 3),
  });
  const step = fc.oneof(
    { arbitrary: ask, weight: 4 },
    { arbitrary: code, weight: 4 },
    fc.record({
      kind: fc.constant('rename'),
      target: fc.constantFrom('org_1', 'org_2'),
      to: fc.constantFrom('Acme', 'Globex', 'Initech'),
    }),
    fc.record({ kind: fc.constant('grow'), members: fc.constantFrom(2, 3) }),
    fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 299_999, 300_000, 600_000) }),
  );

  it('a deletion is sent if and only if the user agreed to the target as shown', async () => {
    const consents = { ask: 0, code: 0 };
    const api = await recordingApi();
    const config = configured(['--base-url', api.url, '--log-level', 'silent', '--toolsets', 'all'], LIVE);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14, size: 'max' }), async (steps) => {
        const workos = new FakeWorkos();
        api.respondWith(workos.reply);
        let now = 0;
        const { call, close } = await openRuntime({
          config,
          version: '0',
          exposed: new Set(tools.keys()),
          now: () => now,
          client: { sleep: async () => {}, random: () => 1 },
        });
        const codes: { code: string; shape: number; state: string; until: number; used: boolean }[] = [];
        const stateOf = (targets: readonly string[]) =>
          JSON.stringify([targets.map((id) => workos.names.get(`/organizations/${id}`)), workos.members]);

        for (const one of steps) {
          if (one.kind === 'rename') workos.names.set(`/organizations/${one.target}`, one.to);
          else if (one.kind === 'grow') workos.members = one.members;
          else if (one.kind === 'wait') now += one.ms;
          else {
            const issued = one.kind === 'code' ? codes.at(-1 - one.which) : undefined;
            const shapeOf = one.shape ?? issued?.shape ?? 0;
            const { tool, input, targets } = shapes[shapeOf] ?? expect.fail();
            const before = stateOf(targets);
            const confirmation = one.kind === 'code' ? { confirmation: issued?.code ?? 'no-such-' } : {};
            const ask = async () => {
              if (one.kind !== 'ask') throw new Error('asked although a code was given');
              if (one.meanwhile) workos.members = 5 - workos.members;
              if (one.answer === 'fail') throw new Error('the client is gone');
              return one.answer as 'accept' | 'decline' | 'cancel';
            };
            const caller: Caller = {
              origin: 'client',
              signal: new AbortController().signal,
              progress: () => {},
              ask: one.kind === 'ask' && one.answer !== 'nobody' ? ask : undefined,
            };
            workos.writes = [];
            const result = await call(tool, { ...input, ...confirmation }, caller);
            const agreed =
              one.kind === 'ask'
                ? one.answer === 'accept' && !one.meanwhile
                : issued !== undefined &&
                  !issued.used &&
                  issued.shape === shapeOf &&
                  issued.state === before &&
                  now < issued.until;
            expect(workos.writes.toSorted()).toEqual(
              agreed ? targets.map((id) => `DELETE /organizations/${id}`).toSorted() : [],
            );
            if (agreed) consents[one.kind === 'ask' ? 'ask' : 'code']++;
            if (agreed && issued) issued.used = true;
            const code = asSchema(result.structuredContent)['confirmation'];
            if (caller.ask) expect(code).toBeUndefined();
            if (typeof code === 'string')
              codes.push({ code, shape: shapeOf, state: before, until: now + 600_000, used: false });
          }
        }
        await close();
      }),
      { numRuns: 40 },
    );
    // Guards against sequences that never reach a deletion.
    expect(Math.min(consents.ask, consents.code)).toBeGreaterThan(2);
    await api.close();
  });
});
