/**
 * The status server: it answers while the program can't, tells only who may ask, and harms nobody.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { blocking } from './harness/block.js';
import type { Scope } from './harness/folder.js';
import { programPath } from './harness/places.js';
import { freePort, heldPort } from './harness/port.js';
import { byNodeOptions } from './harness/preload.js';
import { type Running, type RunOptions, run, start } from './harness/run.js';
import { SERVING, StatusClient, statusOf } from './harness/status.js';
import { until } from './harness/until.js';

/** A program that serves, and its server. */
async function serving(
  scope: Scope,
  env: Readonly<Record<string, string>> = {},
  options: RunOptions = {},
): Promise<{ running: Running; status: StatusClient }> {
  const running = start(scope, [programPath('status.mjs')], {
    ...options,
    env: { ...SERVING, ...env },
  });
  await running.says('stdout', /^up$/m);
  return { running, status: await statusOf(running) };
}

/** The value of a metric without labels, or with exactly these. */
function metric(text: string, name: string, labels = ''): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name}${labels} `));
  return Number(line?.split(' ').at(-1));
}

/** A start that takes as long is none of these hangs. */
const HANG = { LOOPWATCH_HANG_MS: '1000', LOOPWATCH_STARTUP: 'ignore' };
const FOR_EVER = '15000';

describe('while the event loop is blocked', { concurrency: 2 }, () => {
  for (const step of ['block', 'spin']) {
    test(`every page is answered, and /livez says that it hangs: ${step}`, async (t) => {
      const { running, status } = await serving(t, HANG);
      await status.becomes('/readyz', 200);
      running.tell(`${step} ${FOR_EVER}`);
      const { body, headers } = await status.becomes('/livez', 503);
      assert.match(headers['content-type'] as string, /^application\/json/);
      const { status: word, beatAgeMs } = JSON.parse(body);
      assert.equal(word, 'hung');
      assert.ok(beatAgeMs >= 1000, `${beatAgeMs}`);
      assert.equal((await status.ask('/readyz')).status, 503);
      const text = await until('a hang that is counted', async () => {
        const { body: metrics } = await status.ask('/metrics');
        return metric(metrics, 'loopwatch_hangs_total') === 1 && metrics;
      });
      assert.ok(metric(text, 'loopwatch_heartbeat_age_seconds') >= 1);
      assert.ok(metric(text, 'nodejs_eventloop_lag_max_seconds') >= 0.9);
      const { blocks, counts } = JSON.parse((await status.ask('/blocks')).body);
      // The start may have been slow, too.
      const { kind, ended } = blocks.at(-1);
      assert.deepEqual([kind, ended, counts.hangs], ['hang', false, 1]);
      assert.equal(running.isOver, false);
    });
  }

  test('/livez is 200 before a hang is one, and again when it has ended', async (t) => {
    const { running, status } = await serving(t, HANG);
    await status.becomes('/readyz', 200);
    running.tell('block 3000');
    await until('a late beat', async () => {
      const { status: code, body } = await status.ask('/livez');
      const { beatAgeMs } = JSON.parse(body);
      if (beatAgeMs < 900) assert.equal(code, 200, body);
      return beatAgeMs > 200;
    });
    await status.becomes('/livez', 503);
    await status.becomes('/livez', 200);
    await status.becomes('/readyz', 200);
    const hangs = 'loopwatch_blocks_total{kind="hang"';
    await until('the end of the hang', async () => {
      return (await status.ask('/metrics')).body.includes(hangs);
    });
    const { body } = await status.ask('/metrics');
    assert.equal(metric(body, 'loopwatch_hangs_total'), 1);
    assert.ok(metric(body, 'loopwatch_block_duration_seconds_sum') >= 2.9);
  });

  test('a process that was stopped, or asked for a pause, is alive', async (t) => {
    const { running, status } = await serving(t, HANG);
    await status.becomes('/readyz', 200);
    const assertAlive = async () => {
      const end = performance.now() + 1000;
      while (performance.now() < end) assert.equal((await status.ask('/livez')).status, 200);
    };
    running.signal('SIGSTOP');
    await sleep(2500);
    running.signal('SIGCONT');
    await assertAlive();
    running.tell('pause 3000');
    await until('a pause of longer than a hang', async () => {
      const { status: code, body } = await status.ask('/livez');
      assert.equal(code, 200, body);
      return JSON.parse(body).beatAgeMs > 1500;
    });
    await assertAlive();
  });

  test('/readyz is 503 while the main module loads, /livez is 200', async (t) => {
    const running = start(t, [programPath('status.mjs'), '2500'], { env: SERVING });
    const status = await statusOf(running);
    const { status: code, body } = await status.ask('/readyz');
    assert.equal(running.stdout, '', 'it still loads');
    assert.deepEqual([code, JSON.parse(body).status], [503, 'starting']);
    assert.equal((await status.ask('/livez')).status, 200);
    await running.says('stdout', /^up$/m);
    await status.becomes('/readyz', 200);
  });
});

describe('metrics', { concurrency: 3 }, () => {
  test('blocks count whether or not they are reported, here and in prom-client', async (t) => {
    const { running, status } = await serving(t, {
      LOOPWATCH_MAX_REPORTS_PER_CULPRIT: '1',
      LOOPWATCH_STARTUP: 'ignore',
    });
    await status.becomes('/readyz', 200);
    const count = async () => {
      return metric((await status.ask('/metrics')).body, 'loopwatch_block_duration_seconds_count');
    };
    for (const done of [1, 2, 3]) {
      const before = await count();
      running.tell('block 400');
      await until(`block ${done}`, async () => (await count()) > before);
    }
    const { body } = await status.ask('/metrics');
    assert.ok(metric(body, 'loopwatch_reports_dropped_total', '{reason="capped"}') >= 2);
    assert.equal(metric(body, 'loopwatch_threshold_seconds'), 0.1);
    running.tell('scrape');
    await running.says('stdout', /scraped/);
    const total = metric(body, 'loopwatch_block_duration_seconds_count');
    assert.equal(metric(running.stdout, 'loopwatch_block_duration_seconds_count'), total);
    assert.equal(metric(running.stdout, 'loopwatch_threshold_seconds'), 0.1);
    assert.ok(metric(running.stdout, 'loopwatch_heartbeat_age_seconds') >= 0);
    assert.doesNotMatch(running.stdout, /nodejs_eventloop_lag/);
  });

  test('OpenMetrics for who asks for it', async (t) => {
    const { status } = await serving(t);
    const headers = { accept: 'application/openmetrics-text;version=1.0.0,*/*;q=0.1' };
    const open = await status.ask('/metrics', { headers });
    assert.match(open.headers['content-type'] as string, /^application\/openmetrics-text/);
    assert.match(open.body, /\n# EOF\n$/);
    const plain = await status.ask('/metrics');
    assert.equal(plain.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('who may ask, and what', { concurrency: 3 }, () => {
  const TOKEN = 'a-token-for-tests-only';

  test('with a token, only those who have it', async (t) => {
    const { status } = await serving(t, { LOOPWATCH_SERVE_TOKEN: TOKEN });
    for (const authorization of [undefined, 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}1`]) {
      const headers = authorization === undefined ? {} : { authorization };
      for (const path of ['/events', '/livez', '/readyz', '/metrics', '/blocks', '/nothing']) {
        const { status: code, body } = await status.ask(path, { headers });
        assert.equal(code, 401, `${path} for ${authorization}`);
        assert.doesNotMatch(body, /loopwatch_|\{/);
      }
    }
    const headers = { authorization: `Bearer ${TOKEN}` };
    assert.equal((await status.ask('/metrics', { headers })).status, 200);
    // It holds nothing, and asks for the token.
    const { status: code, body } = await status.ask('/');
    assert.equal(code, 200);
    assert.doesNotMatch(body, /process \d/);
  });

  test('no browser by another name, and none across origins', async (t) => {
    const { status } = await serving(t);
    for (const host of ['evil.example', `evil.example:${status.port}`, '10.0.0.1', 'localhost.x']) {
      assert.equal((await status.ask('/blocks', { headers: { host } })).status, 421, host);
    }
    for (const host of ['localhost', `127.0.0.1:${status.port}`, '[::1]']) {
      const { status: code, headers } = await status.ask('/blocks', {
        headers: { host, origin: 'https://evil.example' },
      });
      assert.equal(code, 200, host);
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cache-control'], 'no-store');
    }
  });

  test('it can be asked, and nothing else', async (t) => {
    const { status } = await serving(t);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status: code, headers } = await status.ask('/metrics', { method, body: 'x' });
      assert.deepEqual([code, headers.allow], [405, 'GET, HEAD'], method);
    }
    const head = await status.ask('/metrics', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.ok(Number(head.headers['content-length']) > 0);
    assert.equal((await status.ask('/nothing')).status, 404);
    assert.match((await status.ask('/')).body, /href="\/metrics"/);
  });

  test('an address that others reach is refused without a token', async (t) => {
    const env = { LOOPWATCH_SERVE: '0.0.0.0:0' };
    const { code, stdout, stderr } = await run(t, ['-e', 'console.log("runs")'], { env });
    assert.deepEqual([code, stdout], [0, 'runs\n']);
    assert.match(stderr, /option serve must be .*serveToken.*not watched\n$/);
    const { status } = await serving(t, { ...env, LOOPWATCH_SERVE_TOKEN: TOKEN });
    const headers = { authorization: `Bearer ${TOKEN}`, host: `10.1.2.3:${status.port}` };
    assert.equal((await status.ask('/livez', { headers })).status, 200);
    const host = 'evil.example';
    assert.equal((await status.ask('/livez', { headers: { ...headers, host } })).status, 421);
  });

  test('requests that are none end their connection, and nothing else', async (t) => {
    const { running, status } = await serving(t);
    const host = 'Host: localhost\r\n';
    const broken = [
      'nonsense\r\n\r\n',
      'GET\r\n\r\n',
      '\0\x01\x02\xff\r\n\r\n',
      'GET /livez HTTP/9.9\r\n\r\n',
      'GET /livez HTTP/1.1\r\n\r\n',
      `GET /livez HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzzz`,
      `GET /livez HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`,
      `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n`,
      `GET /livez HTTP/1.1\r\n${host}Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
      `GET http://[ HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      // Half a request: the server's patience ends.
      `GET /livez HTTP/1.1\r\n${host}`,
    ];
    const answers = await Promise.all(broken.map((bytes) => status.raw(bytes)));
    answers.forEach((answer, index) => {
      // A request that only offers to upgrade is a request all the same.
      const isGood = broken[index]?.includes('upgrade');
      assert.match(answer, isGood ? /^HTTP\/1\.1 200 / : /^(?:HTTP\/1\.1 4\d\d |$)/, broken[index]);
    });
    assert.equal((await status.ask('/livez')).status, 200);
    assert.doesNotMatch(running.stderr, /reporter ended/);
  });

  test('more connections than there may be are turned away, and leave no trace', async (t) => {
    const { running, status } = await serving(t);
    const idle = Array.from({ length: 100 }, () => status.raw('GET /livez HTTP/1.1\r\n'));
    const answers = await Promise.all(idle);
    assert.ok(answers.filter((answer) => answer === '').length >= 30, 'most are not even answered');
    await status.becomes('/livez', 200);
    assert.equal((await running.endInput()).code, 0);
  });
});

