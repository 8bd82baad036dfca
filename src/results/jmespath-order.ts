import type { JSONValue } from '@jmespath-community/jmespath';
import type { Budget } from './budget.ts';

/**
 * Compares two numbers by value or two strings by code point; negative if the first comes before the second. JavaScript
 * compares strings by UTF-16 unit, which gives another order beyond U+FFFF.
 */
export function compareKeys(left: JSONValue, right: JSONValue, budget: Budget): number {
  budget.spend(1);
  if (typeof left === 'number' && typeof right === 'number') {
    // Infinity - Infinity is NaN.
    return left === right ? 0 : left - right;
  }
  const [one, other] = [String(left), String(right)];
  if (one === other) {
    budget.spend(one.length / 64);
    return 0;
  }
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  // Charged afterwards, because most strings differ early, however long they are.
  budget.spend(at / 8);
  return at === length ? one.length - other.length : inOrder(one.charCodeAt(at)) - inOrder(other.charCodeAt(at));
}

/** Sorts surrogates last, because they encode the highest code points. */
function inOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
