/**
 * `npm run clean`: deletes everything that was built. What was fetched stays: the dependencies and
 * the interpreters.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './lib/program.mjs';
import { projects } from './lib/tree.mjs';

await program(import.meta, () => {
  for (const folder of projects()) {
    for (const output of ['build', 'dist']) {
      rmSync(join(folder, output), { recursive: true, force: true });
    }
  }
});
