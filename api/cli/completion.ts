/** Completion scripts for shells, written from the command tree itself: commands, options, and the choices of options. */
import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

interface Node {
  /** Words that lead here, joined by blanks; empty: the program. */
  readonly path: string;
  readonly words: readonly string[];
}

/** @returns the script; it needs nothing of Rewind when it runs */
export function completionScript(shell: Shell, program: Command): string {
  const nodes = nodesOf(program, program, '');
  const choices = choicesOf(program);
  if (shell === 'fish') return fishScript(nodes, choices);
  const bash = bashScript(nodes, choices);
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function nodesOf(program: Command, command: Command, path: string): Node[] {
  const children = command.commands;
  const options = new Set([...command.options, ...program.options].flatMap(longName));
  const words = [...children.map((child) => child.name()), ...options, '--help'];
  const below = children.flatMap((child) => nodesOf(program, child, `${path} ${child.name()}`.trim()));
  return [{ path, words }, ...below];
}

function longName({ long }: Option): string[] {
  return long === undefined || long === null ? [] : [long];
}

/** Values of an option by its long name; options of one name have the same values wherever they stand, or all of them. */
function choicesOf(program: Command): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const visit = (command: Command) => {
    for (const option of command.options) {
      if (option.argChoices === undefined || !option.long) continue;
      const known = found.get(option.long) ?? new Set();
      for (const choice of option.argChoices) known.add(choice);
      found.set(option.long, known);
    }
    for (const child of command.commands) visit(child);
  };
  visit(program);
  return new Map([...found].map(([name, values]) => [name, [...values]]));
}

function bashScript(nodes: readonly Node[], choices: ReadonlyMap<string, readonly string[]>): string {
  const words = nodes.map(({ path, words: list }) => `    "${path}") words="${list.join(' ')}" ;;`);
  const values = [...choices].map(([name, list]) => `    ${name}) words="${list.join(' ')}" ;;`);
  const paths = nodes.map(({ path }) => `"${path}"`).join('|');
  return `_rewind() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" next words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in ${paths}) path="$next" ;; esac
  done
  case "$path" in
${words.join('\n')}
  esac
  case "$prev" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _rewind rewind
`;
}

function fishScript(nodes: readonly Node[], choices: ReadonlyMap<string, readonly string[]>): string {
  const lines = nodes.flatMap(({ path, words }) => {
    const seen = path.split(' ').filter((word) => word !== '');
    const here =
      seen.length === 0
        ? '__fish_use_subcommand'
        : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    return words.map((word) =>
      word.startsWith('--')
        ? `complete -c rewind -n '${here}' -l ${word.slice(2)}${valuesOf(word, choices)}`
        : `complete -c rewind -f -n '${here}' -a ${word}`,
    );
  });
  return `${[...new Set(lines)].join('\n')}\n`;
}

function valuesOf(option: string, choices: ReadonlyMap<string, readonly string[]>): string {
  const values = choices.get(option);
  return values === undefined ? '' : ` -x -a '${values.join(' ')}'`;
}
