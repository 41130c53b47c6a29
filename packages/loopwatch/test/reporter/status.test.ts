/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAuthorized, isForUs } from '#src/reporter/status/access.js';
import { answerTo, type Rules, type Sources } from '#src/reporter/status/answers.js';
import { LatestBlocks } from '#src/reporter/status/blocks.js';
import { HealthCheck } from '#src/reporter/status/health.js';
import { Lag, statisticsOf } from '#src/reporter/status/lag.js';
import { LivePictures } from '#src/reporter/status/live-pictures.js';
import { nowMs } from '#src/shared/clock.js';
import { writeBeat } from '#src/shared/memory/beats.js';
import { memory, Word } from '#src/shared/memory/memory.js';
import { Metrics } from '#src/shared/metrics/metrics.js';
import { parseServeAddress } from '#src/shared/options/serve-address.js';
import type { Now } from '#src/shared/pictures/now.js';
import { recordOf } from '../record.fixture.js';

const sources: Sources = {
  live: () => ({ status: 'ok', beatAgeMs: 1 }),
  ready: () => ({ status: 'starting', beatAgeMs: 1 }),
  metrics: (format) => format,
  blocks: () => [],
  clients: () => ({ watched: null }),
  shell: () => ({ html: '<p>', policy: "default-src 'none'; script-src 'x'" }),
  events: (since) => ({ text: `data: ${since}\n\n`, version: since + 1 }),
};

const open: Rules = { host: '127.0.0.1', machine: 'box', token: '' };
const TOKEN = 'a-token-of-some-length';

function ask(
  target: string,
  { method = 'GET', headers = {} as IncomingHttpHeaders, rules = open } = {},
) {
  return answerTo({ method, target, headers: { host: 'localhost', ...headers } }, rules, sources);
}

test('addresses as users write them', () => {
  assert.deepEqual(parseServeAddress('9464'), { host: '127.0.0.1', port: 9464 });
  assert.deepEqual(parseServeAddress('app.internal:0'), { host: 'app.internal', port: 0 });
  assert.deepEqual(parseServeAddress('[::1]:80'), { host: '::1', port: 80 });
  for (const text of ['', ':80', '::1:80', 'a:', 'a:99999', 'a:-1', 'a b:1', 'http://a:1', '1.5']) {
    assert.equal(parseServeAddress(text), null, text);
  }
});

test('only names of this machine are ours', () => {
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:80', '127.1.2.3', '[::1]:9']) {
    assert.ok(isForUs(host, '127.0.0.1', 'box'), host);
  }
  const foreign = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'];
  for (const host of [...foreign, 'box', '', 'a b', 'user@localhost', 'localhost:x', undefined]) {
    assert.ok(!isForUs(host, '127.0.0.1', 'box'), host);
  }
});

test('the host that it listens on is ours, and any address where it listens on all', () => {
  assert.ok(isForUs('app.internal:9464', 'App.internal', 'box'));
  assert.ok(!isForUs('10.0.0.1', 'app.internal', 'box'));
  for (const host of ['10.0.0.1:9464', '[fd00::1]', 'BOX:1', 'localhost']) {
    assert.ok(isForUs(host, '0.0.0.0', 'box'), host);
  }
  assert.ok(!isForUs('evil.example', '::', 'box'));
});

test('no text as a Host header makes it fail', () => {
  fc.assert(fc.property(fc.string(), (host) => typeof isForUs(host, '::', 'box') === 'boolean'));
});

test('the token must be the same', () => {
  assert.ok(isAuthorized(undefined, ''));
  assert.ok(isAuthorized(`Bearer ${TOKEN}`, TOKEN));
  assert.ok(isAuthorized(`bearer  ${TOKEN}`, TOKEN));
  for (const header of [undefined, '', 'Bearer', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN]) {
    assert.ok(!isAuthorized(header, TOKEN), header);
  }
});

test('the name is looked at before the token, and both before anything else', () => {
  const rules = { ...open, token: TOKEN };
  assert.equal(ask('/', { headers: { host: 'evil.example' }, rules }).status, 421);
  const { status, headers } = ask('/nothing', { method: 'POST', rules });
  assert.equal(status, 401);
  assert.match(headers['www-authenticate'] ?? '', /^Bearer /);
  const authorization = `Bearer ${TOKEN}`;
  assert.equal(ask('/livez', { headers: { authorization }, rules }).status, 200);
});

