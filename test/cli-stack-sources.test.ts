/**
 * `loopwatch stack` names the source code, whatever a program was built by, and no more than its own files.
 *
 * @machine timed
 * @uses inspector-port
 */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { builds, built } from './harness/builds.js';
import { anyPort, cli, cliJson } from './harness/cli.js';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { type Running, start } from './harness/run.js';
import { until } from './harness/until.js';

const source = readFileSync(programPath('typescript/src/busy.ts'), 'utf8').split('\n');
const LINE = source.findIndex((text) => text.includes('// culprit')) + 1;

interface Frame {
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** The main thread's frames once the program computes. */
async function busyFrames(scope: Scope, running: Running, inFile: string): Promise<Frame[]> {
  return until(
    'its stack',
    async () => {
      const { threads } = await cliJson(scope, 'stack', String(running.pid));
      const frames: Frame[] = threads[0].frames;
      return frames.some(({ file }) => file?.endsWith(inFile)) && frames;
    },
    { seen: () => running.shown() },
  );
}

describe('stack names the source', { concurrency: 2 }, () => {
  for (const name of Object.keys(builds)) {
    test(name, async (t) => {
      const { folder, args } = await built(t, name);
      const flags = [...anyPort, ...args, '20000'];
      const running = start(t, flags, { preload: unwatched });
      const busy = join(folder, 'src', 'busy.ts');
      const frames = await busyFrames(t, running, 'busy.ts');
      const [found] = frames.filter(({ file }) => file === busy);
      assert.deepEqual([found?.function, found?.line], ['computeRows', LINE]);
      const { stdout } = await cli(t, ['stack', String(running.pid)]);
      assert.match(stdout, new RegExp(`> ${LINE} \\| .*// culprit`));
      running.signal('SIGKILL');
    });
  }
});

describe('a map leads to no file outside of the program', { concurrency: 2 }, () => {
  for (const [name, file] of [
    ['by its path', '/etc/passwd'],
    ['by a link', 'link.ts'],
  ] as const) {
    test(name, async (t) => {
      const folder = temporaryFolder(t);
      const script = join(folder, 'app.mjs');
      const map = { version: 3, sources: [file], names: [], mappings: 'AAAA' };
      writeFileSync(`${script}.map`, JSON.stringify(map));
      writeFileSync(join(folder, 'package.json'), '{}');
      symlinkSync('/etc/passwd', join(folder, 'link.ts'));
      const code = 'console.log("up"); for (const end = Date.now() + 20_000; Date.now() < end; );';
      writeFileSync(script, `${code}\n//# sourceMappingURL=app.mjs.map\n`);
      const running = start(t, [...anyPort, script], { preload: unwatched });
      await running.says('stdout', /^up$/m);
      const { code: exit, stdout } = await cli(t, ['stack', String(running.pid)]);
      assert.equal(exit, 0);
      assert.match(stdout, /(?:app\.mjs|link\.ts):1/);
      assert.doesNotMatch(stdout, /root:|\/etc\/passwd/);
      running.signal('SIGKILL');
    });
  }
});
