/**
 * Bundles each thread's code into one file, since loading is what the preload costs every process:
 * Node's ES module loader takes about a millisecond a file, on main before the program starts.
 * The type checker's output (build/) stays unbundled: unit tests and the published types use it.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './lib/paths.mjs';

const folder = join(root, 'packages', 'loopwatch');

/**
 * What is loaded together, by thread. The two entries of main share a chunk in main/, the folder
 * that its code comes from, so that file URLs to the other threads mean the same before and after.
 */
const threads = [
  { register: 'src/register.ts', index: 'src/index.ts' },
  { 'watchdog/entry': 'src/watchdog/entry.ts' },
  { 'reporter/entry': 'src/reporter/entry.ts' },
];

/** Writes packages/loopwatch/dist. */
export async function bundle() {
  for (const entryPoints of threads) {
    await build({
      absWorkingDir: folder,
      entryPoints,
      outdir: 'dist',
      bundle: true,
      splitting: Object.keys(entryPoints).length > 1,
      chunkNames: 'main/[name]',
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      logLevel: 'warning',
    });
  }
}
