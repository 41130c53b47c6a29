/** The file that a source map means by one of its sources. Maps name them in many ways. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInside } from './folders.js';

/** `webpack://NAME/./src/a.ts`; the name is that of a package, which may have a scope, or nothing. */
const BUNDLED = /^(?:webpack|rspack|turbopack|ng)(?:-internal)?:\/\/(?:@[^/]+\/)?[^/]*\/(.*)$/s;

/** What bundlers call their own parts, and what they left out of the bundle. */
const NO_FILE = /^(?:webpack\/|\(webpack\)|external |ignored\|)/;

const SCHEME = /^[a-z][\w+.-]+:/i;

/** Where the sources of a map are looked for. */
export interface SourceFolders {
  /** Of the map: what its sources are relative to. */
  readonly map: string;
  /** Of the program; the first is that of the script's package. */
  readonly roots: readonly string[];
}

/** Bundlers name sources from where they were started, which is not said anywhere. */
function inRoots(path: string, roots: readonly string[]): string | null {
  const candidates = roots.map((root) => join(root, path));
  return candidates.find((file) => existsSync(file)) ?? candidates[0] ?? null;
}

function pathOf(source: string, { map, roots }: SourceFolders): string | null {
  const [, bundled] = BUNDLED.exec(source) ?? [];
  if (bundled !== undefined) {
    const path = bundled.replace(/\?\w*$/, '');
    return path.startsWith('/') ? path : inRoots(path, roots);
  }
  if (source.startsWith('file:')) {
    try {
      return fileURLToPath(source);
    } catch {
      return null;
    }
  }
  return SCHEME.test(source) || source.startsWith('//') ? null : resolve(map, source);
}

/** Where a source is: `file` is null for what is none, such as the bundler's own code. */
export type Resolved = { readonly file: string | null } | 'outside';

/**
 * The file of a source. One that is not in the folders of the program is `outside`: its name is the
 * map's word only, and nothing is read because of it.
 */
export function sourceFile(source: string | null, folders: SourceFolders): Resolved {
  if (source === null || source === '') return { file: null };
  const bundled = BUNDLED.exec(source)?.[1];
  if (NO_FILE.test(bundled ?? source)) return { file: null };
  const file = source.includes('\0') ? null : pathOf(source, folders);
  if (file === null || !folders.roots.some((root) => isInside(root, file))) return 'outside';
  return { file };
}
