import type { Config } from '../../config/config.ts';
import { RefusedError } from '../../errors/errors.ts';
import type { Tool } from '../../tools/types.ts';
import type { Caller } from '../caller.ts';
import { forbiddenReason, OPERATOR_HINT } from '../policy.ts';
import { keyOf } from '../request.ts';
import { bindingOf, type ConfirmationCodes } from './codes.ts';
import { type Preview, previewOf, questionOf } from './prompt.ts';
import { destructiveCalls, readTargets, type TargetReader } from './targets.ts';

/** What asking for consent needs besides the call itself. */
export interface ConsentRequest extends TargetReader {
  config: Config;
  codes: ConfirmationCodes;
  now(): number;
  ask: Caller['ask'];
}

/**
 * Gets the user's consent to a destructive call: by a redeemed code, or by asking. Returns true with consent, false where
 * there is nothing that could run, and a preview with a code where nobody could be asked.
 * @throws {RefusedError} where the user declines, the code is not valid, or the target changed while they were asked.
 */
export async function requestConsent(
  request: ConsentRequest,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<Preview | boolean> {
  const { config, codes, tools } = request;
  const calls = destructiveCalls(tools, tool, input);
  const [first] = calls;
  if (!first) return false;
  const forbidden = forbiddenReason(config, first.tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const read = async () => {
    const targets = await readTargets(calls, request);
    return { targets, binding: bindingOf([config.baseUrl, keyOf(config)], tool.name, input, targets) };
  };
  const { targets, binding } = await read();
  const environment =
    config.key.kind === 'unknown' ? 'a key of unknown kind, treated as live' : `${config.key.kind} key`;
  if (typeof input['confirmation'] === 'string') {
    codes.redeem(input['confirmation'], binding, request.now(), environment);
    return true;
  }
  const reply = await request.ask?.(questionOf(first.tool.title, targets, environment));
  if (reply === 'decline') {
    throw new RefusedError(
      `The user declined; nothing was changed (${environment})`,
      'Respect the decision. Do not try again unless the user asks for it.',
    );
  }
  if (reply !== 'accept') return previewOf(targets, codes.issue(binding, request.now()), environment);
  if ((await read()).binding !== binding) {
    throw new RefusedError(
      `The target changed while the user was asked; nothing was changed (${environment})`,
      'Call again to ask about its current state.',
    );
  }
  return true;
}
