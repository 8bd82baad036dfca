import { keysIn } from '../config/api-key.ts';
import { type Config, fileNameIn } from '../config/config.ts';
import { PERMISSIONS } from '../config/rights.ts';
import { SECRET_OUTPUTS } from '../config/settings.ts';
import { RefusedError } from '../errors/errors.ts';
import { LargeResponse } from '../results/large-response.ts';
import { otherFolders, type ReservedFile, reserveFile, writeFile } from '../results/private-files.ts';
import { asObject, type CallResult } from '../results/result.ts';
import { type MaskedField, maskFields } from '../text/mask-fields.ts';
import { parseJson, valuesAt } from '../text/redact.ts';
import { isGuessable } from '../text/redact-foreign.ts';
import { truncate } from '../text/truncate.ts';
import { hidesSecrets } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';
import { revealDetails } from './error-details.ts';
import { replacementHint } from './lost-secret.ts';
import { hasRight } from './policy.ts';

/**
 * How this call shows the secrets of its result: as `secret_output` says, or by the default of the tool's secret class.
 * @throws {RefusedError} if the settings do not allow it. Nothing has been sent at this point.
 */
export function secretMode(tool: Tool, input: Record<string, unknown>, config: Config): Config['secrets'] {
  const asked = SECRET_OUTPUTS.find((level) => level === input['secret_output']);
  const mode = asked ?? (tool.secrets.class === 'once' ? 'file' : 'masked');
  if (SECRET_OUTPUTS.indexOf(mode) <= SECRET_OUTPUTS.indexOf(config.secrets)) return mode;
  if (!hasRight(config, 'secrets')) {
    throw new RefusedError(
      `secret_output ${mode} needs the permission ${PERMISSIONS.secrets}, which your role does not have`,
      'Leave out secret_output. Secrets are masked then.',
    );
  }
  throw asked
    ? new RefusedError(
        `secret_output ${asked} is not allowed: this server allows ${config.secrets} at most`,
        `Leave out secret_output, or ask the operator for --secrets ${asked}.`,
      )
    : new RefusedError(
        `${tool.name} returns a secret that WorkOS shows only once, and this server may only show it masked, so it would be lost`,
        'Ask the operator for --secrets file, or pass secret_output masked to continue without the secret.',
      );
}

/** Handles the secrets of one call. */
export interface SecretOutput {
  /**
   * Masks the secret fields of a response; with mode `file` their values go to a file, whose path is in the result. For a
   * {@link LargeResponse}, this happens when it is read.
   */
  reveal(response: unknown): unknown;
  /** Does the same for the body of an error. */
  revealError(error: unknown): unknown;
  /** Must be called when the call has ended. Removes a reserved file that was not used. */
  close(): void;
}

/** Options for {@link openSecretOutput}. */
export interface SecretOutputOptions {
  mode: Config['secrets'];
  config: Pick<Config, 'secrets' | 'outputDir' | 'remote'> & Partial<Pick<Config, 'environment'>>;
  tools: ReadonlyMap<string, Tool>;
  /** Whether each page gets its own file when it arrives. None is reserved, because a page can be fetched again. */
  pages: boolean;
  /** Can be replaced in tests. */
  reserve?: typeof reserveFile;
  folders?: readonly string[];
}

/**
 * Prepares for the secrets of a response before the request is sent: creates the file for them and reserves its space.
 * @throws {ConfigError} if that is not possible. Sending the request would lose a secret that WorkOS shows only once.
 */
export function openSecretOutput(tool: Tool, options: SecretOutputOptions): SecretOutput {
  const { mode, config, pages, reserve = reserveFile } = options;
  const hides = hidesSecrets(tool.secrets);
  const fileName = fileNameIn(config, tool.name);
  let reserved: ReservedFile | undefined;
  if (mode === 'file' && hides && !pages) reserved = reserve(config.outputDir, fileName, 'json');
  const takeFile = () => {
    const file = reserved ?? reserve(config.outputDir, fileName, 'json');
    reserved = undefined;
    return file;
  };
  return {
    reveal(response) {
      if (!hides || mode === 'result') return response;
      const paths = tool.secrets.out ?? [];
      const keep = (masked: Record<string, unknown>, found: readonly MaskedField[]) => {
        if (mode === 'masked' || found.length === 0) return masked;
        return { ...masked, secret_file: save(tool, found, takeFile(), options) };
      };
      if (response instanceof LargeResponse) return response.hide(paths, keep);
      const { masked, found } = maskFields(response, paths);
      return keep(asObject(masked), found);
    },
    revealError: (error) =>
      revealDetails(error, { mode, tools: options.tools, save: (found) => save(tool, found, takeFile(), options) }),
    close: () => reserved?.discard(),
  };
}

const MAX_FIELDS = 10;
const MAX_FIELD = 80;

/**
 * Writes secrets to a file, or returns what happened to them instead. Throws only for a read, because a write has already been
 * carried out.
 */
