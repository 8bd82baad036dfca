import type { Plan, Tool } from '../../tools/types.ts';
import { canonicalJson } from './canonical-json.ts';

/** The plans that consent was asked for. A call follows its plan as it was then, whatever has happened since. */
export class AgreedPlans {
  readonly #plans = new Map<string, Plan | undefined>();

  /** @param plan Undefined if the call had nothing to do. It then does nothing. */
  add(tool: Tool, input: Record<string, unknown>, plan: Plan | undefined): void {
    this.#plans.set(keyOf(tool, input), plan);
  }

  has(tool: Tool, input: Record<string, unknown>): boolean {
    return this.#plans.has(keyOf(tool, input));
  }

  get(tool: Tool, input: Record<string, unknown>): Plan | undefined {
    return this.#plans.get(keyOf(tool, input));
  }
}

function keyOf({ name, fields }: Tool, input: Record<string, unknown>): string {
  return canonicalJson([name, fields.map((field) => input[field] ?? null)]);
}
