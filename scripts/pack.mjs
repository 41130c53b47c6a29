/**
 * Checks each published package as its users get it: packs it and has the tarball judged by publint
 * (is the manifest right, do its files exist) and by "Are the types wrong?" (do types resolve to
 * what runs). Packages are ES modules only; Node.js has `require` of these from 20.19 on.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, pnpm, tool } from './lib/command.mjs';
import { cache } from './lib/paths.mjs';
import { program } from './lib/program.mjs';
import { publishedFolders } from './lib/tree.mjs';

/** Removes what the compiler has written of sources that are gone: the types in `build` are packed. */
function removeStale(folder) {
  const build = join(folder, 'build');
  for (const output of readdirSync(build, { recursive: true })) {
    const source = output.replace(/(?:\.d)?\.(c?)[jt]s$/, '.$1ts');
    const isStale = source !== output && !existsSync(join(folder, 'src', source));
    if (isStale) rmSync(join(build, output), { force: true });
  }
}

/** @returns {Promise<boolean>} whether the package in `folder` passed; prints why if it didn't */
async function judge(folder) {
  removeStale(folder);
  mkdirSync(cache, { recursive: true });
  const destination = mkdtempSync(join(cache, 'pack-'));
  try {
    await pnpm(['pack', '--pack-destination', destination], { cwd: folder });
    const tarball = join(destination, readdirSync(destination)[0]);
    const judges = [
      [tool('publint'), ['run', '--strict', tarball]],
      [tool('attw'), ['--profile', 'esm-only', '--no-color', '--no-emoji', tarball]],
    ];
    const results = [];
    for (const [file, args] of judges) results.push(await command(file, args));
    for (const { ok, output } of results) if (!ok) console.log(output);
    return results.every(({ ok }) => ok);
  } finally {
    rmSync(destination, { recursive: true, force: true });
  }
}

await program(import.meta, async () => {
  const verdicts = [];
  for (const folder of publishedFolders()) verdicts.push(await judge(folder));
  return verdicts.includes(false) ? 1 : 0;
});
