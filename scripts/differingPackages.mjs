/**
 * The packages that the lock file wants and that are not installed in that version. npm notes what it installed in
 * `node_modules/.package-lock.json`, whichever command did it.
 * @param {{ packages: Record<string, { version?: string, link?: boolean, optional?: boolean }> } | null} wanted
 * @param {{ packages: Record<string, { version?: string, link?: boolean }> } | null} installed
 * @param {(at: string) => boolean} exists whether there is anything at that path: a directory may have been removed by hand
 * @returns {string[]}
 */
export function differingPackages(wanted, installed, exists) {
  if (wanted === null) return [];
  return Object.entries(wanted.packages)
    .filter(([at, entry]) => {
      // '' is this repository, and a path outside node_modules one of its workspaces.
      if (!at.includes('node_modules/')) return false;
      const found = installed?.packages[at];
      // Optional ones are left out where they do not fit the machine.
      if (found === undefined) return entry.optional !== true;
      return found.version !== entry.version || (found.link ?? false) !== (entry.link ?? false) || !exists(at);
    })
    .map(([at]) => at);
}
