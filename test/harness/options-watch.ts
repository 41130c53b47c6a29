/** What the options that decide about blocks do, however they are chosen. */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BlockSettings, blockArguments, onlyReports } from './block.js';
import type { Scope } from './folder.js';
import { temporaryFolder } from './folder.js';
import { programPath, programsFolder, registerUrl } from './places.js';
import { byImport, byNodeOptions } from './preload.js';
import { type Report, reportsIn } from './reports.js';
import { type Ended, run } from './run.js';
import type { Way } from './ways.js';

/** A block that no busy machine can hide or cause: the thread sleeps, and long after the start. */
export const block = { kind: 'wait', ms: 500, delay: 600 } as const satisfies BlockSettings;

/** The reports of that block; a low threshold may catch others on a busy machine. */
export function ofTheBlock(ended: Ended): Report[] {
  assert.equal(ended.code, 0, ended.stderr);
  return reportsIn(ended.stderr).filter(({ block: { culprit } }) => culprit?.function === 'wait');
}

export function testWatchOptions(way: Way): void {
  describe(way.name, { concurrency: 2 }, () => {
    test('enabled: false watches nothing', async (t) => {
      const ended = await way.block(t, { enabled: false }, block);
      assert.deepEqual([ended.code, ended.stderr], [0, '']);
    });

    test('thresholdMs decides what is a block', async (t) => {
      const quiet = await way.block(t, { thresholdMs: 1000 }, block);
      assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
      const [report, ...more] = ofTheBlock(await way.block(t, { thresholdMs: 300 }, block));
      assert.equal(report?.block.thresholdMs, 300);
      assert.deepEqual(more, []);
    });

    test('sampleMs decides how often the stack is taken', async (t) => {
      const settings = { ...block, ms: 1000 };
      const [fine] = ofTheBlock(await way.block(t, { sampleMs: 5 }, settings));
      const [coarse] = ofTheBlock(await way.block(t, { sampleMs: 400 }, settings));
      // Waits of 5 ms, stretched as the samples add up; waits of 200 to 600 ms.
      assert.ok((fine?.block.samples.count ?? 0) >= 15, `${fine?.block.samples.count}`);
      const count = coarse?.block.samples.count ?? 0;
      assert.ok(count >= 1 && count <= 6, `${count}`);
    });

    test('hangMs: a hang is reported while it lasts and when it has ended', async (t) => {
      const options = { hangMs: 500 };
      const ended = await way.block(t, options, { ...block, ms: 1500 });
      const [first, second, ...more] = ofTheBlock(ended);
      assert.deepEqual(more, []);
      assert.deepEqual([first?.block.kind, first?.block.ended, first?.level], ['hang', false, 50]);
      assert.deepEqual(
        [second?.block.kind, second?.block.ended, second?.level],
        ['hang', true, 50],
      );
      assert.equal(first?.block.id, second?.block.id);
      const duration = first?.block.durationMs ?? 0;
      assert.ok(duration >= 500 && duration < 1400, `${duration}`);
      assert.ok((second?.block.durationMs ?? 0) >= 1490, `${second?.block.durationMs}`);
    });

    describe('startup', { concurrency: 2 }, () => {
      const settings = { ...block, ms: 1500, delay: 0 };

      test("'log' is the default, and silent at the default level", async (t) => {
        const silent = await way.block(t, {}, settings);
        assert.deepEqual([silent.code, silent.stderr], [0, '']);
      });

      test("'log' is a line at info level", async (t) => {
        const ended = await way.block(t, { startup: 'log', logLevel: 'info' }, settings);
        const [report, ...more] = onlyReports(ended);
        assert.deepEqual(more, []);
        assert.equal(report?.level, 30);
        assert.equal(report?.block.cause, 'module-load');
        assert.match(report?.msg ?? '', /while loading modules/);
      });

      test("'report' reports it like any block", async (t) => {
        const [report, ...more] = onlyReports(await way.block(t, { startup: 'report' }, settings));
        assert.deepEqual(more, []);
        assert.equal(report?.level, 40);
        assert.equal(report?.block.cause, 'module-load');
        assert.equal(report?.block.culprit?.function, 'wait');
      });

      test("'ignore' does not even log it", async (t) => {
        const ended = await way.block(t, { startup: 'ignore', logLevel: 'trace' }, settings);
        assert.deepEqual(reportsIn(ended.stderr), []);
      });

      test('a block after the start is no start-up block', async (t) => {
        assert.equal(ofTheBlock(await way.block(t, { startup: 'ignore' }, block)).length, 1);
      });
    });
  });
}

/** Programs named like tools are watched by a flag, and not by what NODE_OPTIONS carries into them. */
export async function assertToolsIgnored(t: Scope, names: readonly string[]): Promise<void> {
  const folder = temporaryFolder(t);
  cpSync(join(programsFolder, 'lib'), join(folder, 'lib'), { recursive: true });
  const preloads = [
    [byNodeOptions('--import', registerUrl), 0],
    [byImport(registerUrl), 1],
  ] as const;
  for (const name of names) {
    const file = join(folder, `${name}.mjs`);
    copyFileSync(programPath('block.mjs'), file);
    for (const [preload, reports] of preloads) {
      const ended = await run(t, [file, ...blockArguments(block)], { preload, cwd: folder });
      assert.equal(ofTheBlock(ended).length, reports, name);
    }
  }
}
