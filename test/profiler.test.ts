/**
 * CPU profiles of blocks: the line of native calls, and a file that opens elsewhere.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { BlockRecord } from 'loopwatch';
import { attempt } from './harness/attempt.js';
import { blockArguments, blocking } from './harness/block.js';
import { scenarios } from './harness/corpus.js';
import { temporaryFolder } from './harness/folder.js';
import { verdict } from './harness/judge.js';
import { markedLine } from './harness/markers.js';
import { programPath, programsFolder, registerUrl } from './harness/places.js';
import { reportsIn } from './harness/reports.js';
import { run, start } from './harness/run.js';
import type { Scenario } from './harness/scenario.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

const RECORDING = ['--import', programPath('lib/recorder.mjs')];

const NATIVE = [
  ...['parse-last', 'parse-then-more', 'stringify', 'pbkdf2', 'scrypt', 'gzip', 'fifo', 'exec'],
];

/** A scenario with the recorder on, in which nothing but the exact line will do. */
function recorded(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  assert.ok(found?.block, name);
  const block = { ...found.block, precisions: ['exact'], callers: [] } as const;
  return { ...found, flags: [...(found.flags ?? []), ...RECORDING], block };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly children?: readonly number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** Whether it is what DevTools and speedscope read. */
function assertProfile({ profile, durationMs }: BlockRecord): void {
  assert.ok(profile, 'no profile');
  const found = JSON.parse(readFileSync(profile, 'utf8')) as Profile;
  const ids = new Set(found.nodes.map(({ id }) => id));
  assert.ok(found.samples.length >= 3 && found.samples.every((id) => ids.has(id)));
  assert.ok(found.nodes.every(({ children = [] }) => children.every((id) => ids.has(id))));
  assert.equal(found.timeDeltas.length, found.samples.length);
  assert.ok(Math.abs((found.endTime - found.startTime) / 1000 - durationMs) < 1);
}

describe('with the recorder on, a native call is blamed by its line', () => {
  for (const name of NATIVE) {
    test(name, async (t) => {
      const scenario = recorded(name);
      const outcome = await attempt(t, scenario);
      assert.equal(verdict(scenario, outcome).rightness, 'exact', outcome.ended.stderr);
      assert.equal(outcome.reports.length, 1);
      const [{ block } = assert.fail('no report')] = outcome.reports;
      assertProfile(block);
      assert.equal(statSync(block.profile as string).mode & 0o777, 0o600);
      assert.ok(block.profile?.startsWith(join(outcome.ended.journalDir, 'profiles')));
    });
  }
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
    for (const end of ['exit', 'throw', 'sigterm'] as const) {
      const settings = { kind: 'wait', ms: 300, end, code: 7 } as const;
      const without = await run(t, blocking(settings));
      const ended = await run(t, blocking(settings), { flags: RECORDING });
      assert.deepEqual([ended.code, ended.signal], [without.code, without.signal], end);
      assert.doesNotMatch(ended.stderr, /debugger/i);
      const others = (text: string) => linesOf(text).filter((line) => !line.startsWith('{'));
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
