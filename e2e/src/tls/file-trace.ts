/** What `strace` saw of files: the widest mode each one ever had, followed through renames. */
import { readFileSync } from "node:fs";
import path from "node:path";

export const TRACED_CALLS = "trace=open,openat,creat,chmod,fchmod,fchmodat,rename,renameat,renameat2,link,linkat,chdir";

/** Joins the two halves of calls that another thread's lines interrupt. */
function* wholeCalls(text: string): Generator<{ pid: string; call: string }> {
  const begun = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, pid = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(call);
    if (call.endsWith("<unfinished ...>")) begun.set(pid, call.slice(0, -"<unfinished ...>".length).trimEnd());
    else if (resumed) yield { pid, call: `${begun.get(pid) ?? ""}${resumed[2]}` };
    else yield { pid, call };
  }
}

/** Path of each file that was created or given a mode, with every permission bit it ever had. */
export function widestModes(traceFile: string, cwd: string): Map<string, number> {
  const modes = new Map<string, number>();
  /** Files by process and descriptor: `fchmod` names no path. */
  const open = new Map<string, string>();
  const add = (file: string, mode: number) => modes.set(file, (modes.get(file) ?? 0) | (mode & 0o777));
  for (const { pid, call } of wholeCalls(readFileSync(traceFile, "utf8"))) {
    if (/ = -1 /.test(call)) continue;
    const paths = [...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => path.resolve(cwd, text));
    const [file = ""] = paths;
    if (/^(?:open|openat|creat)\(/.test(call)) {
      const descriptor = / = (\d+)/.exec(call)?.[1];
      // Threads of one process share descriptors and differ in number: the last one opened is the one meant.
      if (descriptor !== undefined) open.set(descriptor, file);
      const created = /O_CREAT|^creat/.test(call) ? / (0[0-7]*)\) += /.exec(call)?.[1] : undefined;
      if (created !== undefined) add(file, Number.parseInt(created, 8));
    } else if (call.startsWith("fchmod(")) {
      const [, descriptor = "", mode = ""] = /^fchmod\((\d+), (0[0-7]*)/.exec(call) ?? [];
      const target = open.get(descriptor);
      if (target === undefined) throw new Error(`fchmod of an unknown descriptor: ${pid} ${call}`);
      add(target, Number.parseInt(mode, 8));
    } else if (/^f?chmod(?:at)?\(/.test(call)) {
      add(file, Number.parseInt(/(0[0-7]*)[,)]/.exec(call.replace(/"[^"]*"/, ""))?.[1] ?? "", 8));
    } else if (/^(?:rename|link)/.test(call)) {
      const [from = "", to = ""] = paths;
      const mode = modes.get(from);
      if (mode !== undefined) modes.set(to, mode);
    }
  }
  return modes;
}
