import type { Memory } from '../tools/files.ts';
import type { AgreedPlans } from './confirmation/agreed-plans.ts';
import type { SentWrites } from './sent-writes.ts';

/** A person or application that an authorization server has authenticated. */
export interface Person {
  /** The `sub` of the token: a user, or an application that acts on its own behalf. */
  id: string;
  /** The organization that they are signed in to. */
  organization: string | undefined;
}

/** The MCP client, shell, or program that makes one call. Exists for the duration of the call. */
export interface Caller {
  /** A client may call only the exposed tools; shells and programs may call any tool. */
  origin: 'client' | 'shell' | 'program';
  /** Undefined if calls come from this machine or need no sign-in. */
  person?: Person | undefined;
  /** For a caller on another machine: the name of a folder that only their calls use, and what is kept between their calls. */
  own?: { folder: string; memory: Memory } | undefined;
  signal: AbortSignal;
  progress(done: number, total: number | undefined, message: string): void;
  /** Called for each finished file without secrets. */
  wrote?(path: string): void;
  /** Asks the user a yes-or-no question; rejects if no answer comes. Undefined if the user cannot be asked. */
  ask: ((question: string) => Promise<'accept' | 'decline' | 'cancel'>) | undefined;
}

/** What one call passes on to the calls inside it. */
export interface CallScope {
  /** The user agreed to this call, or to the call that contains it. */
  consented: boolean;
  /** The environment that the caller named; undefined if it named none. */
  environment: string | undefined;
  /** The plans that the user agreed to. */
  agreed: AgreedPlans;
  /** Code processes the result, so it must not be cut or written to a file. */
  keepWhole: boolean;
  /** The key and the secret arguments: values that no error, question or log may show. */
  secrets: readonly string[];
  /**
   * What happens to the result: a client sees as much of it as fits, code uses all of it, and a dispatcher passes it on
   * unchanged, even an unread LargeResponse.
   */
  reader: 'client' | 'code' | 'dispatcher';
  writes: SentWrites;
  /** The caller also wants the result as an HTML report. */
  report: boolean;
  /** The tool whose plan is being made. Meanwhile, only reading tools may run. */
  planning?: string;
  /** The containing call makes many calls and reports their progress itself. */
  quiet?: boolean;
  /** The most characters that a plan may take in a question or preview; undefined if no consent is needed. */
  planChars?: number;
  /** The tool that this call runs inside. */
  via?: string;
  /** How consent was given to that tool. */
  confirmed?: Confirmed | undefined;
  /** The server itself makes this read, for a plan or a question, so it is not in the audit log. */
  unrecorded?: true;
}

/** How consent was given: with a code from a preview, or in answer to a question. */
export type Confirmed = 'code' | 'asked';

/** Facts for the audit log, collected while one tool runs. */
export interface CallNotes {
  requestId: string | undefined;
  confirmed: Confirmed | undefined;
  secrets: 'file' | 'result' | undefined;
  /** The call returned only a preview. */
  preview: boolean;
}
