/**
 * CPU profiles of blocks: the line of native calls, and a file that opens elsewhere.
 *
 * @machine quiet
 * @run releases
 */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { blockArguments, blocking } from './harness/block.js';
import { temporaryFolder } from './harness/folder.js';
import { markedLine } from './harness/markers.js';
import { assertNativeLine, RECORDING, representatives } from './harness/native-lines.js';
import { programPath, programsFolder, registerUrl } from './harness/places.js';
import { reportsIn } from './harness/reports.js';
import { run, start } from './harness/run.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

describe('with the recorder on, a native call is blamed by its line', () => {
  for (const name of representatives) test(name, (t) => assertNativeLine(t, name));
});

describe('the recorder', { concurrency: 2 }, () => {
  test('begins with the first block whose line is not known, and ends with the watch', async (t) => {
    const ended = await run(t, ['native-again.mjs'], { env: { LOOPWATCH_PROFILER: 'auto' } });
    assert.equal(ended.code, 3, ended.stderr);
    const said = ended.stdout
      .replaceAll(/\S+\.cpuprofile$/gm, 'FILE')
      .trim()
      .split('\n');
    // A busy machine may take some more.
    assert.deepEqual(
      [...new Set(said)],
      [...['profile null', 'recording true', 'profile FILE', 'recording false', 'left false']],
    );
    const reports = reportsIn(ended.stderr);
    assert.notEqual(reports[0]?.block.culprit?.precision, 'exact');
    const { culprit } = reports.find(({ block }) => block.profile !== null)?.block ?? {};
    assert.deepEqual(
      [culprit?.function, culprit?.line, culprit?.precision],
      ['parse', markedLine('native-again.mjs', 'culprit: again'), 'exact'],
    );
    assert.equal(linesOf(ended.stderr).length, reports.length, 'nothing else is said');
  });

  test('changes nothing about how a process ends', async (t) => {
    const others = (text: string) => linesOf(text).filter((line) => !line.startsWith('{'));
    for (const end of ['exit', 'throw', 'sigterm'] as const) {
      const settings = { kind: 'wait', ms: 300, end, code: 7 } as const;
      const [without, ended] = await Promise.all([
        run(t, blocking(settings)),
        run(t, blocking(settings), { flags: RECORDING }),
      ]);
      assert.deepEqual([ended.code, ended.signal], [without.code, without.signal], end);
      assert.doesNotMatch(ended.stderr, /debugger/i);
      assert.deepEqual(others(ended.stderr), others(without.stderr), end);
    }
  });

  test('is not missed where the package is not installed, unless it was asked for', async (t) => {
    const folder = temporaryFolder(t);
    cpSync(join(programsFolder, 'lib'), join(folder, 'lib'), { recursive: true });
    copyFileSync(programPath('block.mjs'), join(folder, 'block.mjs'));
    const settings = blockArguments({ kind: 'native', ms: 300 });
    for (const [profiler, said] of [
      ['auto', []],
      [
        'on',
        ['loopwatch: profiler: @loopwatch/profiler is not installed; no CPU profiles are made'],
      ],
    ] as const) {
      const ended = await run(t, [join(folder, 'block.mjs'), ...settings], {
        preload: { flags: ['--import', registerUrl] },
        cwd: folder,
        env: { LOOPWATCH_PROFILER: profiler },
      });
      const others = linesOf(ended.stderr).filter((line) => !line.startsWith('{'));
      assert.deepEqual([ended.code, others], [0, said]);
    }
  });
});

describe('Sentry gets the profile with the event', { concurrency: 2 }, () => {
  for (const [how, args, variable] of [
    ['directly', blocking({ kind: 'wait', ms: 300 }), 'SENTRY_DSN'],
    [
      "through the program's client",
      [programPath('sentry-app.mjs'), 'sentry10', 'plain'],
      'APP_DSN',
    ],
  ] as const) {
    test(how, async (t) => {
      const receiver = await sentryReceiver(t);
      const running = start(t, args, { flags: RECORDING, env: { [variable]: receiver.dsn } });
      await until('an envelope', () => receiver.arrivals.length > 0, {
        seen: () => running.shown(),
      });
      await running.endInput();
      const [arrival] = receiver.arrivals;
      const file = `${arrival?.header.event_id}.cpuprofile`;
      assert.ok(JSON.parse(arrival?.files[file] ?? '{}').nodes?.length > 1, running.shown());
    });
  }
});
