import type { Invocation } from '../config/argv.ts';
import { transfer } from './import.ts';
import type { Setup } from './setup.ts';

/** Writes all users, organizations, or memberships to a file. Returns the exit code. */
export async function exportFile({ words: [kind, path], options }: Invocation, setup: Setup): Promise<number> {
  return transfer('export_users', { kind, path, format: options['format'] }, options['json'] !== undefined, setup);
}
