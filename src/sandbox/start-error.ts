/** The sandbox cannot start: its port, its state file or its seed cannot be used. The message says what to do. */
export class SandboxStartError extends Error {
  override readonly name = 'SandboxStartError';
}
