import { createHash, pbkdf2Sync, scryptSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxClient, startSandboxClient } from '../sandbox-client.ts';
import { createUser, PASSWORD, signIn } from '../sign-ins.ts';

const ROOT = '/user_management';
const EMAIL = 'lin@signup.example';
const SALT = Buffer.from('some salt');
const BCRYPT = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
const ARGON2 = '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b27Eg';

describe('a password', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('can be changed', async () => {
    const id = await createUser(client, EMAIL);
    await client.call(`PUT ${ROOT}/users/${id}`, { password: 'another password' });
    expect((await signIn(client, EMAIL)).status).toBe(400);
    expect((await signIn(client, EMAIL, 'another password')).status).toBe(200);
  });

  it('can be reset once within an hour, which ends the sessions', async () => {
    const id = await createUser(client, EMAIL);
    await signIn(client, EMAIL);
    const reset = (await client.call(`POST ${ROOT}/password_reset`, { email: EMAIL })).body;
    const token = reset['password_reset_token'];
    expect(reset['password_reset_url']).toContain(token);
    const weak = await client.call(`POST ${ROOT}/password_reset/confirm`, { token, new_password: 'short' });
    expect(weak.body).toMatchObject({ code: 'password_reset_error', errors: [{ code: 'password_too_short' }] });
    const body = { token, new_password: 'another password' };
    expect((await client.call(`POST ${ROOT}/password_reset/confirm`, body)).body['user']).toMatchObject({ id });
    expect((await client.call(`POST ${ROOT}/password_reset/confirm`, body)).status).toBe(400);
    const [session] = (await client.call(`GET ${ROOT}/users/${id}/sessions`)).body.data;
    expect(session?.['status']).toBe('revoked');
    expect((await signIn(client, EMAIL, 'another password')).status).toBe(200);
    const late = (await client.call(`POST ${ROOT}/password_reset`, { email: EMAIL })).body['password_reset_token'];
    client.advance(3_600_000);
    const expired = await client.call(`POST ${ROOT}/password_reset/confirm`, { ...body, token: late });
    expect(expired.body).toMatchObject({ errors: [{ code: 'password_reset_token_expired' }] });
  });

  it.each<[type: string, hash: string, status: number, more?: object]>([
    ['scrypt', phc('scrypt$v=1$n=1024,r=8,p=1', scryptSync(PASSWORD, SALT, 32, { N: 1024, r: 8, p: 1 })), 200],
    ['scrypt', phc('scrypt$ln=10,r=8,p=1', scryptSync(PASSWORD, SALT, 64, { N: 1024, r: 8, p: 1 })), 200],
    ['pbkdf2', phc('pbkdf2-sha256$i=1000', pbkdf2Sync(PASSWORD, SALT, 1000, 32, 'sha256')), 200],
    ['ssha', `{SSHA}${salted('sha1', [Buffer.from(PASSWORD), SALT])}`, 200],
    ['ssha256', salted('sha256', [SALT, Buffer.from(PASSWORD)]), 200, { password_salt_position: 'prefix' }],
    ['ssha256', salted('sha256', [SALT, Buffer.from(PASSWORD)]), 400],
    // Made by libxcrypt.
    ['bcrypt', '$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS', 200],
    ['bcrypt', '$2a$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.', 200],
    ['bcrypt', BCRYPT, 400],
    ['bcrypt', BCRYPT.replace('$10$', '$15$'), 501],
    ['argon2', ARGON2, 501],
  ])('that is imported as a %s hash (%s) signs in with %i', async (type, hash, status, more = {}) => {
    const body = { email: EMAIL, email_verified: true, password_hash: hash, password_hash_type: type, ...more };
    await client.call(`POST ${ROOT}/users`, body);
    expect((await signIn(client, EMAIL)).status).toBe(status);
  });

  it.each([
    ['scrypt', '$scrypt$ln=4,r=8,p=1$A$A', 'of no bytes, which every password would match'],
    ['scrypt', phc('scrypt$ln=4,r=8,p=999', Buffer.alloc(32)), 'that would take minutes to check'],
    ['pbkdf2', phc('pbkdf2-sha256$i=1000', Buffer.alloc(4)), 'of four bytes'],
    ['pbkdf2', phc('pbkdf2-sha256$i=0', Buffer.alloc(32)), 'without iterations'],
    ['pbkdf2', phc('pbkdf2$i=abc', Buffer.alloc(32)), 'with iterations that are no number'],
    ['pbkdf2', phc('pbkdf2-sha256$i=99999999', Buffer.alloc(32)), 'that would take minutes to check'],
    ['pbkdf2', phc('pbkdf2-sha999$i=1000', Buffer.alloc(32)), 'with a digest that does not exist'],
    ['ssha', '{SSHA}aGFzaA==', 'that is too short'],
  ])('cannot be imported as a %s hash such as %s, %s', async (type, hash) => {
    const body = { email: EMAIL, email_verified: true, password_hash: hash, password_hash_type: type };
    const refused = await client.call(`POST ${ROOT}/users`, body);
    expect([refused.status, refused.body['code']]).toEqual([400, 'invalid_password_hash']);
  });

  it.each([
    ['bcrypt', 'nonsense'],
    ['bcrypt', BCRYPT.slice(0, -1)],
    ['scrypt', 'scrypt nonsense'],
    ['pbkdf2', '$pbkdf2$x'],
    ['argon2', BCRYPT],
    ['firebase-scrypt', '$scrypt$x'],
  ])('cannot be imported as a %s hash like %s', async (password_hash_type, password_hash) => {
    const body = { email: EMAIL, password_hash, password_hash_type };
    const refused = await client.call(`POST ${ROOT}/users`, body);
    expect([refused.status, refused.body['code']]).toEqual([400, 'invalid_password_hash']);
    expect((await client.call(`GET ${ROOT}/users?email=${EMAIL}`)).body.data).toEqual([]);
  });
});

function phc(head: string, hash: Buffer): string {
  return `$${head}$${SALT.toString('base64')}$${hash.toString('base64')}`;
}

function salted(algorithm: string, parts: Buffer[]): string {
  return Buffer.concat([createHash(algorithm).update(Buffer.concat(parts)).digest(), SALT]).toString('base64');
}
