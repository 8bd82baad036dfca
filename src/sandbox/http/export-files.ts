import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { State } from '../state.ts';
import { auditLogCsv } from './audit-log-csv.ts';
import { splitUrl } from './url.ts';

const URL_LIFETIME_SECONDS = 600;

export interface FileResponse {
  status: number;
  headers: Record<string, string>;
  /** The file, or an XML error document. */
  content: string;
}

/**
 * Serves audit log export files, on a separate host as WorkOS does. Like S3, it accepts either a signed URL or an Authorization
 * header but not both, so a client that sends its API key here gets an error.
 */
export function serveExportFile(
  { method, url = '', headers }: IncomingMessage,
  states: readonly State[],
): FileResponse {
  const { path, query } = splitUrl(url);
  const expires = query.get('expires') ?? '';
  if (headers.authorization !== undefined) {
    return errorResponse(400, 'InvalidArgument', 'Only one auth mechanism allowed: send no Authorization header.');
  }
  if (method !== 'GET') return errorResponse(405, 'MethodNotAllowed', 'Only GET is allowed.');
  if (query.get('signature') !== sign(path, expires, query.get('serial') ?? '')) {
    return errorResponse(403, 'SignatureDoesNotMatch', 'The signature does not match this URL.');
  }
  const id = /^\/exports\/(.+)\.csv$/.exec(path)?.[1] ?? '';
  const state = states.find((one) => one.table('audit_log_exports').has(id));
  if (states.some((one) => one.now() >= Number(expires) * 1000)) {
    return errorResponse(403, 'AccessDenied', 'Request has expired');
  }
  const auditLogExport = state?.table('audit_log_exports').get(id);
  if (!state || !auditLogExport) return errorResponse(404, 'NoSuchKey', 'The file does not exist.');
  return {
    status: 200,
    headers: { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': `attachment; filename="${id}.csv"` },
    content: auditLogCsv(
      auditLogExport._event_ids.flatMap((event) => state.table('audit_log_events').get(event) ?? []),
    ),
  };
}

/**
 * Signs a new download URL for an export. Each URL is unique and expires after ten minutes.
 * @param origin the file server's base URL
 */
export function signedExportUrl(origin: string, exportId: string, state: State): string {
  const path = `/exports/${exportId}.csv`;
  const expires = `${Math.floor(state.now() / 1000) + URL_LIFETIME_SECONDS}`;
  const serial = state.ids.token(8);
  return `${origin}${path}?signature=${sign(path, expires, serial)}&expires=${expires}&serial=${serial}`;
}

function sign(path: string, expires: string, serial: string): string {
  return createHmac('sha256', 'sandbox').update(`${path}\n${expires}\n${serial}`).digest('hex');
}

function errorResponse(status: number, code: string, message: string): FileResponse {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    headers: { 'Content-Type': 'application/xml' },
    content: `<?xml version="1.0" encoding="UTF-8"?>\n${error}\n`,
  };
}
