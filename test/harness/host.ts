/** What is to hold in programs that change the ground under loopwatch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocking, onlyReport } from './block.js';
import { markedLine } from './markers.js';
import { nodeMajor, programPath } from './places.js';
import { unwatched } from './preload.js';
import { separate } from './reports.js';
import { run } from './run.js';

/** Programs that have broken a builtin, in one way each. */
export function testBuiltins(modes: readonly string[]): void {
  for (const mode of modes) {
    test(`${mode}: neither the program nor the watchdog ends`, async (t) => {
      const ended = await run(t, [programPath('broken-builtins.mjs'), mode]);
      assert.deepEqual([ended.code, ended.stdout], [0, 'still here\n'], ended.stderr);
      assert.doesNotMatch(ended.stderr, /watchdog ended/);
    });
  }
}

interface Said {
  readonly same: readonly boolean[];
  readonly sameKeys: boolean;
  readonly calls: { readonly hook: number; readonly getter: number; readonly setter: number };
}

/** How well a block can be named when `Error` is like that. */
export type Expected = 'named' | 'reported';
// Where Error can't be changed, Node 20 has no other way to take a stack than the program's hook.
export const withCallSites: Expected = nodeMajor === 20 ? 'reported' : 'named';

/** Programs with an `Error` of their own, by how well a block can be named there. */
export function testError(modes: Readonly<Record<string, Expected>>): void {
  for (const [mode, expected] of Object.entries(modes)) {
    test(mode, async (t) => {
      const ended = await run(t, [programPath('error-hooks.mjs'), mode]);
      const { block } = onlyReport(ended);
      const said = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as Said;
      assert.deepEqual(said.same, [true, true], 'descriptors are restored');
      assert.ok(said.sameKeys, 'nothing is added, in the same order');
      if (expected === 'reported') return;
      assert.deepEqual(said.calls, { hook: 0, getter: 0, setter: 0 });
      assert.equal(block.culprit?.function, 'nap');
      assert.equal(block.culprit?.line, markedLine('lib/nap.mjs', 'napping'));
      const frames = block.samples.stacks.flatMap((stack) => stack.frames);
      const caller = frames.find(({ file }) => file === programPath('error-hooks.mjs'));
      assert.equal(caller?.line, markedLine('error-hooks.mjs'));
    });
  }
}

/** Flags of the interpreter under which a block is reported like without. */
export function testFlags(flags: readonly string[]): void {
  for (const flag of flags) {
    test(`${flag}: a block is reported and named`, async (t) => {
      const args = blocking({ kind: 'wait', ms: 700, delay: 800 });
      const [plain, ended] = await Promise.all([
        run(t, args, { flags: [flag], preload: unwatched }),
        run(t, args, { flags: [flag] }),
      ]);
      const { lines, rest } = separate(ended.stderr);
      const withoutPid = (text: string) => text.replaceAll(/\(node:\d+\)/g, '');
      assert.equal(withoutPid(rest), withoutPid(plain.stderr));
      assert.equal(lines.length, 1, ended.stderr);
      const frozen = flag === '--frozen-intrinsics' && nodeMajor === 20;
      if (!frozen) assert.equal(lines[0]?.block?.culprit?.function, 'wait');
      assert.equal(ended.code, 0);
    });
  }
}
