/** The command line of `cfssljson`: cfssl's JSON into files (S-11, S-70, S-71). */
import path from "node:path";
import { failure, PkiError } from "../errors.ts";
import { readFile, writeFileSafely } from "../files.ts";
import type { Io } from "../io.ts";
import { JsonReader, parseJson } from "../json.ts";
import { orphans } from "../orphans.ts";
import { FlagError, parseFlags } from "./flags.ts";
import { createLog } from "./log.ts";
import { versionText } from "./version.ts";

const BASE64 = /^[A-Za-z0-9+/\s]+=*\s*$/;

const USAGE = `Usage of cfssljson:
  -bare
    \tthe input is cfssl's output itself, not wrapped in an API answer
  -f string
    \tJSON input, - for standard input (default "-")
  -stdout
    \tprint the PEM texts instead of writing files
  -version
    \tprint the version
`;

const KINDS = { bare: "boolean", f: "string", stdout: "boolean", version: "boolean" } as const;

interface Output {
  suffix: string;
  content: string | Buffer;
  mode: number;
  /** Whether `-stdout` prints it. */
  printed: boolean;
}

function inputError(error: unknown): PkiError {
  if (!(error instanceof PkiError)) throw error;
  return failure(`Failed to parse input: ${error.message}`, error);
}

function readResult(text: string, bare: boolean): JsonReader {
  const wrong = (message: string): PkiError => failure(`Failed to parse input: json: ${message}`);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw inputError(error);
  }
  const root = new JsonReader(json, wrong);
  if (bare) return root;
  if (!root.boolean("success")) {
    const messages = root.objects("errors").map((one) => one.string("message"));
    throw failure(["Request failed:", ...messages.map((message) => `\t${message}`)].join("\n"));
  }
  return root.object("result");
}

function outputsOf(result: JsonReader): Output[] {
  const outputs: Output[] = [];
  const add = (names: string[], suffix: string, mode: number, source = result): void => {
    const content = names.map((name) => source.string(name)).find((value) => value !== "");
    if (content !== undefined) outputs.push({ suffix, content, mode, printed: true });
  };
  add(["cert", "certificate"], ".pem", 0o664);
  add(["key", "private_key"], "-key.pem", 0o600);
  add(["encrypted_key"], "-key.enc", 0o600);
  add(["csr", "certificate_request"], ".csr", 0o644);
  const response = result.string("ocspResponse");
  if (response !== "") {
    if (!BASE64.test(response)) throw failure("Failed to parse ocspResponse: illegal base64 data");
    outputs.push({ suffix: "-response.der", content: Buffer.from(response, "base64"), mode: 0o644, printed: false });
  }
  if (result.has("bundle")) {
    add(["bundle"], "-bundle.pem", 0o644, result.object("bundle"));
    add(["root"], "-root.pem", 0o644, result.object("bundle"));
  }
  return outputs;
}

function save(outputs: readonly Output[], base: string, io: Io): void {
  const log = createLog(io, 1);
  const pem = outputs.find((one) => one.suffix === ".pem")?.content;
  const file = `${base}.pem`;
  const lost = typeof pem === "string" ? orphans(file, pem) : [];
  for (const { suffix, content, mode } of outputs) writeFileSafely(`${base}${suffix}`, content, { mode });
  if (lost.length > 0) {
    log(
      "WARNING",
      `the new ${path.basename(file)} does not verify these certificates of the old one: ${lost.join(", ")}`,
    );
  }
}

/** Runs one command line; the exit code. */
export async function cfssljson(argv: readonly string[], io: Io): Promise<number> {
  if (["-h", "-help", "--help"].includes(argv[0] ?? "")) {
    io.err(USAGE);
    return 0;
  }
  try {
    const flags = parseFlags(argv, KINDS);
    if (flags.on("version")) {
      io.out(versionText());
      return 0;
    }
    const source = flags.text("f") || "-";
    const result = readResult(source === "-" ? await io.input() : readFile(source), flags.on("bare"));
    const outputs = outputsOf(result);
    if (flags.on("stdout")) {
      for (const { content, printed } of outputs) if (printed) io.out(`${String(content)}\n`);
      return 0;
    }
    save(outputs, flags.rest[0] ?? "cert", io);
    return 0;
  } catch (error) {
    if (error instanceof FlagError) {
      io.err(`${error.message}\n${USAGE}`);
      return 2;
    }
    if (!(error instanceof PkiError)) throw error;
    io.err(`${error.line}\n`);
    return 1;
  }
}
