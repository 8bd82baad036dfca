import type { Config } from '../../config/config.ts';
import { CancelledError, RefusedError } from '../../errors/errors.ts';
import type { Tool } from '../../tools/types.ts';
import type { Caller } from '../caller.ts';
import { forbiddenReason, OPERATOR_HINT } from '../policy.ts';
import { keyOf } from '../request.ts';
import { bindingOf, type ConfirmationCodes } from './codes.ts';
import { type Preview, previewOf, questionOf } from './prompt.ts';
import { consentCalls, readTargets, type TargetReader } from './targets.ts';

/** What asking for consent needs besides the call itself. */
export interface ConsentRequest extends TargetReader {
  config: Config;
  codes: ConfirmationCodes;
  now(): number;
  ask: Caller['ask'];
}

const REFUSED_HINT =
  'Respect the decision. Do not try again unless the user asks for it. If a client without a user, such as a headless one, refuses by itself, its operator can set --ask code.';

/**
 * Gets the user's consent to a call that needs it: by asking where the client can, else by a redeemed code. Returns true
 * with consent, false where none is needed, and a preview with a code where nobody can be asked.
 * @throws {RefusedError} where the user does not accept, the code is not valid, or the target changed while they were
 * asked.
 */
export async function requestConsent(
  request: ConsentRequest,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<Preview | boolean> {
  const { config, codes, tools } = request;
  const calls = consentCalls(tools, tool, input);
  const [first] = calls;
  if (!first) return false;
  const forbidden = forbiddenReason(config, first.tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const read = async () => {
    const targets = await readTargets(calls, request);
    return { targets, binding: bindingOf([config.baseUrl, keyOf(config)], tool.name, input, targets) };
  };
  const { targets, binding } = await read();
  if (targets.length === 0) return false;
  const environment =
    config.key.kind === 'unknown' ? 'a key of unknown kind, treated as live' : `${config.key.kind} key`;
  const ask = config.ask === 'client' ? request.ask : undefined;
  if (!ask) {
    if (typeof input['confirmation'] !== 'string') {
      return previewOf(targets, codes.issue(binding, request.now()), environment);
    }
    codes.redeem(input['confirmation'], binding, request.now(), environment);
    return true;
  }
  // A code would let the model agree in place of a user who can be asked, so here it neither counts nor is issued.
  const refusal = await askForRefusal(ask, questionOf(first.tool.title, targets, environment), request.signal);
  if (refusal) throw new RefusedError(`${refusal}; nothing was changed (${environment})`, REFUSED_HINT);
  if ((await read()).binding !== binding) {
    throw new RefusedError(
      `The target changed while the user was asked; nothing was changed (${environment})`,
      'Call again to ask about its current state.',
    );
  }
  return true;
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
