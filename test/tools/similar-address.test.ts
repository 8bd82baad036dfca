import { expect, it } from 'vitest';
import { isConsumerDomain, likeness, withoutTag } from '../../src/tools/operators/similar-address.ts';

it.each([
  ['ada@acme.example', 'adda@acme.example', 'by 1 letter before the @'],
  ['ada.lovelace@acme.example', 'ada.loevlace@acme.example', 'by 1 letter before the @'],
  ['ada.lovelace@acme.example', 'ada.lovlac@acme.example', 'by 2 letters before the @'],
  ['ada.lovelace@acme.example', 'ada_lovelace@acme.example', 'only in dots or hyphens'],
  ['ada.lovelace@acme.example', 'lovelace.ada@acme.example', 'in the order of the names'],
  ['ada@acme.example', 'ADA+test@ACME.example', 'only after the +'],
  ['ada@gmial.com', 'ada@gmail.com', 'in its domain'],
  ['adalovelace@acme.example', 'ada.lovelace@acme-labs.example', 'in its domain'],
  ['ada@acme.example', 'ADA@acme.example', undefined],
  ['ada@acme.example', 'bob@acme.example', undefined],
  ['ada@acme.example', 'adele@acme.example', undefined],
  ['ada@acme.example', 'adda@beta.example', undefined],
  ['ada', 'ada@acme.example', undefined],
  ['@acme.example', 'a@acme.example', undefined],
  [`${'a'.repeat(5_000)}@acme.example`, `${'a'.repeat(4_999)}@acme.example`, undefined],
])('%s differs from %s %s', (given, other, how) => {
  expect(likeness(given, other)?.how).toBe(how);
  expect(likeness(other, given)?.how).toBe(how);
});

it('removes the tag of an address, and knows the domains of consumer mail', () => {
  expect(withoutTag('ada+news+more@acme.example')).toBe('ada@acme.example');
  expect(withoutTag('ada@acme.example')).toBeUndefined();
  expect(isConsumerDomain('gmail.com')).toBe(true);
  expect(isConsumerDomain('yahoo.co.uk')).toBe(true);
  expect(isConsumerDomain('acme.example')).toBe(false);
});
