import { leaf, type Registration } from "../frame/command.ts";
import { GLOBAL_FLAGS } from "../frame/globals.ts";

const DESCRIPTION = `
Prints a script that completes sensuctl's commands and flags:

    source <(sensuctl completion bash)
    source <(sensuctl completion zsh)
`;

/** C-98. */
export default leaf({
  name: "completion",
  summary: "Print a completion script for a shell",
  description: DESCRIPTION.trim(),
  usage: "[bash|zsh]",
  needs: "nothing",
  args: [0, Number.POSITIVE_INFINITY],
  async run(session) {
    const [shell] = session.args;
    if (shell === undefined) session.warn(DESCRIPTION);
    else if (shell === "bash") session.write(await bashScript(session.commands));
    else if (shell === "zsh") {
      session.write(
        `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${await bashScript(session.commands)}`,
      );
    } else session.warn(`unknown shell: ${JSON.stringify(shell)}\n${DESCRIPTION}`);
  },
});

/** One table of words by command path, so that completing starts no program. */
async function bashScript(commands: Readonly<Record<string, Registration>>): Promise<string> {
  const flags = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => `--${name}`);
  const globals = [...flags(GLOBAL_FLAGS), "--help"];
  const words: Record<string, readonly string[]> = { "": [...Object.keys(commands), "help", ...globals] };
  for (const [name, { load }] of Object.entries(commands)) {
    const { default: command } = await load();
    if (command.kind === "program") words[name] = [...command.commands, "--help"];
    else if (command.kind === "leaf") words[name] = [...flags(command.flags ?? []), ...globals];
    else {
      words[name] = [...command.commands.map((sub) => sub.name), ...globals];
      for (const sub of command.commands) words[`${name} ${sub.name}`] = [...flags(sub.flags ?? []), ...globals];
    }
  }
  const cases = Object.entries(words).map(([path, list]) => `    "${path}") words="${list.join(" ")}" ;;`);
  return `# bash completion for sensuctl
_sensuctl_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}

_sensuctl() {
  local words="" path="" at word
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    [[ $word == -* ]] && continue
    if _sensuctl_words "\${path:+$path }$word"; then path="\${path:+$path }$word"; fi
  done
  _sensuctl_words "$path"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sensuctl sensuctl
`;
}
