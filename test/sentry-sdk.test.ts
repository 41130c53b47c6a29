/**
 * With an SDK in the program, its client sends: what it knows is there, what it drops stays dropped.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Scope } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { byImport, type Preload, unwatched } from './harness/preload.js';
import { reportsIn } from './harness/reports.js';
import { type Running, start } from './harness/run.js';
import { type SentryReceiver, sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

/** The packages of test/package.json, one for each major version. */
const sdks = ['sentry8', 'sentry9', 'sentry10', 'sentry11'] as const;

interface App {
  readonly program: string;
  readonly preload: Preload;
}

const preloaded: App = { program: 'sentry-app.cjs', preload: byImport() };

function startApp(
  scope: Scope,
  sdk: string,
  kind: string,
  { dsn }: SentryReceiver,
  { program, preload }: App = preloaded,
): Running {
  const env = { APP_DSN: dsn, LOOPWATCH_EXIT_FLUSH_MS: '5000' };
  return start(scope, [programPath(program), sdk, kind], { env, preload });
}

/** Ends when the block is logged and nobody wants its record any more. */
async function settled(running: Running): Promise<string> {
  const [, id] = await running.says('stderr', /"id":"([0-9a-f]{32})".*checkout/);
  await until('the journal is empty', () => filesIn(running.journalDir).length === 0, {
    seen: () => [recordsIn(running.journalDir), running.shown()],
  });
  return id as string;
}

/** The events of our block: an SDK may send others. */
function eventsOf({ arrivals }: SentryReceiver, id: string) {
  return arrivals.flatMap(({ event }) => (event?.event_id === id ? [event] : []));
}

function assertOurs(receiver: SentryReceiver, running: Running, id: string): void {
  const [event, ...more] = eventsOf(receiver, id);
  assert.deepEqual(more, [], 'once');
  const { user, release, sdk, tags, contexts } = event as typeof event & {
    user?: { id?: string };
    sdk?: { name?: string };
  };
  assert.equal(user?.id, 'user-7');
  assert.equal(tags?.shop, 'north');
  assert.equal(tags?.['loopwatch.cause'], 'sync-io');
  assert.equal(release, 'shop@7');
  assert.match(sdk?.name ?? '', /^sentry\./, "sent by the program's own client");
  const [, trace] = /^trace (\w+)$/m.exec(running.stdout) ?? [];
  assert.equal(contexts?.trace?.trace_id, trace);
  const [report] = reportsIn(running.stderr).filter(({ block }) => block.id === id);
  assert.equal(report?.block.trace?.traceId, trace);
}

for (const sdk of sdks) {
  describe(sdk, { concurrency: 2 }, () => {
    const apps: Readonly<Record<string, App>> = {
      'CommonJS, loopwatch first': preloaded,
      'ES modules, loopwatch first': { program: 'sentry-app.mjs', preload: byImport() },
      'ES modules, the SDK first': { program: 'sentry-late.mjs', preload: unwatched },
    };
    for (const [name, app] of Object.entries(apps)) {
      test(`${name}: its client sends the event, once, with user, tags and trace`, async (t) => {
        const receiver = await sentryReceiver(t);
        const running = startApp(t, sdk, 'plain', receiver, app);
        const id = await settled(running);
        await running.endInput();
        assertOurs(receiver, running, id);
      });
    }

    test('what its beforeSend makes of the event is what is sent', async (t) => {
      const receiver = await sentryReceiver(t);
      const running = startApp(t, sdk, 'keep', receiver);
      const id = await settled(running);
      await running.endInput();
      assertOurs(receiver, running, id);
      assert.equal(eventsOf(receiver, id)[0]?.tags.kept, 'yes');
    });

    test('what its beforeSend drops is sent by nobody, also not by the next process', async (t) => {
      const receiver = await sentryReceiver(t);
      const running = startApp(t, sdk, 'drop', receiver);
      const id = await settled(running);
      await running.says('stdout', new RegExp(`^dropped ${id}$`, 'm'));
      const ended = await running.endInput();
      assert.deepEqual(eventsOf(receiver, id), []);
      assert.deepEqual(filesIn(ended.journalDir), []);
    });
  });
}

test('an exit in the turn that blocked leaves it to loopwatch, as little as there can be', async (t) => {
  const receiver = await sentryReceiver(t);
  const env = { APP_DSN: receiver.dsn };
  const program = `
    const Sentry = require('sentry10');
    Sentry.init({ dsn: process.env.APP_DSN, beforeSend: (event) => event });
    function leave() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400); process.exit(3); }
    setTimeout(() => { Sentry.setUser({ id: 'secret' }); leave(); }, 400);`;
  const running = start(t, ['-e', program], { env });
  const ended = await running.endInput();
  assert.equal(ended.code, 3);
  const reports = reportsIn(ended.stderr).filter(
    ({ block }) => block.culprit?.function === 'leave',
  );
  assert.equal(reports.length, 1, ended.stderr);
  const [event, ...more] = eventsOf(receiver, reports[0]?.block.id ?? '');
  assert.deepEqual(more, []);
  assert.equal((event as unknown as { user?: object } | undefined)?.user, undefined);
  assert.ok(event !== undefined, 'sent');
});
