/** Programs with a Sentry SDK that exit in the turn that blocked, or start loopwatch from `Sentry.init`. */
import assert from 'node:assert/strict';
import sentryTestkit from 'sentry-testkit';
import type { Scope } from './folder.js';
import { recordsIn } from './journal.js';
import { programPath } from './places.js';
import { unwatched } from './preload.js';
import { reportsIn } from './reports.js';
import { type Ended, start } from './run.js';
import { sentryReceiver } from './sentry-receiver.js';
import { until } from './until.js';

const PROGRAM = programPath('sentry-direct.cjs');

interface App {
  /** `-` for no SDK. */
  readonly sdk?: string;
  /** The options of the SDK. */
  readonly init?: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that blocks and exits in the same turn. */
export async function leaving(scope: Scope, { sdk = 'sentry10', init = {}, env = {} }: App) {
  const all = { APP_SENTRY: JSON.stringify(init), LOOPWATCH_EXIT_FLUSH_MS: '5000', ...env };
  const ended = await start(scope, [PROGRAM, sdk], { env: all }).ended;
  assert.equal(ended.code, 3, ended.stderr);
  return ended;
}

export function idOf({ stderr }: Ended): string {
  const found = reportsIn(stderr).filter(({ block }) => block.culprit?.function === 'leave');
  assert.equal(found.length, 1, stderr);
  return found[0]?.block.id ?? '';
}

/** What the client did not get to send has all that the client knows. */
export async function assertAllIsSent(scope: Scope, sdk: string): Promise<void> {
  const { testkit, localServer } = sentryTestkit();
  await localServer.start('http://key@127.0.0.1/42');
  scope.after(async () => void (await localServer.stop()));
  const init = {
    dsn: localServer.getDsn(),
    release: 'shop@7',
    dist: 'b1',
    environment: 'till',
  };
  const ended = await leaving(scope, { sdk, init });
  await until('it has come', () => testkit.reports().length > 0);
  const [report, ...more] = testkit.reports();
  assert.deepEqual(more, []);
  assert.equal(report?.originalReport.event_id, idOf(ended));
  assert.equal(report?.release, 'shop@7');
  assert.equal(report?.user?.id, 'user-7');
  assert.equal(report?.tags.shop, 'north');
  assert.equal(report?.tags['loopwatch.kind'], 'block');
  assert.match(report?.error?.message ?? '', /^Event loop blocked in leave/);
  const crumbs = report?.breadcrumbs.map(({ message, data }) => ({ message, data }));
  assert.deepEqual(crumbs?.at(-1), { message: 'added a chair', data: undefined });
  const { contexts, dist, environment, debug_meta: meta, sdk: by } = report?.originalReport ?? {};
  const [, trace] = /^trace (\w+)$/m.exec(ended.stdout) ?? [];
  assert.equal(contexts?.trace?.trace_id, trace);
  assert.deepEqual([dist, environment, by?.name], ['b1', 'till', 'loopwatch']);
  const image = { debug_id: '9d1f6a52-1a2b-4c3d-8e4f-5a6b7c8d9e0f', code_file: PROGRAM };
  assert.deepEqual(meta?.images, [{ type: 'sourcemap', ...image }]);
  const [file] = report?.attachments ?? [];
  assert.equal(file?.filename, 'loopwatch-block.json');
  assert.equal(JSON.parse(file?.text ?? '').id, idOf(ended));
}

/** What the client would not send is not sent past it. */
export async function assertNotSent(scope: Scope, init: object): Promise<void> {
  const receiver = await sentryReceiver(scope);
  const env = { SENTRY_DSN: receiver.dsn };
  const ended = await leaving(scope, { init: { dsn: receiver.dsn, ...init }, env });
  assert.ok(idOf(ended), 'the log has it');
  assert.deepEqual([receiver.arrivals, receiver.faults], [[], []]);
  assert.deepEqual(recordsIn(ended.journalDir), []);
}

/** An application that starts loopwatch from `Sentry.init`. */
export const INTEGRATION = programPath('sentry-integration.cjs');

/** The integration starts loopwatch with its options, and the client sends. */
export async function assertIntegration(scope: Scope, sdk: string): Promise<void> {
  const { dsn, arrivals } = await sentryReceiver(scope);
  const env = { APP_DSN: dsn, APP_BLOCK_MS: '400', APP_LOOPWATCH: '{"thresholdMs":200}' };
  const running = start(scope, [INTEGRATION, sdk], { env, preload: unwatched, deadlineMs: 60_000 });
  await running.says('stdout', /initialised/);
  // An SDK that reads the machine's facts for its first event may block the loop, too.
  const ours = () =>
    arrivals.filter(({ event }) => event.exception.values[0]?.value.includes('in checkout'));
  const done = () => ours().length > 0 && recordsIn(running.journalDir).length === 0;
  await until('it has come, and is acknowledged', done, { seen: () => running.shown() });
  const ended = await running.endInput();
  assert.equal(ended.code, 0);
  const [arrival, ...more] = ours();
  assert.deepEqual(more, []);
  const event = arrival?.event as unknown as { user?: object; sdk?: { name: string } };
  assert.equal(arrival?.event.tags['loopwatch.kind'], 'block');
  assert.deepEqual(event.user, { id: 'user-7' });
  assert.match(event.sdk?.name ?? '', /^sentry\./);
  assert.ok('loopwatch-block.json' in (arrival?.files ?? {}));
}
