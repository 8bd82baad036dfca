const FIRST_NAMES = [
  ...['Amara', 'Björn', 'Chloé', 'Dmitri', 'Elif', 'Farid', 'Grace', 'Hiroshi', 'Ingrid', 'João', 'Kavya', 'Liam'],
  ...['Marcelina', 'Noor', 'Oluwaseun', 'Priya', 'Quentin', 'Rosa', 'Søren', 'Tomás', 'Ulrike', 'Valentina', 'Wei'],
  ...['Ximena', 'Yusuf', 'Zuzana', 'Aiko', 'Bruno', 'Carmen', 'Desmond', 'Esther', 'Fiona'],
];
const LAST_NAMES = [
  ...['Adeyemi', 'Bergström', 'Castillo', 'Davis', 'Eriksen', 'Fontaine', 'García', 'Haddad', 'Ivanova', 'Jansen'],
  ...['Kowalski', 'Lindqvist', 'Müller', 'Nakamura', 'Okafor', 'Petrov', 'Quispe', 'Rossi', 'Schneider', 'Tanaka'],
  ...['Ueda', 'Varga', 'Williams', 'Xu', 'Yılmaz', 'Zhang', "O'Connor", 'Novák', 'Mbeki', 'Laurent', 'Kim'],
];

export interface Person {
  first: string;
  last: string;
  /** The part of an address before the @. */
  mailbox: string;
}

/** The person with that number: never the same name twice below 992, as 32 and 31 have no common divisor. */
export function person(number: number): Person {
  const first = FIRST_NAMES[number % FIRST_NAMES.length] ?? '';
  const last = LAST_NAMES[(number * 7) % LAST_NAMES.length] ?? '';
  return { first, last, mailbox: `${ascii(first)}.${ascii(last)}` };
}

function ascii(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('ı', 'i')
    .normalize('NFD')
    .replace(/[^a-z]/g, '');
}
