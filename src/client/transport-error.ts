/** An attempt that ended without a response. */
export interface TransportError {
  kind: 'transport-error';
  message: string;
  code: string | undefined;
  /** False where the request certainly never left. */
  mayHaveArrived: boolean;
  cause: unknown;
}

const connectFailures = new WeakSet<object>();

/** Notes that this error ended an attempt to connect, so that no request was sent with it. */
export function noteConnectFailure(error: Error): void {
  connectFailures.add(error);
}

/**
 * Classifies what undici threw. Only a noted failure to connect shows that the request never left: a broken TLS record or
 * a lost route has the same code on a connection that has already carried the request.
 */
export function transportError(cause: unknown): TransportError {
  const { code, message } = innermost(cause);
  return {
    kind: 'transport-error',
    message: `${message}${code && !message.includes(code) ? ` (${code})` : ''}`,
    code,
    mayHaveArrived: !(cause instanceof Error && connectFailures.has(cause)),
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
