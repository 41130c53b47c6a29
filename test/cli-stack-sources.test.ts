/**
 * `loopwatch stack` names the source code, whatever a program was built by, and no more than its own files.
 *
 * @machine timed
 * @run releases
 * @uses inspector-port
 */
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { representatives } from './harness/builds.js';
import { assertSourceInStack } from './harness/built-source.js';
import { anyPort, cli } from './harness/cli.js';
import { temporaryFolder } from './harness/folder.js';
import { unwatched } from './harness/preload.js';
import { start } from './harness/run.js';

describe('stack names the source', { concurrency: 2 }, () => {
  for (const name of representatives) test(name, (t) => assertSourceInStack(t, name));
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
