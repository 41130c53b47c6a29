/** What must come of a block in a program with a Sentry SDK, whichever major version of it that is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Scope } from './folder.js';
import { filesIn, recordsIn } from './journal.js';
import { programPath } from './places.js';
import { byImport, type Preload, unwatched } from './preload.js';
import { reportsIn } from './reports.js';
import { type Running, start } from './run.js';
import { type SentryEvent, type SentryReceiver, sentryReceiver } from './sentry-receiver.js';
import { until } from './until.js';

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
  return start(scope, [programPath(program), sdk, kind], { env, preload, deadlineMs: 60_000 });
}

/** Ends when the block is logged and nobody wants its record any more. */
async function settled(running: Running): Promise<string> {
  // The SDK takes its time to load, before which nothing blocks.
  await running.says('stdout', /^trace/m);
  const [, id] = await running.says('stderr', /"id":"([0-9a-f]{32})".*checkout/);
  await until('the journal is empty', () => filesIn(running.journalDir).length === 0, {
    seen: () => [recordsIn(running.journalDir), running.shown()],
  });
  return id as string;
}

/** The events of our block: an SDK may send others. */
export function eventsOf({ arrivals }: SentryReceiver, id: string): SentryEvent[] {
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

/** @param sdk a package of test/package.json */
export function testClientOf(sdk: string): void {
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
