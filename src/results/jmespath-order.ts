import type { JSONValue } from '@jmespath-community/jmespath';
import type { Budget } from './budget.ts';

/**
 * The order of two numbers or two strings: negative where the first comes before the second. Numbers go by value, strings by code
 * point. Strings of JavaScript compare by UTF-16 unit, which differs beyond U+FFFF.
 */
export function compareKeys(left: JSONValue, right: JSONValue, budget: Budget): number {
  budget.spend(1);
  if (typeof left === 'number' && typeof right === 'number') {
    // Infinity less itself is no number.
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
  // Only now is it known how many were looked at: most texts differ soon, however long they are.
  budget.spend(at / 8);
  return at === length ? one.length - other.length : inOrder(one.charCodeAt(at)) - inOrder(other.charCodeAt(at));
}

/** Surrogates stand for code points above all others. */
function inOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
