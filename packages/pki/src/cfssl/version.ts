/** The two texts that readers of the guide look for, and what really runs (S-19, S-474). */
export function versionText(): string {
  return `Version: 1.4.1\nRuntime: go1.12.12 compatible, node ${process.version}\n`;
}
