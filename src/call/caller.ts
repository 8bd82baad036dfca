import type { Memory } from '../tools/files.ts';
import type { AgreedPlans } from './confirmation/agreed-plans.ts';
import type { SentWrites } from './sent-writes.ts';

/** Somebody whom an authorization server vouches for. */
export interface Person {
  /** The `sub` of their token: a user, or an application that acts for itself. */
  id: string;
  /** Where they are signed in. */
  organization: string | undefined;
}

/** Whoever makes one call: an MCP client, a shell or a program. Lives as long as the call. */
export interface Caller {
  /** A client may call the exposed tools only; the others may name any. */
  origin: 'client' | 'shell' | 'program';
  /** Undefined where calls come from this machine, or from anybody. */
  person?: Person | undefined;
  /** For somebody on another machine: the name of a folder that only their calls use, and what is kept of them. */
  own?: { folder: string; memory: Memory } | undefined;
  signal: AbortSignal;
  progress(done: number, total: number | undefined, message: string): void;
  /** Told of each file that the call has finished writing and that holds no secrets. */
  wrote?(path: string): void;
  /** Asks the user a yes-or-no question; rejects where no answer comes. Undefined where nobody can be asked. */
  ask: ((question: string) => Promise<'accept' | 'decline' | 'cancel'>) | undefined;
}

/** What one call passes on to the calls inside it. */
export interface CallScope {
  /** The user agreed to this very call, or to the one that it is a part of. */
  consented: boolean;
  /** The environment that the caller named; undefined where they left it out. */
  environment: string | undefined;
  /** What exactly the user agreed to, of the calls that make a plan. */
  agreed: AgreedPlans;
  /** Somebody goes on to work with the result, so it must not be cut or written to a file. */
  keepWhole: boolean;
  /** The key and the secret arguments: values that no error, question or log may show. */
  secrets: readonly string[];
  /**
   * What becomes of the result: a client sees as much of it as fits, code works with all of it, and a dispatcher hands it on as
   * it is, a LargeResponse unread.
   */
  reader: 'client' | 'code' | 'dispatcher';
  writes: SentWrites;
  /** The running tool's result is wanted as a page for people, too. */
  report: boolean;
  /** The tool whose plan is being made. Until it is, nothing but what reads may run. */
  planning?: string;
  /** The call around this one makes very many, and reports progress for all of them. */
  quiet?: boolean;
  /** The characters that the plan may take where the user is asked about it; undefined where nobody is. */
  planChars?: number;
  /** The tool that this call runs inside, and how consent was given to it. */
  via?: string;
  confirmed?: Confirmed | undefined;
  /** This server reads it on its own account, so no audit log has it. */
  unrecorded?: true;
}

/** How consent was given: by a code from a preview, or by a user who was asked. */
export type Confirmed = 'code' | 'asked';

/** What becomes known while one tool runs, for the audit log. */
export interface CallNotes {
  requestId: string | undefined;
  confirmed: Confirmed | undefined;
  secrets: 'file' | 'result' | undefined;
  /** It has only shown what it would do. */
  preview: boolean;
}