test('it only tells', () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
    const { status, headers } = ask('/metrics', { method });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD']);
  }
  assert.equal(ask('/metrics', { method: 'HEAD' }).status, 200);
});

test('captures are for those with a token alone', () => {
  const rules = { ...open, token: TOKEN };
  const headers = { authorization: `Bearer ${TOKEN}` };
  const status = (target: string, more: Parameters<typeof ask>[1]) => ask(target, more).status;
  for (const path of ['/profile', '/heap']) {
    assert.equal(status(path, { method: 'POST' }), 404, 'where none was set there are none');
    assert.equal(status(path, { method: 'POST', rules }), 401);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const refused = ask(path, { method, rules, headers });
      assert.deepEqual(
        [refused.status, refused.headers.allow, refused.capture],
        [405, 'POST', undefined],
      );
    }
  }
  const captured = (target: string) => ask(target, { method: 'POST', rules, headers }).capture;
  assert.deepEqual(captured('/profile'), { kind: 'cpu-profile', seconds: 5 });
  assert.deepEqual(captured('/profile?seconds=.5'), { kind: 'cpu-profile', seconds: 0.5 });
  assert.equal(captured('/heap')?.kind, 'heap-snapshot');
  for (const seconds of ['', '0', '61', '-1', '1e1', '0x9', 'NaN', '5s', '%']) {
    const target = `/profile?seconds=${seconds}`;
    assert.equal(status(target, { method: 'POST', rules, headers }), 400, target);
  }
});

test('pages', () => {
  assert.equal(ask('/').status, 200);
  assert.equal(ask('/livez?verbose').status, 200);
  assert.equal(ask('/readyz').status, 503);
  assert.equal(ask('/blocks').body, '[]\n');
  assert.equal(ask('/clients').body, '{"watched":null}\n');
  assert.equal(ask('/metrics').body, 'prometheus');
  const accept = 'application/openmetrics-text';
  assert.equal(ask('/metrics', { headers: { accept } }).body, 'openmetrics');
  for (const target of ['/..', '//livez', '/livez/', '*', '', 'http://evil.example/livez', '/a%']) {
    assert.equal(ask(target).status, 404, target);
  }
});

test('every answer says that it is not to be kept, guessed at or run', () => {
  for (const target of ['/', '/livez', '/metrics', '/blocks', '/clients', '/nothing']) {
    const { headers } = ask(target);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'/);
    assert.ok(!Object.keys(headers).some((name) => name.startsWith('access-control-')));
  }
});

test('health follows what is in memory', () => {
  const own = memory();
  const health = new HealthCheck(own);
  writeBeat(own, nowMs(), 0);
  assert.equal(health.live().status, 'ok');
  assert.equal(health.ready().status, 'starting');
  writeBeat(own, nowMs() - 2000, 500);
  assert.equal(health.ready().status, 'ok');
  assert.ok(health.live().beatAgeMs >= 2000);
  Atomics.store(own.words, Word.hung, 1);
  assert.deepEqual([health.live().status, health.ready().status], ['hung', 'hung']);
  Atomics.store(own.words, Word.hung, 0);
  Atomics.store(own.words, Word.exiting, 1);
  assert.deepEqual([health.live().status, health.ready().status], ['ok', 'exiting']);
});

test('the lag is that of the beats, and of a turn that goes on', () => {
  const own = memory();
  const lag = new Lag(own);
  assert.equal(lag.statistics(20, 1000).max, null);
  for (const atMs of [1000, 1020, 1050, 1070]) writeBeat(own, atMs, 0);
  const { min, max, mean, p50 } = lag.statistics(20, 1075);
  assert.deepEqual([min, max, p50], [0, 0.01, 0]);
  assert.ok(Math.abs((mean ?? 0) - 0.01 / 3) < 1e-9);
  assert.equal(lag.statistics(20, 2090).max, 1);
});