function save(
  tool: Tool,
  found: readonly MaskedField[],
  file: ReservedFile,
  { config, tools, folders = config.remote ? [] : otherFolders(config.outputDir) }: SecretOutputOptions,
): Record<string, unknown> {
  // The API controls the names and the number of fields.
  const fields = found.slice(0, MAX_FIELDS).map(({ field }) => truncate(field, MAX_FIELD));
  if (found.length > MAX_FIELDS) fields.push(`… ${found.length - MAX_FIELDS} more`);
  const text = `${JSON.stringify(byField(found), null, 1)}\n`;
  let problem: unknown;
  try {
    file.fill(text);
    return { path: file.path, fields };
  } catch (error) {
    problem = error;
  }
  for (const folder of folders) {
    try {
      return { path: writeFile(folder, fileNameIn(config, tool.name), 'json', text), fields };
    } catch {
      // Tries the next folder. If none works, the first problem is reported.
    }
  }
  if (tool.effect === 'read') throw problem;
  const error = `The file could not be written: ${problem instanceof Error ? problem.message : String(problem)}`;
  return config.secrets === 'result'
    ? { error, secrets: byField(found), hint: 'Store these secrets now: no file has them.' }
    : { error, fields, hint: replacementHint(tools, tool) };
}

/** Puts the paths of secret files back into a result that was cut to size: without its path, a file is as good as lost. */
export function keepSecretFiles(result: CallResult, value: unknown): CallResult {
  const whole = asObject(value);
  const files = [...[whole['secret_file'] ?? []].flat().map((file) => ({ file, of: {} })), ...filesOf(whole)];
  const missing = files
    .filter(({ file }) => result.content.every(({ text }) => !text.includes(JSON.stringify(file))))
    .map(({ file, of }) => ({ ...of, ...asObject(file) }));
  if (missing.length === 0) return result;
  const structuredContent = { ...result.structuredContent, secret_files: missing };
  return { ...result, content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

/** Whether a result shows secrets in plain text that WorkOS will not return again. Cutting it to size would lose them. */
export function showsNewSecrets(tools: ReadonlyMap<string, Tool>, tool: Tool, input: Record<string, unknown>): boolean {
  if (tool.effect === 'read') return false;
  return [{ tool, input }, ...dispatched(tools, tool, input)].some(
    (one) =>
      hidesSecrets(one.tool.secrets) && one.tool.effect !== 'read' && asObject(one.input)['secret_output'] === 'result',
  );
}

/** The secret files in a result of many pages or calls. */
export function secretFilesIn(whole: Record<string, unknown>): unknown[] {
  return filesOf(whole).map(({ file }) => file);
}

/** The same, each with the index and ids of its row. */
function filesOf({ secret_files, rows }: Record<string, unknown>): { file: unknown; of: Record<string, unknown> }[] {
  const ofPages = Array.isArray(secret_files) ? secret_files.map((file) => ({ file, of: {} })) : [];
  const ofRows = Array.isArray(rows)
    ? rows.flatMap((row) => {
        const { value, error, ok: _, ...of } = asObject(row);
        const shown = asObject(value ?? error);
        return [shown['secret_file'] ?? [], ...secretFilesIn(shown)].flat().map((file) => ({ file, of }));
      })
    : [];
  return [...ofPages, ...ofRows];
}

/** The key and the values of secret arguments, including those passed through a dispatcher. */
export function secretValues(
  config: Config,
  tools: ReadonlyMap<string, Tool>,
  tool: Tool | undefined,
  input: Record<string, unknown>,
): string[] {
  return [
    // Responses no longer contain the key at this point. A guessable value would withhold all text from outside.
    ...keysIn(config.key).filter((key) => !isGuessable(key)),
    ...valuesAt(input, tool?.secrets.in ?? []),
    ...(tool ? dispatched(tools, tool, input).flatMap((one) => valuesAt(one.input, one.tool.secrets.in ?? [])) : []),
  ].filter(Boolean);
}

/** The calls that a dispatcher is to make, as the client sent them, including the calls that `from` reads. */
function dispatched(
  tools: ReadonlyMap<string, Tool>,
  { kind }: Tool,
  { tool: name, arguments: given, from: origin }: Record<string, unknown>,
): { tool: Tool; input: unknown }[] {
  const tool = kind === 'dispatcher' && typeof name === 'string' ? tools.get(name) : undefined;
  if (!tool) return [];
  const from = asObject(typeof origin === 'string' ? parseJson(origin) : origin);
  const source = typeof from['tool'] === 'string' ? tools.get(from['tool']) : undefined;
  const input = asObject(from['arguments']);
  return [
    ...[typeof given === 'string' ? parseJson(given) : given, from['with']].flat().map((one) => ({ tool, input: one })),
    ...(source ? [{ tool: source, input }, ...dispatched(tools, source, input)] : []),
  ];
}

function byField(found: readonly MaskedField[]): Record<string, unknown> {
  return Object.fromEntries(found.map(({ field, value }) => [field, value]));
}
