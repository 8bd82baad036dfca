/**
 * Replaces the text between `<!-- name -->` and `<!-- /name -->` in a Markdown text.
 * @throws Error if the text does not have both markers
 */
export function withSection(markdown, name, section) {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [markdown.indexOf(start), markdown.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no <!-- ${name} --> section`);
  return `${markdown.slice(0, from + start.length)}${section}\n${markdown.slice(to)}`;
}
