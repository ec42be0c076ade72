import type { CommandSummary } from '../command-summary.ts';
import { GLOBAL_OPTIONS } from '../global-options.ts';
import type { Invocation } from '../invocation.ts';
import { UsageError } from '../usage-error.ts';

function flagsOf(rows: readonly { readonly flags: string }[]): readonly string[] {
  return rows.flatMap((row) => row.flags.split(/[ ,]+/).filter((word) => word.startsWith('--')));
}

function words(commands: readonly CommandSummary[]): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, Set<string>>();
  const add = (key: string, word: string): void => {
    map.set(key, (map.get(key) ?? new Set()).add(word));
  };
  for (const row of commands) {
    row.path.forEach((word, index) => {
      add(row.path.slice(0, index).join(' '), word);
    });
    for (const flag of flagsOf([...row.options, ...GLOBAL_OPTIONS])) add(row.path.join(' '), flag);
  }
  return new Map([...map].map(([key, set]) => [key, [...set].sort()]));
}

function bash(commands: readonly CommandSummary[]): string {
  const cases = [...words(commands)]
    .map(([key, list]) => `    "${key}") COMPREPLY=($(compgen -W "${list.join(' ')}" -- "$cur")) ;;`)
    .join('\n');
  return `_kedge() {\n  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" word\n  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ "$word" == -* ]] || path="\${path:+$path }$word"; done\n  case "$path" in\n${cases}\n  esac\n}\ncomplete -F _kedge kedge`;
}

function zsh(commands: readonly CommandSummary[]): string {
  return `#compdef kedge\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
}

function fish(commands: readonly CommandSummary[]): string {
  return [...words(commands)]
    .flatMap(([key, list]) =>
      list.map((word) => {
        const condition =
          key === ''
            ? '__fish_use_subcommand'
            : key
                .split(' ')
                .map((part) => `__fish_seen_subcommand_from ${part}`)
                .join('; and ');
        return word.startsWith('--')
          ? `complete -c kedge -n '${condition}' -l ${word.slice(2)}`
          : `complete -c kedge -f -n '${condition}' -a ${word}`;
      }),
    )
    .join('\n');
}

const SHELLS: Readonly<Record<string, (commands: readonly CommandSummary[]) => string>> = { bash, zsh, fish };

/** Prints a completion script made from the command table. */
export function run(invocation: Invocation): Promise<number> {
  const script = SHELLS[invocation.arguments[0] ?? ''];
  if (script === undefined)
    throw new UsageError(
      'USAGE',
      `there is no completion for "${invocation.arguments[0] ?? ''}"`,
      `name one of ${Object.keys(SHELLS).join(', ')}`,
    );
  invocation.console.result(script(invocation.commands));
  return Promise.resolve(0);
}
