/**
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { SinkDelivery } from '#src/reporter/sinks/delivery.js';
import { compressed, envelopeOf, parseDsn } from '#src/reporter/sinks/sentry/envelope.js';
import { outcomeOf } from '#src/reporter/sinks/sentry/post.js';
import { isSent } from '#src/reporter/sinks/sentry/sampling.js';
import { makeSink } from '#src/reporter/sinks/sentry/sink.js';
import type { SinkAround, SinkReport } from '#src/reporter/sinks/sink.js';
import { unchanged } from '#src/reporter/symbolicate/readable.js';
import { plainTarget, type SentryParcel } from '#src/shared/sentry/sentry.js';
import { fingerprintOf, sentryEvent } from '#src/shared/sentry/sentry-event.js';
import { recordOf } from '../record.fixture.js';

const options = { detail: 'full', context: () => null } as const;

const target = { ...plainTarget('https://key@sentry.test/42'), release: 'r1', dist: '7' };

const parcel: SentryParcel = { target, detail: 'full', scope: null, debugIds: null };

interface Frame {
  readonly function: string;
  readonly in_app: boolean;
}

interface Event {
  readonly event_id: string;
  readonly transaction?: string;
  readonly fingerprint: string[];
  readonly exception: {
    readonly values: {
      readonly type: string;
      readonly value: string;
      readonly mechanism: { readonly handled: boolean };
      readonly stacktrace: { readonly frames: Frame[] };
    }[];
  };
}

function reportOf(changes?: Parameters<typeof recordOf>[0]): SinkReport {
  return { ...unchanged(recordOf(changes)), level: 40 };
}

/** The sink, as the reporter uses it. */
function sinkFor(dsn: string) {
  const complaints: string[] = [];
  const around = { complain: (text) => complaints.push(text) } as Partial<SinkAround> as SinkAround;
  const delivery = new SinkDelivery('sentry', makeSink(around), around.complain);
  const own = { ...parcel, target: { ...target, dsn } };
  return { complaints, deliver: (report: SinkReport) => delivery.deliver(report, own) };
}

test('an event groups by cause and function, and says its duration where it does not group', () => {
  const record = recordOf();
  const event = sentryEvent(record, options) as Event;
  const [exception] = event.exception.values;
  assert.equal(event.event_id, record.id);
  assert.equal(event.transaction, 'GET /report/:id');
  assert.deepEqual(event.fingerprint, [
    'loopwatch',
    'javascript',
    '/srv/app/src/report.ts:renderReport',
  ]);
  assert.equal(exception?.type, 'EventLoopBlocked');
  assert.doesNotMatch(exception?.value ?? '', /412|88/);
  assert.equal(exception?.mechanism.handled, true);
  const names = exception?.stacktrace.frames.map((frame) => [frame.function, frame.in_app]);
  assert.deepEqual(names, [
    ['handle', false],
    ['renderReport', true],
  ]);
});

test('an event says what to do, by the line of code where it can be read', () => {
  const record = recordOf({ cause: 'native' });
  const line = 'const rows = JSON.parse(text);';
  const context = () => ({ before: [], line, after: [] });
  type Advised = { tags: Record<string, string>; contexts: Record<string, { advice: string }> };
  const event = sentryEvent(record, { ...options, context }) as Advised;
  assert.equal(event.tags['loopwatch.advice'], 'json');
  assert.match(event.contexts['event loop']?.advice ?? '', /^A large JSON text .*\. Make the JSON/);
  const blind = sentryEvent(record, options) as Advised;
  assert.equal(blind.tags['loopwatch.advice'], 'native-call');
});

test('two blocks of the same function have one fingerprint, whatever the line and the length', () => {
  const record = recordOf();
  const culprit = record.culprit === null ? null : { ...record.culprit, line: 99 };
  assert.deepEqual(fingerprintOf(recordOf({ culprit, durationMs: 900 })), fingerprintOf(record));
  assert.notDeepEqual(fingerprintOf(recordOf({ cause: 'native' })), fingerprintOf(record));
});

test('a block without a culprit is an event, too', () => {
  const bare = recordOf({ culprit: null, request: null, samples: { count: 0, stacks: [] } });
  const event = sentryEvent(bare, options) as Event;
  assert.equal(event.fingerprint[2], 'system');
  assert.equal(event.transaction, undefined);
});

test('a DSN names the endpoint; what is no DSN names none', () => {
  const endpoint = parseDsn('https://key@sentry.test:8443/sub/42');
  assert.equal(endpoint?.url.href, 'https://sentry.test:8443/sub/api/42/envelope/');
  assert.match(endpoint?.auth ?? '', /sentry_key=key$/);
  for (const bad of ['', 'x', 'https://sentry.test/42', 'ftp://k@h/1', 'https://k@h/project']) {
    assert.equal(parseDsn(bad), null, bad);
  }
});

test('an envelope has two lines for each item, and says their lengths in bytes', () => {
  const { dsn } = target;
  const facts = { eventId: 'id', dsn, traceId: 't1' };
  const file = { filename: 'a.json', contentType: 'application/json', data: '"ö"' };
  const [header, item, payload, about, data, end, ...more] = envelopeOf(
    { text: 'ä' },
    [file],
    facts,
  )
    .toString()
    .split('\n');
  const { sent_at: _, ...said } = JSON.parse(header ?? '');
  assert.deepEqual(said, { event_id: 'id', dsn, trace: { trace_id: 't1', public_key: 'key' } });
  assert.equal(JSON.parse(item ?? '').length, Buffer.byteLength(payload ?? ''));
  assert.deepEqual(JSON.parse(payload ?? ''), { text: 'ä' });
  assert.deepEqual(JSON.parse(about ?? ''), {
    ...{ type: 'attachment', filename: 'a.json', content_type: 'application/json' },
    length: Buffer.byteLength(data ?? ''),
  });
  assert.deepEqual([data, end, more], ['"ö"', '', []]);
});

