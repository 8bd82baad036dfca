/**
 * Rewrites a hint for a shell, where a person types a command instead of calling a tool. Only whole tool names are replaced.
 * @param isTool Whether a word is the name of a tool.
 */
export function inShell(hint: string, isTool: (name: string) => boolean = () => false): string {
  const known = PHRASES.reduce((text, [tool, shell]) => text.replace(tool, shell), hint);
  return known
    .replace(/Call it as (\w+)\((.*)\)\.$/s, 'It takes $1($2). workos-mcp tools $1 explains it.')
    .replace(/(?<![\w/-])(workos-mcp \w+ |Call )?([a-z]+(?:_[a-z0-9]+)+)(?![\w(])/g, (whole, before, name) => {
      if (!isTool(name) || before?.startsWith('workos-mcp')) return whole;
      return `${before ? 'Run ' : ''}workos-mcp call ${name}`;
    });
}

/** Rewrites a hint for a program, which has no client configuration. */
export function inProgram(hint: string): string {
  return hint
    .replace(
      /^Set WORKOS_TOKEN to (.*?) and restart this server\..* Or try --sandbox/s,
      'Give connect() the key, $1, or set WORKOS_TOKEN. Or try its option sandbox',
    )
    .replace(/ in this server's environment, then restart the server/g, ' in the environment of this program')
    .replace(/, then restart it\b/g, '');
}

/** Phrases of hints, and their replacements in a shell. */
const PHRASES: readonly (readonly [tool: RegExp, shell: string])[] = [
  [/\bfind_tools\b/g, 'workos-mcp find'],
  [/\bcheck_connector\b/g, 'workos-mcp check'],
  [
    / and restart this server\. workos-mcp init .*(?= Or try --sandbox)/s,
    ', or WORKOS_TOKEN_FILE to a file that holds it.',
  ],
  [/ in this server's environment, then restart the server/g, ' in the environment of this shell'],
  [/, then restart it\b/g, ''],
  [/\bCall again\b/g, 'Run it again'],
  [/^Respect the decision\. .*/s, 'To agree, run it again and type yes.'],
];
