import { readFileSync, writeFileSync } from 'node:fs';

const README = new URL('../README.md', import.meta.url);

/** Replaces what README.md has between `<!-- name -->` and `<!-- /name -->`. */
export function writeSection(name, text) {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const readme = readFileSync(README, 'utf8');
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place for ${name}`);
  writeFileSync(README, `${readme.slice(0, from + start.length)}${text}\n${readme.slice(to)}`);
}
