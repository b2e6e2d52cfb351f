/**
 * `completion SHELL`: what it prints, one text a shell. Each hands the words of the line to the program's hidden command
 * and shows what comes back, so the rules of completion are in `complete.ts` alone.
 */
import { defineOptions } from "../options/option.ts";
import type { Command } from "./command.ts";

const SHELLS = {
  bash: { script: bash, now: "source <(%s completion bash)", kept: "/etc/bash_completion.d/%s" },
  fish: { script: fish, now: "%s completion fish | source", kept: "~/.config/fish/completions/%s.fish" },
  powershell: {
    script: powershell,
    now: "%s completion powershell | Out-String | Invoke-Expression",
    kept: "$PROFILE",
  },
  // For the user's own shell to fill in: its first folder of functions.
  zsh: { script: zsh, now: "source <(%s completion zsh)", kept: '"$fpath[1]/_%s"' },
} as const;
type Shell = keyof typeof SHELLS;

const OPTIONS = defineOptions([
  { name: "no-descriptions", type: "bool", default: false, help: "disable completion descriptions" },
]);

export function isShell(name: string): name is Shell {
  return Object.hasOwn(SHELLS, name);
}

export function completionCommand(program: string): Command {
  return {
    name: "completion",
    summary: "Generate the autocompletion script for the specified shell",
    description: `Prints a script that completes the commands and flags of ${program} in your shell.\nThe help of each shell says where the script belongs.`,
    options: [],
    tellsUsage: true,
    commands: (Object.keys(SHELLS) as Shell[]).map((shell) => ({
      name: shell,
      summary: `Generate the autocompletion script for ${shell}`,
      description: description(program, shell),
      options: OPTIONS,
      tellsUsage: true,
    })),
  };
}

function description(program: string, shell: Shell): string {
  const { now, kept } = SHELLS[shell];
  const into = shell === "powershell" ? ">>" : ">";
  const first = shell === "zsh" ? "Needs zsh's own completion: run `autoload -U compinit; compinit` before.\n\n" : "";
  return `Generate the autocompletion script for ${shell}.

${first}In the shell you are in:

    ${now.replace("%s", program)}

In every new one, after this was run once:

    ${program} completion ${shell} ${into} ${kept.replace("%s", program)}`;
}

/** `ask` is the hidden command. */
export function completionScript(shell: Shell, program: string, ask: string): string {
  return SHELLS[shell].script(program, ask);
}

/** Shell functions whose names may hold no dash. */
function identifier(program: string): string {
  return program.replaceAll("-", "_");
}

// The line is split here, because bash itself splits at `=` and `:` too. Descriptions are shown in the list only: what
// menu-complete (37) and insert-completions (42) put into the line are names.
function bash(program: string, ask: string): string {
  const name = `_${identifier(program)}`;
  return `# bash completion for ${program}
${name}() {
  local line="\${COMP_LINE:0:COMP_POINT}" words cur asked tab=$'\\t' entry longest=0 directive
  read -ra words <<< "$line"
  cur=""
  if [[ $line != *[[:space:]] ]]; then
    cur="\${words[-1]}"
    unset 'words[-1]'
  fi
  local program="\${words[0]/#\\~\\//$HOME/}"
  asked=$("$program" ${ask} "\${words[@]:1}" "$cur" 2>/dev/null) || return
  directive="\${asked##*:}"
  COMPREPLY=()
  if [[ $directive != 4 ]]; then
    return
  fi
  compopt +o default 2>/dev/null
  local -a entries=()
  while IFS= read -r entry; do
    [[ -z $entry || $entry == :* ]] && continue
    entries+=("$entry")
    entry="\${entry%%$tab*}"
    ((\${#entry} > longest)) && longest=\${#entry}
  done <<< "$asked"
  for entry in "\${entries[@]}"; do
    if [[ \${#entries[@]} == 1 || $COMP_TYPE == 37 || $COMP_TYPE == 42 || $entry != *$tab* ]]; then
      COMPREPLY+=("\${entry%%$tab*}")
    else
      printf -v entry "%-\${longest}s  (%s)" "\${entry%%$tab*}" "\${entry#*$tab}"
      COMPREPLY+=("\${entry:0:\${COLUMNS:-80}}")
    fi
  done
}
complete -o default -F ${name} ${program}
`;
}

function zsh(program: string, ask: string): string {
  return `#compdef ${program}
compdef _${program} ${program}

_${program}() {
  local -a answer described
  local entry
  answer=("\${(@f)$("\${(Q)words[1]/#\\~\\//$HOME/}" ${ask} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${answer[-1]}" != ":4" ]]; then
    compset -P '*='
    _files
    return
  fi
  for entry in "\${(@)answer[1,-2]}"; do
    described+=("\${\${entry//:/\\\\:}/$'\\t'/:}")
  done
  (( \${#described} )) && _describe -t commands ${program} described
}

# In a file of $fpath this text is the function's body at its first call.
if [ "\${funcstack[1]}" = "_${program}" ]; then
  _${program} "$@"
fi
`;
}

function fish(program: string, ask: string): string {
  const name = `__${identifier(program)}_complete`;
  return `# fish completion for ${program}
function ${name}
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l answer ($words[1] ${ask} $words[2..-1] "$typed" 2>/dev/null)
    if test "$answer[-1]" = ":4"
        printf '%s\\n' $answer[1..-2]
        return
    end
    # The value of a flag: files, behind --flag= when that was typed.
    set -l flag (string match -r -- '^--[^=]*=' "$typed")
    for file in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$typed"))
        printf '%s%s\\n' "$flag" $file
    end
end
complete -c ${program} -e
complete -c ${program} -f -a '(${name})'
`;
}

// Older PowerShells drop an empty argument, newer ones hand two quotes over as they are: the program takes both.
function powershell(program: string, ask: string): string {
  return `# powershell completion for ${program}
Register-ArgumentCompleter -Native -CommandName '${program}' -ScriptBlock {
    param($typed, $line, $cursor)
    $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.Extent.Text })
    $program, $before = $words
    if ($null -eq $program) { return }
    $last = if ($typed -eq '') { '""' } else { $typed }
    foreach ($entry in @(& $program ${ask} @before $last 2>$null)) {
        if ($entry -match '^:\\d+$') { continue }
        $name, $help = $entry -split "\`t", 2
        if (-not $help) { $help = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $help)
    }
}
`;
}
