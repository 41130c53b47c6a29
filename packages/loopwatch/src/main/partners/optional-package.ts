/** Packages of ours that a program may have installed beside loopwatch. */

/** Where the program would find it, then where we would: its own copy is the one to use. */
function find(name: string): string | undefined {
  const { createRequire } = process.getBuiltinModule('node:module');
  for (const place of [process.argv[1], `${process.cwd()}/program`, import.meta.url]) {
    try {
      return createRequire(place as string).resolve(name);
    } catch {
      // Not there, or no place at all.
    }
  }
  return undefined;
}

/**
 * Loads a package, if it is installed.
 *
 * @returns null when it is not
 */
export async function optionalPackage(name: string): Promise<unknown> {
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  const found = find(name);
  return found === undefined ? null : await import(pathToFileURL(found).href);
}
