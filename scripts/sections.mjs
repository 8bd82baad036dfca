import { readFileSync, writeFileSync } from 'node:fs';

const README = new URL('../README.md', import.meta.url);

/**
 * Replaces the text between `<!-- name -->` and `<!-- /name -->` in README.md.
 * @throws Error if README.md does not have both markers
 */
export function writeSection(name, text) {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const readme = readFileSync(README, 'utf8');
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no <!-- ${name} --> section`);
  writeFileSync(README, `${readme.slice(0, from + start.length)}${text}\n${readme.slice(to)}`);
}