describe('the program it is in', { concurrency: 3 }, () => {
  test('ends as it would have, at once, with its own code', async (t) => {
    const { running, status } = await serving(t);
    // A connection that is kept open.
    const kept = status.raw('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => '');
    running.tell('exit 7');
    const { code, signal } = await running.ended;
    assert.deepEqual([code, signal], [7, null]);
    await kept;
  });

  test('is not kept alive by it', async (t) => {
    const { code, silentMs, stdout } = await run(t, blocking({ kind: 'wait', ms: 10 }), {
      env: { LOOPWATCH_SERVE: '127.0.0.1:0' },
    });
    assert.equal(code, 0);
    assert.match(stdout, /^measured/);
    assert.ok(silentMs < 1000, `it ended ${silentMs} ms later`);
  });

  test('has nothing open after stop(), and can start again', async (t) => {
    const { running, status } = await serving(t);
    running.tell('stop');
    await running.says('stdout', /^stopped$/m);
    assert.equal(await status.isUp(), false);
    running.tell(`start {"serve":${status.port}}`);
    await until('an answer', () => status.isUp());
    running.tell(`start {"serve":"off"}`);
    await until('no answer', async () => !(await status.isUp()));
    assert.equal((await running.endInput()).code, 0);
  });

  test('says once that the port is taken, is watched all the same, and waits for it', async (t) => {
    const held = await heldPort(t);
    const running = start(t, [programPath('status.mjs')], {
      env: { ...SERVING, LOOPWATCH_SERVE: String(held.port) },
    });
    await running.says('stderr', /^loopwatch: the status server can't listen: .*EADDRINUSE/m);
    await running.says('stdout', /^up$/m);
    running.tell('block 400');
    await running.says('stderr', /event loop blocked/);
    await held.free();
    await running.says('stderr', /status server listens on/);
    assert.equal(running.stderr.match(/can't listen/g)?.length, 1);
    assert.equal((await running.endInput()).code, 0);
  });

  for (const program of ['fork-child.mjs', 'cluster-workers.mjs']) {
    test(`shares its options with children that get no port without a word: ${program}`, async (t) => {
      const port = await freePort(t);
      const { stderr, stdout } = await run(t, [programPath(program)], {
        preload: byNodeOptions('--import'),
        env: { LOOPWATCH_SERVE: String(port) },
      });
      assert.match(stdout, /left with/);
      assert.equal(stderr, '');
    });
  }

  test('a child that gets no port says so to those who want to know', async (t) => {
    const port = await freePort(t);
    const running = start(t, [programPath('status-child.mjs')], {
      preload: byNodeOptions('--import'),
      env: { LOOPWATCH_SERVE: String(port), LOOPWATCH_LOG_LEVEL: 'debug' },
    });
    await running.says('stderr', /"level":20,.*the status server can't listen: .*EADDRINUSE/);
    assert.doesNotMatch(running.stderr, /^loopwatch: /m);
    assert.equal(await new StatusClient(port).isUp(), true);
  });
});
