/** `cfssl gencrl` (S-63). */
import { readCertificate } from "../cert.ts";
import { createCrl } from "../crl.ts";
import { failure } from "../errors.ts";
import { type Command, readArgument, readKeySource } from "./command.ts";

const WEEK = 7 * 24 * 3600;

function serialBytes(text: string): Buffer {
  if (!/^\d{1,60}$/.test(text)) throw failure(`${JSON.stringify(text)} is no decimal serial number`);
  const hex = BigInt(text).toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

export const gencrl: Command = {
  usage: ["cfssl gencrl SERIALS CERT KEY [SECONDS]"],
  flags: { loglevel: "number" },
  async run(context) {
    const { flags, io } = context;
    const list = await readArgument(context);
    const issuer = readCertificate(await readArgument(context));
    const source = flags.rest.shift();
    if (source === undefined) throw failure("not enough arguments are supplied --- please refer to the usage");
    const key = readKeySource(source, io);
    const [given = "0"] = flags.rest;
    if (!/^\d{1,10}$/.test(given)) throw failure(`${JSON.stringify(given)} is no number of seconds`);
    const now = new Date(Math.floor(io.now().getTime() / 1000) * 1000);
    const until = new Date(now.getTime() + (Number(given) || WEEK) * 1000);
    const serials = list
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    const revoked = serials.map((serial) => ({ serial: serialBytes(serial), at: now, reason: "unspecified" as const }));
    io.out(`${createCrl(issuer, key, revoked, now, until).toString("base64")}\n`);
  },
};