test('beats older than a minute, and those that were missed, are left out', () => {
  const own = memory();
  const lag = new Lag(own);
  for (const atMs of [1000, 1500, 1520]) writeBeat(own, atMs, 0);
  assert.equal(lag.statistics(20, 1520).max, 0.48);
  for (const atMs of [62_000, 62_020]) writeBeat(own, atMs, 0);
  const { max } = lag.statistics(20, 62_020);
  assert.ok(max !== null && Math.abs(max - 60.46) < 1e-9);
  for (let beat = 1; beat <= 1000; beat++) writeBeat(own, 62_020 + beat * 200, 0);
  // 256 beats are kept; what is between them and the last one that was read is not known.
  assert.equal(lag.statistics(200, 262_020).max, 0);
});

test('statistics of no delays are not known', () => {
  assert.ok(Object.values(statisticsOf([])).every((value) => value === null));
  const { mean, stddev, p99 } = statisticsOf([10, 30]);
  assert.deepEqual([mean, stddev, p99], [0.02, 0.01, 0.03]);
});

test('the latest hundred blocks are kept, and of a hang its end', () => {
  const latest = new LatestBlocks();
  const idOf = (number: number) => number.toString(16).padStart(32, '0');
  for (let number = 0; number < 150; number++) latest.add(recordOf({ id: idOf(number) }));
  latest.add(recordOf({ id: idOf(149), kind: 'hang' }));
  const page = latest.page(new Metrics()) as { blocks: { id: string; kind: string }[] };
  assert.equal(page.blocks.length, 100);
  assert.deepEqual(
    [page.blocks[0]?.id, page.blocks.at(-1)?.id, page.blocks.at(-1)?.kind],
    [idOf(50), idOf(149), 'hang'],
  );
});

test('beats are told of by the second, and so is how late the next one is', () => {
  const own = memory();
  const lag = new Lag(own);
  for (const atMs of [95_480, 96_000]) writeBeat(own, atMs, 0);
  const seconds = lag.seconds(20, 100_000);
  assert.equal(seconds.length, 60);
  // Four seconds without a beat; in the one before them a beat was half a second late.
  assert.deepEqual(seconds.slice(-6), [null, 500, 980, 1980, 2980, 3980]);
});

test('what is new is told once, and the present each time', () => {
  const live = new LivePictures();
  const now: Now = {
    ...{ state: 'beating', beatAgeMs: 12, pid: 1, delays: [] },
    delay: { p50Ms: 1, p99Ms: 2, maxMs: 3 },
  };
  const typesIn = (text: string) =>
    [...text.matchAll(/^data: \{"type":"(\w+)"/gm)].map(([, type]) => type);
  const first = live.events(now, [], -1);
  assert.deepEqual(typesIn(first.text), ['now', 'pictures', 'turn']);
  assert.deepEqual(typesIn(live.events(now, [], first.version).text), ['now']);
  const going = recordOf({ ended: false });
  live.turn(going);
  live.turn({ ...going, thread: { id: 2, name: 'a worker' } });
  const late = live.events({ ...now, state: 'late' }, [], first.version);
  assert.deepEqual(typesIn(late.text), ['now', 'pictures', 'turn']);
  assert.match(late.text, /"turn":\{"source".*"renderReport"/);
  live.improveTurn(recordOf({ ended: false, durationMs: 400, cause: 'gc' }));
  live.improveTurn(recordOf({ ended: false, cause: 'native' }));
  const better = live.events({ ...now, state: 'late' }, [], late.version);
  assert.match(better.text, /"turn":\{"source".*"cause":"native"/);
  const over = live.events(now, [], late.version);
  assert.match(over.text, /"turn":null/);
});

test('events are for a few readers, who have the token', () => {
  const { status, headers, streams } = ask('/events');
  assert.deepEqual([status, streams], [200, true]);
  assert.match(headers['content-type'] ?? '', /^text\/event-stream/);
  const rules = { ...open, token: TOKEN };
  assert.equal(ask('/events', { rules }).status, 401);
  assert.deepEqual([ask('/', { rules }).status, ask('/', { rules }).body], [200, '<p>']);
});

test('the page may run its own script', () => {
  assert.match(ask('/').headers['content-security-policy'] ?? '', /script-src/);
  assert.doesNotMatch(ask('/livez').headers['content-security-policy'] ?? '', /script-src/);
});