test('only large bodies are compressed', () => {
  assert.equal(compressed(Buffer.alloc(100)).encoding, null);
  const large = compressed(Buffer.alloc(100_000, 'x'));
  assert.equal(large.encoding, 'gzip');
  assert.equal(gunzipSync(large.body).length, 100_000);
});

test('each status means what the protocol says', () => {
  assert.deepEqual(outcomeOf(200, undefined), { kind: 'taken' });
  assert.deepEqual(outcomeOf(413, undefined), { kind: 'too-large' });
  assert.deepEqual(outcomeOf(400, undefined), { kind: 'refused', status: 400 });
  assert.deepEqual(outcomeOf(503, undefined), { kind: 'retry', waitMs: null });
  assert.deepEqual(outcomeOf(429, '2'), { kind: 'retry', waitMs: 2000 });
  assert.deepEqual(outcomeOf(429, undefined), { kind: 'retry', waitMs: 60_000 });
  const later = new Date(Date.now() + 5000).toUTCString();
  const dated = outcomeOf(429, later);
  assert.ok(dated.kind === 'retry' && (dated.waitMs ?? 0) > 2000 && (dated.waitMs ?? 0) <= 5000);
});

async function read(request: IncomingMessage): Promise<Event> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(text.toString().split('\n')[2] ?? '') as Event;
}

/** A server that answers with the given statuses in turn, then with 200. */
async function ingest(context: TestContext, statuses: readonly (number | 'reset')[]) {
  const events: Event[] = [];
  const answers = [...statuses];
  const server = createServer((request, response) => {
    void read(request).then((event) => {
      events.push(event);
      const answer = answers.shift() ?? 200;
      if (answer === 'reset') request.socket.destroy();
      else response.writeHead(answer, answer === 429 ? { 'retry-after': '0' } : {}).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { events, ...sinkFor(`http://key@127.0.0.1:${port}/1`) };
}

test('a report is sent again until it is taken, under the same id', async (context) => {
  const { events, deliver } = await ingest(context, [500, 'reset', 429]);
  await deliver(reportOf());
  assert.equal(events.length, 4);
  assert.equal(new Set(events.map(({ event_id }) => event_id)).size, 1);
});

test('what is too large is sent again, smaller, and stays so', async (context) => {
  const { events, deliver } = await ingest(context, [413, 429, 413]);
  const frames = Array.from({ length: 50 }, (_, line) => ({
    function: 'f',
    file: '/app/f.js',
    line,
    column: 1,
    inApp: true,
    async: false,
  }));
  await deliver(reportOf({ samples: { count: 1, stacks: [{ count: 1, frames }] } }));
  const sizes = events.map(({ exception }) => exception.values[0]?.stacktrace.frames.length);
  assert.deepEqual(sizes, [50, 50, 50, 10], 'first without its attachment');
});

test('what is refused is given up, and said', async (context) => {
  const { events, complaints, deliver } = await ingest(context, [400]);
  await deliver(reportOf());
  assert.equal(events.length, 1);
  assert.match(complaints.join(), /HTTP 400/);
});

test('reports keep their order', async (context) => {
  const { events, deliver } = await ingest(context, [500]);
  const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
  await Promise.all(ids.map((id) => deliver(reportOf({ id }))));
  assert.deepEqual([...new Set(events.map(({ event_id }) => event_id))], ids);
});

test('a DSN that is none is said once, and nothing waits for it', async () => {
  const { complaints, deliver } = sinkFor('nonsense');
  assert.equal(await deliver(reportOf()), true);
  assert.equal(complaints.length, 1);
});

test('what the program has said of the request is on a full event only, and ours comes first', () => {
  const scope = {
    user: { id: 'u1' },
    tags: { shop: 'north', 'loopwatch.cause': 'theirs' },
    breadcrumbs: [{ message: 'clicked' }],
    transaction: 'job',
  };
  const debugIds = { '/srv/app/src/report.ts': 'd1', '/srv/other.js': 'd2' };
  const record = recordOf({ request: null });
  const full = sentryEvent(record, { ...options, scope, debugIds }) as Event & typeof scope;
  assert.deepEqual(full.user, { id: 'u1' });
  assert.equal(full.tags.shop, 'north');
  assert.equal(full.tags['loopwatch.cause'], 'javascript');
  assert.equal(full.transaction, 'job');
  assert.deepEqual((full as unknown as { debug_meta: object }).debug_meta, {
    images: [{ type: 'sourcemap', code_file: '/srv/app/src/report.ts', debug_id: 'd1' }],
  });
  const text = JSON.stringify(sentryEvent(record, { ...options, detail: 'minimal', scope }));
  assert.doesNotMatch(text, /u1|north|clicked/);
});

test('what the client would not have sent by its options is not sent', () => {
  const id = 'a'.repeat(32);
  const sent = (rules: object) =>
    isSent(id, 'EventLoopBlocked: Event loop blocked in f (f.js)', { ...target, ...rules });
  assert.ok(sent({}));
  assert.ok(!sent({ sampleRate: 0 }));
  assert.ok(!sent({ sampleRate: 0.5 }), 'aaaaaaaa is two thirds of all');
  assert.ok(sent({ sampleRate: 0.7 }));
  assert.ok(!sent({ ignoreErrors: ['blocked in f'] }));
  assert.ok(!sent({ ignoreErrors: ['/^eventloopblocked:/i'] }));
  assert.ok(sent({ ignoreErrors: ['/(/', 'TypeError', '/^x/'] }));
});
