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

/** What {@link requestConsent} uses besides the call itself. */
export interface ConsentRequest extends TargetReader {
  config: Config;
  codes: ConfirmationCodes;
  now(): number;
  ask: Caller['ask'];
  origin: Caller['origin'];
  person?: Caller['person'];
}

/** The outcome of asking for consent: the user agreed to the plans in `agreed`, or the call needs no consent. */
export interface Consent {
  consented: boolean;
  agreed: AgreedPlans;
}

/** The maximum length of a question, in characters. Clients show it in a dialog, and some cut what does not fit. */
const MAX_QUESTION_CHARS = 4_000;

const REFUSED_HINT =
  'Respect the decision. Do not try again unless the user asks. If a headless client refused on its own, its operator can set --ask code.';

/**
 * Gets the user's consent to a call that needs it, by asking if the client supports that, otherwise by redeeming a code.
 * Resolves to a preview with a code if the user cannot be asked and the call has no code, and to undefined if the arguments
 * alone show that no consent is needed.
 * @throws {RefusedError} if the user does not accept, the code is not valid, the call cannot be shown in full, or the target
 * changed while the user was asked.
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
  // Checked first, to avoid reading a thousand targets that could not be shown.
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
    // Measured first, because no code may exist for a preview that was not shown.
    const { length } = JSON.stringify(previewOf(targets, '0'.repeat(CODE_LENGTH), environment, origin));
    if (length > max) throw tooLarge(what, length, max, environment);
    return { preview: previewOf(targets, await codes.issue(binding, request.now()), environment, origin) };
  }
  // With a code, the model could agree in place of the user. If the user can be asked, codes are neither issued nor accepted.
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

/** Asks the user; undefined if they get a preview instead. */
function askWith({ config, ask }: Pick<ConsentRequest, 'config' | 'ask'>): Caller['ask'] {
  return config.ask === 'client' ? ask : undefined;
}

/** The maximum number of characters of the question or preview, whichever this caller gets. */
export function mostChars(request: Pick<ConsentRequest, 'config' | 'ask'>): number {
  return askWith(request) ? MAX_QUESTION_CHARS : request.config.maxResultChars;
}

/** The error for a call that changes more than can be shown. If it were cut, the user would agree to changes they cannot see. */
function tooLarge(what: string, length: number, max: number, environment: string): RefusedError {
  return new RefusedError(
    `The ${what} would need ${length} characters; the limit is ${max}; nothing was changed (${environment})`,
    'A call must show everything that it changes before it runs. Split it: fewer rows (with from, narrow its query), fewer targets, or fewer or shorter values. If it cannot be split, the operator can set --ask code and a larger --max-result-chars.',
  );
}

/** A lower bound for the length of the question or preview, which shows the arguments of each call in full. */
function shortestText(input: Record<string, unknown>): number {
  return Object.values(input).reduce<number>((sum, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
}

/** Why the call may not run, or undefined if the user accepted. */
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

/** What identifies the person. A person who is signed in to two organizations can have different rights in each. */
function whoIs(person: Caller['person']): readonly unknown[] {
  return person ? [person.id, person.organization] : [];
}
