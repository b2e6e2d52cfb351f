/** `sensuctl`. `version` and the first help are answered without loading the rest: scripts and people wait for them. */
import { isatty } from "node:tty";
import { versionLine } from "./version.ts";

const argv = process.argv.slice(2);

// A reader that goes away (`| head`) ends the output, not in a stack trace.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`Error: write standard output: ${error.message}\n`);
  process.exit(1);
});

if (argv.length === 1 && argv[0] === "version") {
  process.stdout.write(`${versionLine()}\n`);
} else if (argv.length === 1 && ["--help", "-h", "help"].includes(argv[0] ?? "")) {
  const { rootHelp } = await import("./frame/root-help.ts");
  process.stdout.write(rootHelp());
} else {
  const { run } = await import("./frame/run.ts");
  process.exitCode = await run(argv, process.env, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    // Asked by number: to touch process.stdin opens it.
    interactive: isatty(0) && isatty(1),
    colour: process.stdout.isTTY === true && !process.env["NO_COLOR"],
  });
}
