import path from "node:path";
import { formatDuration } from "@sensu-ts/core";
import { leaf } from "../frame/command.ts";

interface Shell {
  line(name: string, value: string): string;
  /** How to apply the lines, as comments of the shell. */
  hint(command: string): string;
}

const POSIX: Shell = {
  line: (name, value) => `export ${name}="${value}"`,
  hint: (command) => `# Run this command to configure your shell: \n# eval $(${command})`,
};
const SHELLS: Readonly<Record<string, Shell>> = {
  cmd: {
    line: (name, value) => `SET ${name}=${value}`,
    hint: (command) =>
      `REM Run this command to configure your shell: \nREM \t@FOR /f "tokens=*" %i IN ('${command}') DO @%i`,
  },
  powershell: {
    line: (name, value) => `$Env:${name} = "${value}"`,
    hint: (command) => `# Run this command to configure your shell: \n# & ${command} | Invoke-Expression`,
  },
};

function shellOf(env: NodeJS.ProcessEnv): string {
  const name = path.basename(env["SHELL"] ?? "");
  return name === "" && process.platform === "win32" ? "powershell" : name;
}

/** C-97. */
export default leaf({
  name: "env",
  summary: "Print the settings as shell variables",
  args: [0, Number.POSITIVE_INFINITY],
  flags: [{ name: "shell", type: "string", default: "", sources: ["flag"], help: "bash, cmd or powershell" }],
  async run(session, flags) {
    const { settings } = session;
    try {
      await (await session.client()).renew();
    } catch {
      // The variables are wanted even when the tokens in them have expired.
    }
    const tokens = session.tokens();
    const expires = tokens?.expires_at ?? 0;
    const variables = {
      SENSU_API_URL: settings.apiUrl,
      SENSU_NAMESPACE: settings.namespace,
      SENSU_FORMAT: settings.format,
      SENSU_API_KEY: settings.apiKey,
      SENSU_ACCESS_TOKEN: tokens?.access_token ?? "",
      SENSU_ACCESS_TOKEN_EXPIRES_AT: tokens === undefined ? "" : String(expires),
      SENSU_REFRESH_TOKEN: tokens?.refresh_token ?? "",
      SENSU_TRUSTED_CA_FILE: settings.trustedCaFile,
      SENSU_INSECURE_SKIP_TLS_VERIFY: String(settings.insecureSkipTlsVerify),
      ...(settings.certFile === "" ? {} : { SENSU_CERT_FILE: settings.certFile, SENSU_KEY_FILE: settings.keyFile }),
      SENSU_TIMEOUT: formatDuration(settings.timeoutMs),
    };
    const shell = SHELLS[flags.shell || shellOf(process.env)] ?? POSIX;
    for (const [name, value] of Object.entries(variables)) session.say(shell.line(name, value));
    session.say(shell.hint(["sensuctl", ...process.argv.slice(2)].join(" ")));
  },
});
