import type { Config } from '../config/config.ts';
import { SECRET_OUTPUTS } from '../config/settings.ts';
import { RefusedError } from '../errors/errors.ts';
import { LargeResponse, type SaveSecrets } from '../results/large-response.ts';
import { writeFile } from '../results/private-files.ts';
import { asObject } from '../results/result.ts';
import { type MaskedField, maskFields, parseJson, valuesAt } from '../text/redact.ts';
import { hidesSecrets } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';

/**
 * How this call shows the secrets of its result: as it asks, or by the default of the tool's secret class.
 * @throws {RefusedError} where the settings do not allow it, before anything is sent.
 */
export function secretMode(tool: Tool, input: Record<string, unknown>, config: Config): Config['secrets'] {
  const asked = SECRET_OUTPUTS.find((level) => level === input['secret_output']);
  const mode = asked ?? (tool.secrets.class === 'once' ? 'file' : 'masked');
  if (SECRET_OUTPUTS.indexOf(mode) <= SECRET_OUTPUTS.indexOf(config.secrets)) return mode;
  throw asked
    ? new RefusedError(
        `secret_output ${asked} is more than this server allows (${config.secrets})`,
        `Leave out secret_output, or ask the operator for --secrets ${asked}.`,
      )
    : new RefusedError(
        `${tool.name} returns a secret that WorkOS shows only once, and this server may only show it masked, so it would be lost`,
        'Ask the operator for --secrets file, or pass secret_output masked to go on without the secret.',
      );
}

/**
 * Masks the secret fields of a response; with mode `file` their values go to a private file and the result says where. For a
 * {@link LargeResponse} that happens when it is read.
 */
export function revealSecrets(tool: Tool, response: unknown, mode: Config['secrets'], folder: string): unknown {
  if (!hidesSecrets(tool.secrets) || mode === 'result') return response;
  const paths = tool.secrets.out ?? [];
  const save: SaveSecrets = (masked, found) =>
    mode === 'masked' ? masked : withSecretFile(tool, masked, found, folder);
  if (response instanceof LargeResponse) return response.hide(paths, save);
  const { masked, found } = maskFields(response, paths);
  return save(asObject(masked), found);
}

function withSecretFile(
  tool: Tool,
  masked: Record<string, unknown>,
  found: readonly MaskedField[],
  folder: string,
): Record<string, unknown> {
  if (found.length === 0) return masked;
  const fields = found.map(({ field }) => field);
  try {
    const path = writeFile(folder, tool.name, 'json', `${JSON.stringify(byField(found), null, 1)}\n`);
    return { ...masked, secret_file: { path, fields } };
  } catch (error) {
    if (tool.effect === 'read' || !(error instanceof Error)) throw error;
    // The write is done; throwing would have the caller repeat it.
    return { ...masked, secret_file: { error: `It could not be written: ${error.message}` } };
  }
}

/** The paths of all secret files in a result of many pages or calls: a file that nobody knows about is as good as lost. */
export function secretFilesIn({ secret_files, rows }: Record<string, unknown>): unknown[] {
  const ofPages = Array.isArray(secret_files) ? secret_files : [];
  const ofRows = Array.isArray(rows)
    ? rows.flatMap((row) => {
        const value = asObject(asObject(row)['value']);
        return [value['secret_file'] ?? [], ...secretFilesIn(value)].flat();
      })
    : [];
  return [...ofPages, ...ofRows];
}

/** The key and the values of secret arguments, those passed through a dispatcher included. */
export function secretValues(
  config: Config,
  tools: ReadonlyMap<string, Tool>,
  tool: Tool | undefined,
  input: Record<string, unknown>,
): string[] {
  const own = valuesAt(input, tool?.secrets.in ?? []);
  return [config.key.value ?? '', ...own, ...dispatchedSecrets(tools, tool, input)].filter(Boolean);
}

function dispatchedSecrets(
  tools: ReadonlyMap<string, Tool>,
  tool: Tool | undefined,
  { tool: name, arguments: raw }: Record<string, unknown>,
): string[] {
  const inner = tool?.kind === 'dispatcher' && typeof name === 'string' ? tools.get(name) : undefined;
  if (!inner) return [];
  const list = typeof raw === 'string' ? parseJson(raw) : raw;
  return [list].flat().flatMap((one) => valuesAt(one, inner.secrets.in ?? []));
}

function byField(found: readonly MaskedField[]): Record<string, unknown> {
  return Object.fromEntries(found.map(({ field, value }) => [field, value]));
}
