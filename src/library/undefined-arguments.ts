import { CallError } from './call-errors.ts';

/** @throws {CallError} if an argument is undefined. It may be a filter, without which the call would cover too much. */
export function refuseUndefined(tool: string, input: Record<string, unknown>): void {
  const name = Object.keys(input).find((key) => input[key] === undefined);
  if (name === undefined) return;
  const hint = `Leave ${name} out, or give it a value: without it, ${tool} may cover more than you want. Nothing was sent.`;
  throw new CallError(`${name} is undefined`, { kind: 'input', hint, tool });
}
