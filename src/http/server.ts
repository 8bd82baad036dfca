import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Person } from '../call/caller.ts';
import { HEALTH, READY, WELL_KNOWN } from '../config/http-settings.ts';
import { ALL_RIGHTS, type Rights } from '../config/rights.ts';
import type { Logger } from '../logger.ts';
import { CountByOwner } from '../mcp/count-by-owner.ts';
import { type Claims, KeysUnavailableError, TokenError } from './authorization.ts';
import { BodyReader, BUSY, repeatedHeader } from './body.ts';
import { ownerOf } from './calls.ts';
import { limitConnections } from './connections.ts';
import { isAllowedHost, isAllowedOrigin } from './hosts.ts';
import { LookupError } from './membership.ts';
import { AUTHORIZATION_SERVER, challenge, type Endpoints, endpointsOf, resourceMetadata } from './metadata.ts';
import { permissionsIn, personOf, rightsOf } from './permissions.ts';
import { answerBody, type PostOptions } from './post.ts';
import { json, plain, type Refusal, refuse } from './replies.ts';

/** Options for answerTeam(). */
export interface TeamServerOptions extends PostOptions {
  publicUrl: string;
  allowedHosts: readonly string[];
  /** Undefined if only this machine can connect and no one signs in. */
  authorization: Authorization | undefined;
  logger: Logger;
  /** Records that a person is identified but not admitted. */
  turnedAway(person: Person, reason: string): Promise<void>;
  isReady(): boolean;
  /** Why the state that instances share is unavailable, or undefined. Reads work without it, so the server stays ready. */
  stateProblem(): string | undefined;
  /** True once no new call may begin. */
  isEnding(): boolean;
}

/** Decides who is admitted, and with which permissions. */
export interface Authorization {
  authkitDomain: string;
  requireOrganization: string | undefined;
  /** @throws {TokenError} {@link KeysUnavailableError} */
  verify(token: string): Promise<Claims>;
  /** Looks up the permissions of a person whose token does not have them. @throws {LookupError} */
  lookUp(person: Person): Promise<readonly string[]>;
}

/** The most messages that are answered at the same time, in total and for one person. */
const MAX_MESSAGES = 256;
const MAX_MESSAGES_OF_ONE = 64;

/** Time limits for the headers of a request and for the whole request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Longer than the 60 seconds after which many proxies stop using a connection. */
const KEEP_ALIVE_MS = 65_000;

/** Creates the HTTP server. It answers once answerTeam() is called. */
export function createTeamServer(maxConnections?: number): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
    insecureHTTPParser: false,
  });
  server.maxHeadersCount = 100;
  limitConnections(server, maxConnections);
  return server;
}

/** Makes a server answer requests. */
export function answerTeam(server: Server, options: TeamServerOptions): void {
  server.on('request', listener(options));
}

function listener(options: TeamServerOptions) {
  const endpoints = endpointsOf(options.publicUrl);
  const bodies = new BodyReader();
  const messages = new CountByOwner();
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => {});
    route(request, response).catch((error: unknown) => {
      options.logger.error({ error: error instanceof Error ? error.name : typeof error }, 'bug outside of a call');
      if (!response.headersSent) refuse(response, { status: 500, message: 'Internal server error' });
      else response.destroy();
    });
  };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const path = request.url?.split('?')[0];
    if (path === HEALTH) return plain(response, 200, 'ok');
    if (path === READY) {
      const problem = options.stateProblem();
      if (!options.isReady()) return plain(response, 503, 'draining');
      return plain(
        response,
        200,
        problem === undefined ? 'ready' : 'ready for reads only: the shared state is unavailable',
      );
    }
    const refused = refusalOf(request, options);
    if (refused) return refuse(response, refused);
    const domain = options.authorization?.authkitDomain;
    if (domain !== undefined && path?.startsWith(WELL_KNOWN)) return metadata(path, response, endpoints, domain);
    if (path !== endpoints.path) return refuse(response, { status: 404, message: `The endpoint is ${endpoints.path}` });
    allowOrigin(request, response);
    if (method === 'OPTIONS') return void response.writeHead(204, PREFLIGHT).end();
    // GET would open a stream and DELETE would end a session, and there are neither.
    if (method !== 'POST') return refuse(response, { status: 405, message: 'Use POST', headers: { allow: 'POST' } });
    return answer(request, response);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sender = await identify(request, options, endpoints);
    if ('status' in sender) return refuse(response, sender);
    const owner = ownerOf(sender.person);
    if (options.isEnding()) return refuse(response, ENDING);
    if (messages.total >= MAX_MESSAGES || messages.of(owner) >= MAX_MESSAGES_OF_ONE) return refuse(response, BUSY);
    messages.add(owner, 1);
    try {
      const admitted = await admit(sender, options);
      if ('status' in admitted) return refuse(response, admitted);
      const body = await bodies.read(request, owner);
      if ('status' in body) return refuse(response, body);
      try {
        if (options.isEnding()) return refuse(response, ENDING);
        await answerBody(body.text, admitted, { request, response }, options);
      } finally {
        body.release();
      }
    } finally {
      messages.add(owner, -1);
    }
  }
}

