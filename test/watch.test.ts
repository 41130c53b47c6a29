/**
 * A busy loop is caught, named and reported once, however loopwatch came into the process.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { blockArguments, blocking, measuredMs, onlyReport, undisturbed } from './harness/block.js';
import { temporaryFolder } from './harness/folder.js';
import { filesIn } from './harness/journal.js';
import { markedLine } from './harness/markers.js';
import { packageFolder, programPath, registerUrl } from './harness/places.js';
import { byImport, byNodeOptions, byRequire, type Preload, unwatched } from './harness/preload.js';
import { type Ended, run } from './harness/run.js';

const settings = { kind: 'busy', ms: 500 } as const;

/** The default beat, and how much later than due a timer may be on a busy machine. */
const BEAT_MS = 20;
const NOISE_MS = 10;

function assertBusyLoop(ended: Ended): void {
  const { level, block, msg } = onlyReport(ended);
  const [measured = Number.NaN] = measuredMs(ended.stdout);
  assert.ok(block.samples.count >= 5, `${block.samples.count} samples`);
  const { file, line, precision } = block.culprit ?? {};
  assert.equal(block.culprit?.function, 'busy');
  assert.equal(file, programPath('block.mjs'));
  assert.equal(line, markedLine('block.mjs', 'culprit: busy'));
  assert.equal(precision, 'exact');
  assert.equal(block.kind, 'block');
  assert.equal(block.cause, 'javascript');
  assert.equal(block.invoker, 'timer');
  assert.equal(block.ended, true);
  assert.equal(block.thresholdMs, 100);
  assert.equal(level, 40);
  assert.match(msg, /^event loop blocked \d+ ms in busy \(programs\/block\.mjs:\d+\)/);
  const off = block.durationMs - measured;
  assert.ok(
    Math.abs(off) <= BEAT_MS + NOISE_MS,
    `reported ${block.durationMs} ms, measured ${measured} ms`,
  );
  assert.deepEqual(filesIn(ended.journalDir), [], 'nothing stays in the journal');
}

/** The command line of a program that wraps the block program. */
function wrapped(name: string): string[] {
  return [programPath(name), ...blockArguments(settings)];
}

describe('a busy loop of 500 ms is one report with the right name, line and duration', () => {
  const program = blocking(settings);
  const forms: readonly (readonly [string, Preload, string[]])[] = [
    ['--import', byImport(), program],
    ['--require', byRequire(), program],
    ['NODE_OPTIONS with --import', byNodeOptions('--import'), program],
    ['NODE_OPTIONS with --require', byNodeOptions('--require'), program],
    ['--import of an absolute URL', byImport(registerUrl), program],
    ['a first import', unwatched, wrapped('first-import.mjs')],
    ['a first require', unwatched, wrapped('first-require.cjs')],
    ['start() in code', unwatched, wrapped('start-in-code.mjs')],
  ];
  for (const [name, preload, args] of forms) {
    test(name, async (t) => {
      assertBusyLoop(await undisturbed(() => run(t, args, { preload })));
    });
  }
});

describe('it stays one report', () => {
  test('with flags, NODE_OPTIONS, an import, a require and a call at once', async (t) => {
    const preload = {
      flags: [...byImport().flags, ...byRequire().flags],
      nodeOptions: '--import loopwatch/register --require loopwatch/register',
    };
    assertBusyLoop(await undisturbed(() => run(t, wrapped('every-way.mjs'), { preload })));
  });

  test('with two copies of the package', async (t) => {
    const copies = ['a', 'b'].map((name) => copyOfPackage(join(temporaryFolder(t), name)));
    const preload = byImport(...copies);
    assertBusyLoop(await undisturbed(() => run(t, blocking(settings), { preload })));
  });
});

/** Copies the package as it is installed; returns the URL of the copy's preload. */
function copyOfPackage(folder: string): string {
  for (const part of ['package.json', 'dist']) {
    cpSync(join(packageFolder, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'node_modules'));
  return pathToFileURL(join(folder, 'dist', 'register.js')).href;
}
