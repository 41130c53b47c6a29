/**
 * The source maps of files that a loader (tsx, swc, ts-node) turned into JavaScript in memory. Node reads them
 * when source maps are on, as tsx turns them on, and gives them only to the thread that runs the files.
 */
/** Reading a map takes Node about as long as decoding it: files longer than this are not asked for. */
const LONGEST_FILE = 512 * 1024;

/** The text of a map holds its source once more. */
const LONGEST_MAP = 4 * 1024 * 1024;

// Taken now: the program may replace it.
const { stringify } = JSON;

interface Source {
  readonly payload?: unknown;
}

/**
 * The source map that Node has of a file, as JSON in UTF-8; null where it has none.
 *
 * @param file an absolute path
 */
export function mapInMemory(file: string): Uint8Array<ArrayBuffer> | null {
  try {
    const { sourceMapsEnabled } = process as { sourceMapsEnabled?: boolean };
    if (sourceMapsEnabled === false) return null;
    const { size } = process.getBuiltinModule('node:fs').statSync(file);
    if (size > LONGEST_FILE) return null;
    const { findSourceMap } = process.getBuiltinModule('node:module');
    const found = findSourceMap(file) as Source | undefined;
    if (found?.payload === undefined) return null;
    const text = stringify(found.payload);
    return text.length > LONGEST_MAP ? null : Uint8Array.from(Buffer.from(text));
  } catch {
    // A file that is gone, a map that Node can't read.
    return null;
  }
}
