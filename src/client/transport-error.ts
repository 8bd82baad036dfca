/** An attempt that ended without a response. */
export interface TransportError {
  kind: 'transport-error';
  message: string;
  code: string | undefined;
  /** False where the request certainly never left. */
  mayHaveArrived: boolean;
  cause: unknown;
}

/** Errors of the connection phase. */
const NEVER_ARRIVED =
  /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NODATA|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/;

/** Classifies what undici threw. */
export function transportError(cause: unknown): TransportError {
  const { code, message } = innermost(cause);
  // A handshake that breaks off has the same code as a broken request; only the message tells them apart.
  const handshake = /before secure TLS connection was established/.test(message);
  const proxy = /Proxy response \(\d+\)/.test(message);
  return {
    kind: 'transport-error',
    message: `${message}${code && !message.includes(code) ? ` (${code})` : ''}`,
    code,
    mayHaveArrived: !(handshake || proxy || (code !== undefined && NEVER_ARRIVED.test(code))),
    cause,
  };
}

/** Looks through the wrappers that undici and happy eyeballs put around an error. */
function innermost(error: unknown): { code: string | undefined; message: string } {
  if (error instanceof AggregateError && error.errors.length) return innermost(error.errors[0]);
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (error.cause instanceof Error && (code === undefined || code === 'UND_ERR_SOCKET')) {
    const inner = innermost(error.cause);
    if (inner.code) return inner;
  }
  return { code, message: error.message };
}
