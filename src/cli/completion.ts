import { CANDIDATES, type Invocation } from '../config/argv.ts';
import { candidates } from './candidates.ts';
import type { Setup } from './setup.ts';

/** Prints a shell's completion script, or the candidates that such a script asks for. Returns the exit code. */
export function completion({ words: [what, ...typed] }: Invocation, { entries, streams }: Setup): number {
  if (what === CANDIDATES) for (const one of candidates(typed, entries)) streams.out(one);
  else streams.out(script(what));
  return 0;
}

/** The completion script of a shell. It runs this file by its path, so it also works if `workos-mcp` is an alias. */
function script(shell: string | undefined): string {
  const ask = [process.execPath, process.argv[1] ?? '', 'completion', CANDIDATES, '--'].map(quoted).join(' ');
  if (shell === 'zsh') return ZSH(ask);
  return shell === 'fish' ? FISH(ask) : BASH(ask);
}

/** Quotes a word in a way that bash, zsh, and fish all accept. */
function quoted(word: string): string {
  return /^[\w/.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/**
 * bash splits COMP_WORDS at `=` and `:`, so the script splits the line itself. Candidates contain neither, except a final `=`.
 */
const BASH = (ask: string) => `_workos_mcp() {
  local candidate
  local -a words
  COMPREPLY=()
  read -r -a words <<< "\${COMP_LINE:0:COMP_POINT}"
  [[ "\${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
    [[ "$candidate" == *= ]] && compopt -o nospace 2>/dev/null
  done < <(${ask} "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _workos_mcp workos-mcp`;

const ZSH = (ask: string) => `#compdef workos-mcp
_workos_mcp() {
  local -a found open
  found=("\${(@f)$(${ask} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found:#}")
  (( $#found )) || { _files; return }
  open=("\${(@M)found:#*=}")
  found=("\${(@)found:#*=}")
  (( $#open )) && compadd -S '' -- "\${(@)open}"
  (( $#found )) && compadd -- "\${(@)found}"
  return 0
}
compdef _workos_mcp workos-mcp`;

const FISH = (ask: string) => `function __workos_mcp_candidates
  set -l typed (commandline -opc) (commandline -ct)
  set -l found (${ask} $typed[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c workos-mcp -f -a '(__workos_mcp_candidates)'`;
