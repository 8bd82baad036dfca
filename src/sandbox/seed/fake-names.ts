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

export interface FakeName {
  first: string;
  last: string;
  /** The part of an email address before the @. */
  localPart: string;
}

/** A made-up name. No name repeats for indexes below 992, because the lists' lengths, 32 and 31, are coprime. */
export function fakeName(index: number): FakeName {
  const first = FIRST_NAMES[index % FIRST_NAMES.length] ?? '';
  const last = LAST_NAMES[(index * 7) % LAST_NAMES.length] ?? '';
  return { first, last, localPart: `${toAscii(first)}.${toAscii(last)}` };
}

function toAscii(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('ı', 'i')
    .normalize('NFD')
    .replace(/[^a-z]/g, '');
}
