import type { Config } from '../../config/config.ts';
import { CancelledError, OPERATOR_HINT, RefusedError } from '../../errors/errors.ts';
import type { Tool } from '../../tools/types.ts';
import type { Caller } from '../caller.ts';
import { forbiddenConsent, forbiddenReason } from '../policy.ts';
import { environmentOf } from '../request.ts';
import type { AgreedPlans } from './agreed-plans.ts';
import { bindingOf, CODE_LENGTH, type ConfirmationCodes } from './codes.ts';
import { type Preview, previewOf, questionOf } from './prompt.ts';
import { consentCalls, readTargets, type TargetReader } from './targets.ts';

/** What asking for consent needs besides the call itself. */
export interface ConsentRequest extends TargetReader {
  config: Config;
  codes: ConfirmationCodes;
  now(): number;
  ask: Caller['ask'];
  origin: Caller['origin'];
  person?: Caller['person'];
}

/** What came of asking for consent: the user agreed to the call as it is in `agreed`, or it needs no consent. */
export interface Consent {
  consented: boolean;
  agreed: AgreedPlans;
}

/** The longest question, in characters. Clients show it in a dialog, and some cut what does not fit. */
const MAX_QUESTION_CHARS = 4_000;

const REFUSED_HINT =
  'Respect the decision. Do not try again unless the user asks. If a headless client refused on its own, its operator can set --ask code.';

/**
 * Gets the user's consent to a call that needs it: by asking where the client can, else by a redeemed code. Resolves to a
 * preview with a code where nobody can be asked, and to undefined where the arguments alone tell that none is needed.
 * @throws {RefusedError} where the user does not accept, the code is not valid, or the target changed while they were
 * asked.
 */
export async function requestConsent(
  request: ConsentRequest,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<{ preview: Preview } | Consent | undefined> {
  const { config, codes, tools, origin } = request;
  const calls = consentCalls(tools, tool, input);
  const [first] = calls;
  if (!first) return undefined;
  const forbidden = forbiddenReason(config, first.tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const read = async () => {
    const { targets, agreed } = await readTargets(calls, request);
    const circumstances = [...environmentOf(config), config.environment, ...whoIs(request.person)];
    return { targets, agreed, binding: bindingOf(circumstances, tool.name, input, targets) };
  };
  const kind = config.key.kind === 'unknown' ? 'a key of unknown kind, treated as live' : `${config.key.kind} key`;
  const environment = config.environment === undefined ? kind : `${config.environment}, ${kind}`;
  const ask = askWith(request);
  const what = ask ? 'question to the user' : 'preview';
  const max = mostChars(request);
  // Before a thousand targets are read of which too little could be shown.
  const least = calls.reduce((sum, call) => sum + shortestText(call.input), 0);
  if (least > max) throw tooLarge(what, least, max, environment);
  const { targets, agreed, binding } = await read();
  const total = tool.kind === 'dispatcher' ? [input['arguments'] ?? {}].flat().length : 1;
  if (targets.length === 0) return { consented: false, agreed };
  const lacking = forbiddenConsent(config, first.tool.name);
  if (lacking) throw new RefusedError(lacking, OPERATOR_HINT);
  if (!ask) {
    if (typeof input['confirmation'] === 'string') {
      await codes.redeem(input['confirmation'], binding, request.now(), environment);
      return { consented: true, agreed };
    }
    // Measured first: a code for what was not shown must not exist.
    const { length } = JSON.stringify(previewOf(targets, '0'.repeat(CODE_LENGTH), environment, origin));
    if (length > max) throw tooLarge(what, length, max, environment);
    return { preview: previewOf(targets, await codes.issue(binding, request.now()), environment, origin) };
  }
  // A code would let the model agree in place of a user who can be asked, so here it neither counts nor is issued.
  const question = questionOf(first.tool.title, targets, total, environment);
  if (question.length > max) throw tooLarge(what, question.length, max, environment);
  const refusal = await askForRefusal(ask, question, request.signal);
  if (refusal) throw new RefusedError(`${refusal}; nothing was changed (${environment})`, REFUSED_HINT);
  if ((await read()).binding !== binding) {
    throw new RefusedError(
      `The target changed while the user was asked; nothing was changed (${environment})`,
      'Call again to ask about its current state.',
    );
  }
  return { consented: true, agreed };
}

/** How the user is asked; undefined where they get a preview. */
function askWith({ config, ask }: Pick<ConsentRequest, 'config' | 'ask'>): Caller['ask'] {
  return config.ask === 'client' ? ask : undefined;
}

/** The characters that a question or preview may take: whichever this caller gets. */
export function mostChars(request: Pick<ConsentRequest, 'config' | 'ask'>): number {
  return askWith(request) ? MAX_QUESTION_CHARS : request.config.maxResultChars;
}

/** The refusal of a call that changes more than can be shown. Cutting it would have the user agree to what they do not see. */
function tooLarge(what: string, length: number, max: number, environment: string): RefusedError {
  return new RefusedError(
    `The ${what} would need ${length} characters; the limit is ${max}; nothing was changed (${environment})`,
    'A call must show everything that it changes before it runs. Split it: fewer rows (with from, narrow its query), fewer targets, or fewer or shorter values. If it cannot be split, the operator can set --ask code and a larger --max-result-chars.',
  );
}

/** A question or preview shows the arguments of each call whole, so it is longer than their strings. */
function shortestText(input: Record<string, unknown>): number {
  return Object.values(input).reduce<number>((sum, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
}

/** Why the call may not run, or undefined where the user accepted. */
async function askForRefusal(
  ask: NonNullable<Caller['ask']>,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const reply = await ask(question);
    if (reply === 'accept') return undefined;
    return reply === 'decline' ? 'The user declined' : 'The question to the user was cancelled';
  } catch {
    if (signal.aborted) throw new CancelledError();
    return 'The question to the user was not answered';
  }
}

/** Somebody who is signed in to two organizations can have other rights in each. */
function whoIs(person: Caller['person']): readonly unknown[] {
  return person ? [person.id, person.organization] : [];
}
