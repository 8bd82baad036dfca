/**
 * The GitHub repository named in package.json. Undefined while it names none.
 * @param manifest the contents of package.json
 */
export function repositoryOf({ repository }) {
  const written = typeof repository === 'string' ? repository : repository?.url;
  const found = /\bgithub(?:\.com[/:]|:)([\w.-]+)\/([\w.-]+?)(?:\.git)?$/.exec(written ?? '');
  return found ? { owner: found[1], url: `https://github.com/${found[1]}/${found[2]}` } : undefined;
}
