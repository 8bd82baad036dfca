import { MAX_NESTING } from '../text/json-nesting.ts';

/** Why a JSON text cannot be parsed safely. */
export type ScanProblem = 'nested' | 'memory';

/** A parsed value takes up to 100 bytes, however short its text is. */
const MAX_VALUES = 8_000_000;
const MAX_CONTAINERS = 2_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Checks a JSON text before it is parsed: `[[],[],…]` takes twenty times its length in memory, and a text that is nested too
 * deeply can be parsed but not processed. Does not check that it is valid JSON.
 */
export function scanJson(bytes: Uint8Array): ScanProblem | undefined {
  let depth = 0;
  let containers = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at++;
        while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        containers++;
        values++;
        if (++depth > MAX_NESTING) return 'nested';
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // ,
      case 0x3a: // :
        values++;
        break;
    }
  }
  return values > MAX_VALUES || containers > MAX_CONTAINERS ? 'memory' : undefined;
}
