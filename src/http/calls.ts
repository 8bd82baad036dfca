import { createHash } from 'node:crypto';
import type { Caller, Person } from '../call/caller.ts';
import { callTool } from '../call/pipeline.ts';
import type { Runtime } from '../call/runtime.ts';
import { narrowed } from '../config/config.ts';
import { PERMISSIONS, type Rights } from '../config/rights.ts';
import { OPERATOR_HINT } from '../errors/errors.ts';
import { CallQueue, runningLimit } from '../mcp/call-queue.ts';
import { contextRequests } from '../mcp/context-requests.ts';
import { exposedTools } from '../mcp/exposure.ts';
import { instructions } from '../mcp/instructions.ts';
import type { ServerOptions } from '../mcp/server.ts';
import type { LinkedResult } from '../mcp/written-files.ts';
import { NO_FILES_NOW } from '../results/private-files.ts';
import { failed } from '../results/result.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import { type FileStore, filesOf, withFiles } from './files.ts';
import type { InFlight } from './in-flight.ts';
import { memoryOf, type TextStore } from './memory.ts';

/** Options for teamServer(). */
export interface TeamOptions {
  /** Has the settings before they are narrowed to a person's rights. Its output folder is that of `files`. */
  runtime: Runtime;
  version: string;
  entries: readonly CatalogEntry[];
  files: FileStore;
  texts: TextStore;
  inFlight: InFlight;
  /** Records that a person's call is refused because they have no rights at all. */
  turnedAway(person: Person, reason: string): Promise<void>;
}

/** The sender of one message. */
export interface Sender {
  /** Undefined if the server runs without sign-in. */
  person: Person | undefined;
  rights: Rights;
  /** The id of the message. */
  requestId: string | number;
  protocolVersion: string | undefined;
  /** Aborted when the sender has hung up. */
  gone: AbortSignal;
}

/** The tools and settings for people with the same rights. */
interface View {
  runtime: Runtime;
  exposed: readonly CatalogEntry[];
  instructions: string;
}

/** The most requests for prompts and resources that are answered at the same time. */
const MAX_CONTEXT_REQUESTS = 16;

/** Returns a function that makes the server options for one message, limited to the rights of its sender. */
export function teamServer(options: TeamOptions): (sender: Sender) => ServerOptions {
  const { runtime, version, files, inFlight, turnedAway } = options;
  const entries = options.entries.map(remoteEntry);
  const known = new Map(entries.map((entry) => [entry.definition.name, entry]));
  const viewFor = viewsOf(runtime, entries, files.maxFileBytes);
  const running = runningLimit(runtime.config.maxResultChars);
  const queue = new CallQueue(running, () => false, running / 2);
  const contextQueue = new CallQueue(MAX_CONTEXT_REQUESTS, () => false);
  return (sender) => {
    const view = viewFor(sender.rights);
    const owner = ownerOf(sender.person);
    return {
      version,
      known,
      exposed: view.exposed,
      instructions: view.instructions,
      protocolVersion: sender.protocolVersion,
      load: async () => async (name, input, caller) => {
        if (view.exposed.length === 0 && sender.person) {
          await turnedAway(sender.person, 'without a permission');
          return failed({ kind: 'refused', message: NOTHING_ALLOWED, hint: OPERATOR_HINT, tool: name });
        }
        const reads = known.get(name)?.effect === 'read';
        const call = inFlight.begin({ owner, requestId: sender.requestId, reads, signal: caller.signal }, sender.gone);
        try {
          // After hanging up, the client does not expect the call to start.
          if (!(await queue.enter(call.signal, owner))) return notStarted(name);
          call.started();
          try {
            return await run(name, input, { ...caller, person: sender.person, signal: call.signal }, view, options);
          } finally {
            queue.leave(owner);
          }
        } finally {
          call.end();
        }
      },
      ...(view.exposed.length > 0 && {
        context: {
          capabilities: { prompts: {}, resources: {} },
          queue: contextQueue,
          load: async () =>
            contextRequests({
              config: view.runtime.config,
              entries,
              exposed: view.exposed,
              key: () => runtime.key.last,
              files: () => filesOf(files, owner),
            }),
        },
      }),
    };
  };
}

/** An entry with the schema for callers on other machines. */
function remoteEntry(entry: CatalogEntry): CatalogEntry {
  const { definition, remoteSchema: inputSchema } = entry;
  return inputSchema ? { ...entry, definition: { ...definition, inputSchema } } : entry;
}

/** Returns a function that finds the view of people with these rights, and makes each view only once. */
function viewsOf(runtime: Runtime, entries: readonly CatalogEntry[], maxFileBytes: number): (rights: Rights) => View {
  const views = new Map<string, View>();
  return (rights) => {
    const key = [rights.read, rights.write, rights.delete, rights.secrets].join();
    const view = views.get(key) ?? makeView(rights);
    views.set(key, view);
    return view;
  };

  function makeView(rights: Rights): View {
    const config = narrowed(runtime.config, rights, maxFileBytes);
    const exposed = exposedTools(entries, config);
    const names = new Set(exposed.map(({ definition }) => definition.name));
    return {
      runtime: { ...runtime, config, exposed: names },
      exposed,
      instructions: exposed.length > 0 ? instructions(entries, exposed, config) : NOTHING_ALLOWED,
    };
  }
}

/** Runs one call for its person, and links the files that it wrote. */
async function run(
  name: string,
  input: Record<string, unknown>,
  caller: Caller,
  { runtime }: View,
  { files, texts }: TeamOptions,
): Promise<LinkedResult> {
  const owner = ownerOf(caller.person);
  const written: string[] = [];
  const wrote = (path: string) => void written.push(path);
  const own = { folder: folderOf(owner), memory: memoryOf(texts, owner) };
  const usable = files.isReady ? runtime : { ...runtime, config: { ...runtime.config, outputDir: NO_FILES_NOW } };
  const result = await callTool(usable, { ...caller, own, wrote, ask: undefined }, name, input);
  return withFiles(result, written, files, owner);
}

/** The owner of files, codes, and cancellations. Without AuthKit, all users of this machine are the same owner. */
export function ownerOf(person: Person | undefined): string {
  return JSON.stringify(person ? [person.id, person.organization ?? null] : []);
}

/** The name of the folder for the state that a person's calls resume from. It does not reveal the person. */
function folderOf(owner: string): string {
  return createHash('sha256').update(owner).digest('hex').slice(0, 32);
}

const NOTHING_ALLOWED = `This WorkOS server lists no tools: this person's role has none of the permissions ${Object.values(PERMISSIONS).join(', ')}. The server's operator can assign one.`;

function notStarted(tool: string): LinkedResult {
  const message = 'Not started: the client disconnected or the server is shutting down';
  return failed({ kind: 'cancelled', message, hint: 'Nothing was sent. Call again.', tool });
}
