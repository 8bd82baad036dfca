/** Why `init` changed nothing, and how to go on. */
export class InitError extends Error {
  override name = 'InitError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** The hint for a file that cannot be parsed. */
export const CORRECT_IT = 'Nothing was changed. Correct the file, and run this again.';
