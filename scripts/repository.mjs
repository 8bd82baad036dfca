/**
 * The repository on GitHub that package.json names. Undefined while it names none.
 * @param manifest What package.json holds.
 */
export function repositoryOf({ repository }) {
  const written = typeof repository === 'string' ? repository : repository?.url;
  const found = /\bgithub(?:\.com[/:]|:)([\w.-]+)\/([\w.-]+?)(?:\.git)?$/.exec(written ?? '');
  return found ? { owner: found[1], url: `https://github.com/${found[1]}/${found[2]}` } : undefined;
}
