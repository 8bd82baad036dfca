import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { State } from '../state.ts';
import { eventsAsCsv } from './csv.ts';
import { splitUrl } from './reply.ts';

const LIFETIME_SECONDS = 600;

/** Signs the links to export files. A link is good for ten minutes, and no two are the same. */
export function createExportLinks(origin: () => string, now: () => number): (exportId: string) => string {
  let serial = 0;
  return (exportId) => {
    serial += 1;
    const path = `/exports/${exportId}.csv`;
    const expires = `${Math.floor(now() / 1000) + LIFETIME_SECONDS}`;
    const signature = sign(path, expires, `${serial}`);
    return `${origin()}${path}?signature=${signature}&expires=${expires}&serial=${serial}`;
  };
}

/** What the file store says: a file, or XML that says why not. */
export interface FileReply {
  status: number;
  headers: Record<string, string>;
  content: string;
}

/**
 * Answers for the file store, a host of its own as it is for WorkOS. Like any object storage it takes the
 * signature in the link or an Authorization header, never both: an API key that is sent here is refused.
 */
export function exportFile({ method, url = '', headers }: IncomingMessage, state: State): FileReply {
  const { path, query } = splitUrl(url);
  const expires = query.get('expires') ?? '';
  if (headers.authorization !== undefined) {
    return refusal(400, 'InvalidArgument', 'Only one auth mechanism allowed: send no Authorization header.');
  }
  if (method !== 'GET') return refusal(405, 'MethodNotAllowed', 'Only GET is allowed.');
  if (query.get('signature') !== sign(path, expires, query.get('serial') ?? '')) {
    return refusal(403, 'SignatureDoesNotMatch', 'The signature of the link is wrong.');
  }
  if (state.now() >= Number(expires) * 1000) return refusal(403, 'AccessDenied', 'Request has expired');
  const id = /^\/exports\/(.+)\.csv$/.exec(path)?.[1] ?? '';
  const made = state.auditLogExports.get(id);
  if (!made) return refusal(404, 'NoSuchKey', 'There is no such file.');
  return {
    status: 200,
    headers: { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': `attachment; filename="${id}.csv"` },
    content: eventsAsCsv(made.events),
  };
}

function refusal(status: number, code: string, message: string): FileReply {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    headers: { 'Content-Type': 'application/xml' },
    content: `<?xml version="1.0" encoding="UTF-8"?>\n${error}\n`,
  };
}

function sign(path: string, expires: string, serial: string): string {
  return createHmac('sha256', 'sandbox').update(`${path}\n${expires}\n${serial}`).digest('hex');
}
