import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatedOperations } from '../../src/sandbox/router.ts';
import responses from '../fixtures/responses.json' with { type: 'json' };
import { type SandboxClient, startSandboxClient } from './sandbox-client.ts';
import { authkitSession } from './sessions/authkit.ts';
import { authorizationSession } from './sessions/authorization.ts';
import { connectSession } from './sessions/connect.ts';
import { coreSession } from './sessions/core.ts';
import { eventsSession } from './sessions/events.ts';
import { pipesSession } from './sessions/pipes.ts';
import { setupSession } from './sessions/setup.ts';
import { vaultSession } from './sessions/vault.ts';

/** Each calls every operation of its subject successfully. The client checks each response against the document. */
const SESSIONS: [subject: string, session: (client: SandboxClient) => Promise<void>][] = [
  ['core', coreSession],
  ['authorization', authorizationSession],
  ['the vault', vaultSession],
  ['events and audit log settings', eventsSession],
  ['authkit', authkitSession],
  ['connect', connectSession],
  ['setup', setupSession],
  ['pipes', pipesSession],
];

/** Operations of the sandbox that are not in the document. */
const BESIDE_THE_DOCUMENT = [
  'GET /_sandbox',
  'POST /_sandbox/faults',
  'GET /roles',
  'GET /roles/{id}',
  'GET /_sandbox/messages',
  'PUT /_sandbox/settings',
  'GET /_sandbox/pages/device',
  'POST /_sandbox/pages/device',
  'GET /_sandbox/pages/magic-link/{token}',
  // In the official SDKs.
  'POST /passwordless/sessions',
  'POST /passwordless/sessions/{id}/send',
  'GET /_sandbox/pages/portal/{token}',
  'GET /_sandbox/pages/connect-account/{token}',
];

describe('the sandbox', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient();
  });
  afterAll(() => client.close());

  it.each(SESSIONS)('answers %s as documented in OpenAPI', async (_subject, session) => {
    await session(client);
  });

  it('has answered every operation that it simulates at least once', () => {
    const documented = simulatedOperations.filter((operation) => operation in responses);
    expect(documented.filter((operation) => !client.answered.has(operation))).toEqual([]);
  });

  it('simulates only documented operations, except for a known few', () => {
    expect(simulatedOperations.filter((operation) => !(operation in responses)).sort()).toEqual(
      BESIDE_THE_DOCUMENT.sort(),
    );
  });
});
