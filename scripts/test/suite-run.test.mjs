/**
 * The runner of the suite, over small test files: what counts as passed, as failed, and as neither.
 *
 * @machine pure
 * @run once
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runFiles } from '../suite/suite.mjs';

const folder = mkdtempSync(join(tmpdir(), 'loopwatch-suite-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NODE_TEST =
  "import { existsSync, writeFileSync } from 'node:fs'; import { describe, test } from 'node:test';";

const sources = {
  passes: "test('is fine', () => {});",
  skips: "test('not now', { skip: true }, () => {});",
  fails: "test('is not', () => { throw new Error('one is not two'); });",
  once: "test('at first', (t) => { if (!existsSync(MARK)) { writeFileSync(MARK, ''); throw new Error('no'); } });",
  crashes:
    "test('is fine', () => {}); setTimeout(() => process.exit(3)); await new Promise(() => {});",
  'suite-throws':
    "test('is fine', () => {}); describe('none', () => { throw new Error('in its body'); });",
  empty: '',
};

/** Files of the class, each written anew. */
function filesOf(machine, names) {
  return names.map((name) => {
    const file = join(folder, `${machine}-${name}.test.mjs`);
    const mark = JSON.stringify(join(folder, `${machine}-${name}.mark`));
    writeFileSync(file, `${NODE_TEST}\nconst MARK = ${mark};\n${sources[name]}\n`);
    return { name, file, machine, run: 'everywhere', uses: [] };
  });
}

/** What a run says, besides what it counts. */
async function run(t, machine, names) {
  const said = [];
  t.mock.method(console, 'log', (text) => said.push(text));
  const { total } = await runFiles(process.execPath, filesOf(machine, names));
  t.mock.restoreAll();
  const { passed, failed, skipped, failures } = total;
  return { counts: [passed, failed, skipped], failures, said: said.join('\n') };
}

/** Files that compute share one run; each other has its own. */
for (const [machine, failing] of [
  ['pure', ['fails', 'crashes', 'suite-throws', 'empty']],
  ['timed', ['crashes', 'empty']],
]) {
  describe(`files that are ${machine}`, () => {
    test('what passes and what is skipped', async (t) => {
      const { counts, said } = await run(t, machine, ['passes', 'skips']);
      assert.deepEqual(counts, [1, 0, 1]);
      assert.doesNotMatch(said, /second time/);
    });

    test('what fails once is run again, named, and passed', async (t) => {
      rmSync(join(folder, `${machine}-once.mark`), { force: true });
      const { counts, said } = await run(t, machine, ['passes', 'once']);
      assert.deepEqual(counts, [2, 0, 0]);
      assert.match(said, /^run a second time: once$/m);
    });

    for (const name of failing) {
      test(`failed, whatever passes beside it: ${name}`, async (t) => {
        const { counts, failures, said } = await run(t, machine, ['passes', name, 'once']);
        assert.ok(counts[1] > 0, `${counts}`);
        assert.match(said, /^run a second time: /m);
        if (name === 'fails') assert.ok(failures.some((text) => text.includes('one is not two')));
        if (name === 'empty') assert.match(failures.join('\n'), /no test was executed in .*empty/);
      });
    }
  });
}

test('a run that is ended ends what it has started', async () => {
  const [{ file }] = filesOf('timed', ['passes']);
  const started = join(folder, 'started');
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(started)}, String(process.pid)); setInterval(() => {}, 1000); await new Promise(() => {});`,
  );
  const suite = new URL('../suite/node-test.mjs', import.meta.url).href;
  const code = `const { nodeTest } = await import(${JSON.stringify(suite)}); await nodeTest(process.execPath, [${JSON.stringify(file)}]);`;
  const runner = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
  const exit = once(runner, 'exit');
  const untilMs = performance.now() + 20_000;
  while (!existsSync(started) || readFileSync(started, 'utf8') === '') {
    assert.ok(performance.now() < untilMs, 'the test file did not start');
    await sleep(20);
  }
  runner.kill('SIGTERM');
  const [exitCode] = await exit;
  assert.equal(exitCode, 143);
  const pid = Number(readFileSync(started, 'utf8'));
  while (isAlive(pid)) {
    assert.ok(performance.now() < untilMs, 'the test file runs on');
    await sleep(20);
  }
});

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
