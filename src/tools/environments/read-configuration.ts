import { InputError } from '../../errors/errors.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import type { Files } from '../files.ts';

/** More than any real configuration takes. */
const MAX_BYTES = 512 * 1024;

/**
 * Reads a configuration file.
 * @throws {InputError} if the call may not use the file, or if it is not a YAML file
 */
export async function readConfiguration(files: Pick<Files, 'openInput'>, path: string): Promise<string> {
  if (!isYaml(path)) throw refused(path, 'is not a .yaml file');
  const file = await files.openInput(path);
  try {
    // A link may lead to a file of another kind.
    if (!isYaml(file.path)) throw refused(path, 'is not a .yaml file');
    const bytes = await file.read(0, MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) throw refused(path, `is larger than ${MAX_BYTES / 1024} KiB`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // The decoder throws a TypeError.
    throw error instanceof TypeError ? refused(path, 'is not UTF-8') : error;
  } finally {
    await file.close();
  }
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

function refused(path: string, why: string): InputError {
  return new InputError(
    `${quoteUntrusted(path, 200)} ${why}`,
    ['path'],
    'Give a file that export_configuration wrote, or one like it.',
  );
}
