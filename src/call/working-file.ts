import { constants, type Stats } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors/errors.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';

/** More than any configuration takes. */
const MAX_BYTES = 512 * 1024;

/**
 * Reads a YAML file in the working directory or the output folder. A path may not lead out of them, by a link either: it comes
 * from a model, and the machine has other files.
 * @param workingDirectory Not used where it is the root of a disk, which holds everything.
 * @throws {InputError} that does not say more of another file than that it cannot be used.
 */
export async function readWorkingFile(
  path: string,
  outputDir: string,
  workingDirectory = process.cwd(),
): Promise<string> {
  const refuse = (why: string) =>
    new InputError(
      `${quoteUntrusted(path, 200)} ${why}`,
      ['path'],
      'Give a file in the working directory or the output folder.',
    );
  if (!/\.ya?ml$/i.test(path) || path.includes('\0')) throw refuse('is not a .yaml file');
  const roots = (await Promise.all([workingDirectory, outputDir].map(realFolder))).flatMap((root) => root ?? []);
  const found = await firstFile([resolve(workingDirectory, path), join(outputDir, path)], roots);
  if (!found) throw refuse('is not a file there');
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(found.real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!handle) throw refuse('cannot be read');
  try {
    const opened = await handle.stat();
    // What was opened is compared with what was found: a folder on the way may have been replaced by a link.
    if (!opened.isFile() || !isSame(opened, found.stats)) throw refuse('is not a file there');
    if (opened.size > MAX_BYTES) throw refuse(`is larger than ${MAX_BYTES / 1024} KiB`);
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    if (bytesRead > MAX_BYTES) throw refuse(`is larger than ${MAX_BYTES / 1024} KiB`);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead));
    } catch {
      throw refuse('is not UTF-8');
    }
  } finally {
    await handle.close();
  }
}

async function realFolder(folder: string): Promise<string | undefined> {
  const real = await realpath(folder).catch(() => undefined);
  return real === undefined || real === parse(real).root ? undefined : real;
}

/** The first of these that is a file inside one of the roots. */
async function firstFile(
  paths: readonly string[],
  roots: readonly string[],
): Promise<{ real: string; stats: Stats } | undefined> {
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || !roots.some((root) => isInside(real, root))) continue;
    const stats = await stat(real).catch(() => undefined);
    if (stats?.isFile()) return { real, stats };
  }
  return undefined;
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