const ENDING: Refusal = {
  status: 503,
  message: 'The server is shutting down. Nothing was sent.',
  headers: { 'retry-after': '1' },
};

/** The sender of a request, and the permissions in their token, if it has any. */
interface Identified {
  person: Person | undefined;
  permissions: readonly unknown[] | undefined;
}

/** A sender who may use this server. */
interface Admitted {
  person: Person | undefined;
  rights: Rights;
}

/** Checks the token of a request, before its body is read. */
async function identify(
  { headers }: IncomingMessage,
  { authorization, turnedAway, logger }: TeamServerOptions,
  { metadataUrl }: Endpoints,
): Promise<Identified | Refusal> {
  if (!authorization) return { person: undefined, permissions: undefined };
  const unauthorized = (message: string, problem?: string): Refusal => {
    return { status: 401, message, headers: { 'www-authenticate': challenge(metadataUrl, problem) } };
  };
  const [, token] = /^Bearer +([\w.~+/=-]+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) {
    if (headers.authorization === undefined) return unauthorized('Sign in: the request has no access token');
    return unauthorized('The Authorization header is not a Bearer token', 'The Authorization header is malformed');
  }
  try {
    const claims = await authorization.verify(token);
    const person = personOf(claims);
    const { requireOrganization: required } = authorization;
    if (required !== undefined && person.organization !== required) {
      await turnedAway(person, `not signed in to ${required}`);
      const message = `This server admits members of ${required} only. Sign in again and choose that organization.`;
      return { status: 403, message };
    }
    return { person, permissions: permissionsIn(claims) };
  } catch (error) {
    if (error instanceof TokenError) {
      logger.info({ reason: error.message }, 'token refused');
      return unauthorized(error.message, error.message);
    }
    if (!(error instanceof KeysUnavailableError)) throw error;
    return uncheckable(error, logger);
  }
}

/** Determines the sender's rights. The message counts already, because the lookup can take as long as a call. */
async function admit({ person, permissions }: Identified, options: TeamServerOptions): Promise<Admitted | Refusal> {
  const { authorization, logger } = options;
  if (!authorization || !person) return { person, rights: ALL_RIGHTS };
  try {
    return { person, rights: rightsOf(permissions ?? (await authorization.lookUp(person))) };
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    return uncheckable(error, logger);
  }
}

function uncheckable({ message: reason }: Error, logger: Logger): Refusal {
  logger.error({ reason }, 'access cannot be checked');
  const message = 'Your sign-in and your permissions cannot be checked at the moment. Try again later.';
  return { status: 503, message, headers: { 'retry-after': '5' } };
}

/** Why a request is rejected regardless of its sender, or undefined. */
function refusalOf(request: IncomingMessage, { publicUrl, allowedHosts }: TeamServerOptions): Refusal | undefined {
  const repeated = repeatedHeader(request);
  if (repeated !== undefined) return { status: 400, message: `The request has more than one ${repeated} header` };
  const { host, origin } = request.headers;
  const hosts = { publicUrl, allowed: allowedHosts };
  if (!isAllowedHost(host, hosts)) {
    return { status: 403, message: 'The Host header names another server. The operator can set --allowed-hosts.' };
  }
  if (!isAllowedOrigin(origin, hosts)) return { status: 403, message: 'Pages of this origin may not use this server.' };
  return undefined;
}

const PREFLIGHT = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Session-Id, Last-Event-ID',
  'access-control-max-age': '3600',
};

function allowOrigin({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
  if (origin === undefined) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'WWW-Authenticate');
  response.setHeader('vary', 'Origin');
}

function metadata(path: string, response: ServerResponse, endpoints: Endpoints, authkitDomain: string): void {
  response.setHeader('access-control-allow-origin', '*');
  if (endpoints.metadataPaths.includes(path)) {
    json(response, 200, resourceMetadata(endpoints.resource, authkitDomain));
  } else if (path === AUTHORIZATION_SERVER) {
    // Clients of protocol versions before 2025-06-18 ask the MCP server itself.
    response.writeHead(302, { location: authkitDomain + AUTHORIZATION_SERVER }).end();
  } else {
    refuse(response, { status: 404, message: 'Not found' });
  }
}
