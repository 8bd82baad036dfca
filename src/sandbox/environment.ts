import { createHash } from 'node:crypto';

/** An environment of the sandbox, and the ids and key with which requests address it. */
export interface Environment {
  id: string;
  clientId: string;
  /** The only API key that it accepts. It is also the client secret. */
  key: string;
}

/** The environment of a sandbox that has only one. */
export const ONLY: Environment = {
  id: 'environment_01KE0SANDB0X00000000000000',
  clientId: 'client_01KE0SANDB0X00000000000000',
  key: 'sk_test_sandbox',
};

/** One of several environments. Its key and ids are derived from its name, so they are the same in every run. */
export function namedEnvironment(name: string): Environment {
  const own = crockford(createHash('sha256').update(name).digest()).slice(0, 14);
  return { id: `environment_01KE0SANDB0X${own}`, clientId: `client_01KE0SANDB0X${own}`, key: `${ONLY.key}_${name}` };
}

/** One character of Crockford's base 32 per byte. */
export function crockford(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(byte % 32)).join('');
}
