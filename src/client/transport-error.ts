/** An attempt that ended without a response. */
export interface TransportError {
  kind: 'transport-error';
  message: string;
  code: string | undefined;
  /** False if the request was certainly never sent. */
  mayHaveArrived: boolean;
  cause: unknown;
}

const connectFailures = new WeakSet<object>();

/** Marks an error as a failure to connect, so no request was sent. */
export function noteConnectFailure(error: Error): void {
  connectFailures.add(error);
}

/**
 * Classifies an error thrown by undici. Only a marked failure to connect shows that the request was never sent: a broken TLS
 * record or a lost route has the same code on a connection that has already carried the request.
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

/** Unwraps an error from the layers that undici and Happy Eyeballs put around it. */
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
