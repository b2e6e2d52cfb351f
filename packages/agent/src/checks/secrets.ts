/** Hides the values of secrets in what a command printed (S-370). */

const SHORTEST = 6;

export function maskSecrets(output: Buffer, values: readonly string[]): Buffer {
  const wanted = values.filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return output;
  // One byte a character, so that output of any kind passes unharmed.
  let text = output.toString("latin1");
  for (const value of wanted) text = text.replaceAll(Buffer.from(value).toString("latin1"), "REDACTED");
  return Buffer.from(text, "latin1");
}
