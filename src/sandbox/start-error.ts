/** The sandbox cannot start: its port, state file, or seed cannot be used. The message says what to do. */
export class SandboxStartError extends Error {
  override readonly name = 'SandboxStartError';
}
