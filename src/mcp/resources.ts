import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { type ApiKey, keysIn } from '../config/api-key.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { EVENTS, WEBHOOK_EVENTS } from '../tools/event-names.ts';
import { signature } from '../tools/signature.ts';
import { forbiddenEntry } from './exposure.ts';
import type { PromptContext } from './prompts.ts';
import { settingsSummary } from './settings-resource.ts';
import { FILES, MAX_SLICE_BYTES, type ReadableFiles, UnreadableFileError } from './written-files.ts';

/** The settings, tools, and files that resources depend on. */
export interface ResourceContext extends PromptContext {
  /** Returns the key as last read. */
  key: () => ApiKey;
  /** Undefined before the first call. */
  files: () => ReadableFiles | undefined;
}

/** An item of a resources/read result. A part of a file is followed by a note that says where the file continues. */
interface Contents {
  uri: string;
  mimeType: string;
  text?: string;
  blob?: string;
  _meta?: Record<string, unknown>;
}

const SETTINGS = 'workos://settings';
const EVENT_NAMES = 'workos://events';
const TOOLS = 'workos://tools/';
const MARKDOWN = 'text/markdown';

/** https://modelcontextprotocol.io/specification/2025-11-25/server/resources#error-handling */
const NOT_FOUND = -32002;

/** The result of resources/list: the fixed resources, then the files of this process. */
export async function listResources({ entries, files }: ResourceContext): Promise<{ resources: unknown[] }> {
  const toolsets = [...byToolset(entries)].map(([toolset, of]) => ({
    uri: TOOLS + toolset,
    name: `tools/${toolset}`,
    title: `Tools: ${toolset}`,
    description: `Signatures of ${of.length} ${of.length === 1 ? 'tool' : 'tools'}`,
    mimeType: MARKDOWN,
  }));
  const written = (await files()?.list()) ?? [];
  return {
    resources: [
      {
        uri: SETTINGS,
        name: 'settings',
        title: 'Settings',
        description: 'What this server may do: tools, read-only, consent, secrets, kind of key, output folder',
        mimeType: 'application/json',
      },
      {
        uri: EVENT_NAMES,
        name: 'events',
        title: 'Event names',
        description: `The ${EVENTS.length} events of WorkOS; webhooks deliver ${WEBHOOK_EVENTS.length} of them`,
        mimeType: MARKDOWN,
      },
      ...toolsets,
      ...written.map(({ uri, name, mimeType, bytes }) => ({ uri, name, mimeType, size: bytes })),
    ],
  };
}

/** The result of resources/templates/list. */
export function listTemplates(): { resourceTemplates: unknown[] } {
  return {
    resourceTemplates: [
      {
        uriTemplate: `${TOOLS}{toolset}`,
        name: 'tools',
        title: 'Tools of a toolset',
        description: 'The tools of a toolset with their signatures, and how each is run',
        mimeType: MARKDOWN,
      },
      {
        uriTemplate: `${FILES}{name}{?offset,length}`,
        name: 'files',
        title: 'Part of a file',
        description: `A file that one of your calls wrote, from byte offset on, at most length bytes (${MAX_SLICE_BYTES} at most and by default)`,
      },
    ],
  };
}

/** The result of resources/read. @throws {McpError} -32002 if there is no such resource, -32602 for a wrong offset */
export async function readResource(uri: string, context: ResourceContext): Promise<{ contents: Contents[] }> {
  if (uri.startsWith(FILES)) return { contents: await readFile(uri, context) };
  const { config, key, entries, exposed } = context;
  const one = (mimeType: string, text: string) => ({ contents: [{ uri, mimeType, text }] });
  if (uri === SETTINGS) {
    const summary = settingsSummary(config, key(), entries, exposed);
    return one('application/json', JSON.stringify(summary, null, 1));
  }
  if (uri === EVENT_NAMES) return one(MARKDOWN, eventNames());
  const toolset = uri.startsWith(TOOLS) ? uri.slice(TOOLS.length) : undefined;
  if (toolset !== undefined && byToolset(entries).has(toolset)) return one(MARKDOWN, toolsOf(toolset, context));
  const near = didYouMean(uri, [SETTINGS, EVENT_NAMES, ...[...byToolset(entries).keys()].map((name) => TOOLS + name)]);
  throw notFound(`Unknown resource: ${quoteUntrusted(uri)}${near || '. resources/list shows all of them.'}`);
}

