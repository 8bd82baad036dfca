/** One attempt that brought no answer. */
export class Lost extends Error {
  readonly code: string | undefined;
  readonly arrived: boolean;
  constructor(message: string, code: string | undefined, arrived: boolean, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.arrived = arrived;
  }
}

/** Errors of the connection phase: the request certainly never left. */
const NEVER_ARRIVED =
  /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NODATA|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/;

/** What undici threw, as a lost attempt. */
export function lost(error: unknown): Lost {
  const { code, message } = innermost(error);
  // A handshake that breaks off has the same code as a broken request; only its words tell them apart.
  const handshake = /before secure TLS connection was established/.test(message);
  const proxy = /Proxy response \(\d+\)/.test(message);
  const arrived = !(handshake || proxy || (code !== undefined && NEVER_ARRIVED.test(code)));
  return new Lost(`${message}${code && !message.includes(code) ? ` (${code})` : ''}`, code, arrived, error);
}

/** Looks through the wrappers that undici and happy-eyeballs put around an error. */
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
