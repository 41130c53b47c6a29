/**
 * Reports name the source code that a program was built from, whatever has built it.
 *
 * @machine timed
 * @run one-release
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { built, representatives } from './harness/builds.js';
import {
  assertOriginal,
  assertSourceInReport,
  BLOCKS,
  contextOfCulprit,
  firstReport,
  MANY_BLOCKS,
  preload,
  startBuilt,
} from './harness/built-source.js';
import { temporaryFolder } from './harness/folder.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { type LogLine, reportsIn } from './harness/reports.js';
import { run, start } from './harness/run.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { SERVING, statusOf } from './harness/status.js';
import { until } from './harness/until.js';

describe('the source is named', { concurrency: 2 }, () => {
  for (const name of representatives) test(name, (t) => assertSourceInReport(t, name));
});

test('an exit right after the block', async (t) => {
  const app = await built(t, 'esbuild, minified');
  const { code, stderr } = await run(t, [...app.args, ...BLOCKS], { preload });
  assert.equal(code, 0);
  // The last one is told while the process exits.
  assertOriginal(reportsIn(stderr).at(-1) ?? assert.fail(stderr), app.folder);
});

test('without sourceMaps, the report is about the bundle', async (t) => {
  const app = await built(t, 'esbuild, minified');
  const running = startBuilt(t, app, { env: { LOOPWATCH_SOURCE_MAPS: 'off' } });
  const { block } = await firstReport(running, app);
  assert.equal(block.culprit?.file, join(app.folder, 'dist', 'app.mjs'));
  assert.notEqual(block.culprit?.function, 'computeRows');
});

for (const sink of ['logger', 'sentry'] as const) {
  test(`the program's own ${sink} is told of the source, too`, async (t) => {
    const receiver = await sentryReceiver(t);
    const { folder, args } = await built(t, 'esbuild, minified');
    const file = join(temporaryFolder(t), 'own.ndjson');
    const all = [programPath('own-sinks.mjs'), sink, file, ...args, ...MANY_BLOCKS];
    const env = { APP_DSN: receiver.dsn };
    const running = start(t, all, { preload: unwatched, env, deadlineMs: 60_000 });
    if (sink === 'logger') {
      const text = () =>
        (existsSync(file) && readFileSync(file, 'utf8').split('\n')[0]) || undefined;
      const line = await until('a line', text, { seen: () => running.shown() });
      assertOriginal(JSON.parse(line) as LogLine, folder);
      assert.deepEqual(reportsIn(running.stderr), []);
    } else {
      const ours = () =>
        receiver.arrivals.find(({ event }) => event?.tags['loopwatch.kind'] === 'block')?.event;
      const event = await until('an event', ours, { seen: () => running.shown() });
      const busy = join(folder, 'src', 'busy.ts');
      assert.deepEqual(event.fingerprint, ['loopwatch', 'javascript', `${busy}:computeRows`]);
      const frame = event.exception.values[0]?.stacktrace.frames.at(-1);
      assert.equal(frame?.context_line, contextOfCulprit.line);
    }
  });
}

test('a map that can not be used is counted, and the frames stay', async (t) => {
  const { folder, args } = await built(t, 'esbuild, minified');
  writeFileSync(join(folder, 'dist', 'app.mjs.map'), 'no map');
  const app = { folder, args };
  const running = startBuilt(t, app, { env: SERVING });
  const status = await statusOf(running);
  const report = await firstReport(running, app);
  assert.equal(report.block.culprit?.file, join(folder, 'dist', 'app.mjs'));
  const { body } = await status.ask('/metrics');
  assert.match(body, /^loopwatch_symbolication_failures_total\{reason="invalid"\} [1-9]/m);
});