function byToolset(entries: PromptContext['entries']): Map<string, PromptContext['entries'][number][]> {
  const groups = new Map<string, PromptContext['entries'][number][]>();
  for (const entry of entries) groups.set(entry.toolset, [...(groups.get(entry.toolset) ?? []), entry]);
  return groups;
}

function toolsOf(toolset: string, { config, entries, exposed }: ResourceContext): string {
  const listed = new Set(exposed.map(({ definition }) => definition.name));
  const lines = (byToolset(entries).get(toolset) ?? []).map((entry) => {
    const { definition, effect, dispatcher } = entry;
    const { name, description, inputSchema } = definition;
    const forbidden = forbiddenEntry(config, entry);
    const way = listed.has(name)
      ? 'call it by name'
      : dispatcher !== undefined && listed.has(dispatcher)
        ? `run it with ${dispatcher}`
        : 'not exposed by this server';
    return `- \`${signature(name, inputSchema)}\` (${effect}; ${forbidden ? `forbidden: ${forbidden}` : way}): ${description}`;
  });
  return `# Tools: ${toolset}\n\nAn argument without a type is text; \`?\` means optional.\n\n${lines.join('\n')}\n`;
}

/** Event names, grouped by the part before the last dot, as list_events accepts them. */
function eventNames(): string {
  const delivered = new Set(WEBHOOK_EVENTS);
  const groups = new Map<string, string[]>();
  for (const name of [...EVENTS].sort()) {
    const group = `${name.slice(0, name.lastIndexOf('.'))}.*`;
    groups.set(group, [...(groups.get(group) ?? []), delivered.has(name) ? name : `${name} †`]);
  }
  const sections = [...groups].map(
    ([group, names]) => `## ${group}\n\n${names.map((name) => `- ${name}`).join('\n')}\n`,
  );
  const intro = `WorkOS has ${EVENTS.length} events. Webhooks deliver ${WEBHOOK_EVENTS.length} of them: not those marked †, which only list_events shows. Tools accept a group, such as \`user.*\`, for all of its events.`;
  return `# Event names\n\n${intro}\n\n${sections.join('\n')}`;
}

async function readFile(uri: string, { files, key }: ResourceContext): Promise<Contents[]> {
  const [, address = uri, query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(uri) ?? [];
  const written = files();
  try {
    const file = await written?.find(address);
    // Only listed files are ever opened.
    if (!written || !file) {
      throw notFound(
        `No such file: ${quoteUntrusted(address, 200)}. resources/list shows the files that your calls wrote and that still exist.`,
      );
    }
    const { offset, length } = sliceOf(query, file.bytes);
    const slice = await written.read(file.uri, offset, length, keysIn(key()));
    const next = slice.offset + slice.bytes;
    const more = next < slice.total;
    const position = { offset: slice.offset, bytes: slice.bytes, total: slice.total, ...(more && { next }) };
    const contents: Contents = {
      uri,
      mimeType: slice.mimeType,
      ...slice.content,
      _meta: { 'workos-mcp/slice': position },
    };
    if (!more) return [contents];
    const text = `Bytes ${slice.offset} to ${next - 1} of ${slice.total}. Read this URI for the rest.`;
    return [contents, { uri: `${address}?offset=${next}`, mimeType: 'text/plain', text }];
  } catch (error) {
    if (error instanceof UnreadableFileError) throw notFound(error.message);
    throw error;
  }
}

function sliceOf(query: string, bytes: number): { offset: number; length: number } {
  const values = { offset: 0, length: MAX_SLICE_BYTES };
  for (const part of query.split('&').filter(Boolean)) {
    const [, name, digits] = /^(offset|length)=(\d{1,15})$/.exec(part) ?? [];
    if (name !== 'offset' && name !== 'length') {
      throw invalid(
        `${quoteUntrusted(part)} must be offset or length with a whole number, such as ?offset=0&length=65536`,
      );
    }
    values[name] = Number(digits);
  }
  if (values.offset > bytes)
    throw invalid(`offset ${values.offset} is past the end of the file, which has ${bytes} bytes`);
  if (values.length < 1 || values.length > MAX_SLICE_BYTES) {
    throw invalid(`length must be 1 to ${MAX_SLICE_BYTES} bytes; use offset to read further`);
  }
  return values;
}

function notFound(message: string): McpError {
  return new McpError(NOT_FOUND, message);
}

function invalid(message: string): McpError {
  return new McpError(ErrorCode.InvalidParams, message);
}
