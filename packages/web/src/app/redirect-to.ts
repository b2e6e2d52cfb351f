/** A path of this page, or undefined: absolute and protocol-relative targets lead elsewhere (U-18). */
export function safeRedirect(target: string | undefined, origin: string): string | undefined {
  if (!target?.startsWith("/") || /^\/[/\\]/.test(target)) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop them, which makes `/\t/` into `//`
  if (/[\u0000-\u001f\\]/.test(target)) return undefined;
  try {
    const url = new URL(target, origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : undefined;
  } catch {
    return undefined;
  }
}
