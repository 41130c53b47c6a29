/**
 * What answers say, and that they are otherwise what the program sends.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { connect as connect2, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { type Answer, saysBlocks, startHttp } from './harness/exchange.js';
import { until } from './harness/until.js';

const CASES = 'http-cases.mjs';
const OURS = [
  'server-timing',
  'x-request-id',
  'x-blocking-count',
  'x-blocking-total-ms',
  'x-blocking-detected',
];

/** Each header of ours is there once. */
function assertOnce({ rawHeaders, path }: Answer): void {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  for (const name of OURS) {
    assert.equal(names.filter((one) => one === name).length, 1, `${name} at ${path}`);
  }
}

function ours({ headers }: Answer): string[] {
  return OURS.filter((name) => headers[name] !== undefined);
}

describe('headers', { concurrency: 5 }, () => {
  test('are added to whatever the program sends, once', async (t) => {
    const program = await startHttp(t, [CASES]);
    for (const path of ['/own', '/object', '/array', '/pairs']) {
      const answer = await program.ask(path);
      assertOnce(answer);
      assert.match(String(answer.headers['server-timing']), /^db;dur=5, loop;dur=\d+(\.\d)?$/);
      assert.equal(saysBlocks(answer), 1, path);
      if (path === '/own' || path === '/object')
        assert.equal(answer.headers['x-request-id'], 'mine');
      else assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
      assert.equal(answer.body, path.slice(1));
    }
  });

  test('are there without a body, too, and with errors', async (t) => {
    const program = await startHttp(t, [CASES]);
    const head = await program.ask('/sameTurn', { method: 'HEAD' });
    const notModified = await program.ask('/notModified');
    const twice = await program.ask('/twice');
    const invalid = await program.ask('/invalid');
    for (const answer of [head, notModified, twice, invalid]) assertOnce(answer);
    const all = [head, notModified, invalid];
    assert.deepEqual(all.map(saysBlocks), [1, 1, 1]);
    assert.deepEqual(
      all.map(({ status }) => status),
      [200, 304, 500],
    );
    assert.equal(twice.body, 'twice');
    const said = await program.printed('said', 3);
    const expected = [
      'ERR_HTTP_HEADERS_SENT',
      'ERR_INVALID_ARG_VALUE',
      'ERR_HTTP_INVALID_STATUS_CODE',
    ];
    assert.deepEqual(
      said,
      expected.map((code) => `said ${code}`),
    );
  });

  test('are not there on excluded paths, nor in a pause, nor by default', async (t) => {
    const program = await startHttp(t, [CASES]);
    assert.deepEqual(ours(await program.ask('/healthz?deep=1')), []);
    assert.equal(saysBlocks(await program.ask('/paused')), 0);
    const quiet = await startHttp(t, [CASES], { env: { LOOPWATCH_MODE: 'log' } });
    assert.deepEqual(ours(await quiet.ask('/sameTurn')), []);
    const env = { LOOPWATCH_MODE: 'log', LOOPWATCH_SERVER_TIMING: 'true' };
    const timing = await startHttp(t, [CASES], { env });
    assert.deepEqual(ours(await timing.ask('/sameTurn')), ['server-timing']);
  });

  test('tell the time in a proxy’s queue, and pass on no other id than a sane one', async (t) => {
    const program = await startHttp(t, [CASES], {
      env: { LOOPWATCH_QUEUE_HEADER: 'X-Queue-Start' },
    });
    const sent = { 'X-Queue-Start': `t=${(Date.now() - 30_000) / 1000}`, 'X-Request-Id': 'a b' };
    const { headers } = await program.ask('/plain', { headers: sent });
    const [, ms] = /^loop;dur=0, queue;dur=([\d.]+)$/.exec(String(headers['server-timing'])) ?? [];
    assert.ok(Number(ms) >= 29_990 && Number(ms) < 60_000, String(headers['server-timing']));
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{20}$/);
    const other = await program.ask('/plain', { headers: { 'X-Queue-Start': 'yesterday' } });
    assert.equal(other.headers['server-timing'], 'loop;dur=0');
    assert.notEqual(other.headers['x-request-id'], headers['x-request-id']);
  });

  test('are followed by a trailer for who takes them', async (t) => {
    const program = await startHttp(t, [CASES]);
    const without = await program.ask('/chunked');
    assert.deepEqual(without.trailers, {});
    const answer = await program.ask('/chunked', { headers: { TE: 'gzip, Trailers' } });
    assert.equal(saysBlocks(answer), 0);
    assert.match(String(answer.trailers['server-timing']), /^loop;dur=\d+(\.\d)?$/);
    const own = await program.ask('/trailers', { headers: { TE: 'trailers' } });
    assert.deepEqual({ ...own.trailers }, { 'x-own': '1' });
  });

  test('belong to their request where several are pipelined', async (t) => {
    const program = await startHttp(t, [CASES]);
    const socket = connect(program.port, '127.0.0.1');
    t.after(() => socket.destroy());
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
    });
    for (const path of ['/plain', '/sameTurn', '/plain']) {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: p-${path.slice(1)}\r\n\r\n`);
    }
    const statuses = () => [...text.matchAll(/x-request-id: (\S+)\r\nx-blocking-count: (\d)/gi)];
    await until('three answers', () => statuses().length === 3, { seen: () => text });
    const found = statuses().map(([, id, count]) => `${id} ${count}`);
    assert.deepEqual(found, ['p-plain 0', 'p-sameTurn 1', 'p-plain 0']);
  });
});

describe('strict mode', { concurrency: 5 }, () => {
  const env = { LOOPWATCH_MODE: 'strict' };

  test('replaces the whole answer, however it is written', async (t) => {
    const program = await startHttp(t, [CASES], { env: { ...env, LOOPWATCH_CONTEXT: 'on' } });
    for (const path of ['/sameTurn', '/own', '/array', '/pairs', '/notModified', '/streamed']) {
      const answer = await program.ask(path);
      assert.equal(answer.status, 503, path);
      const { durationMs, request } = JSON.parse(answer.body);
      assert.ok(durationMs > 100);
      assert.equal(answer.headers['x-request-id'], path === '/own' ? 'mine' : request.id);
      assertOnce(answer);
      const { 'content-encoding': encoding, etag } = answer.headers;
      assert.deepEqual({ encoding, etag }, { encoding: undefined, etag: undefined });
    }
    assert.deepEqual(await program.printed('said', 1), ['said done']);
    const head = await program.ask('/sameTurn', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body], [503, '']);
  });

  test('leaves alone what has begun, excluded paths and pauses', async (t) => {
    const program = await startHttp(t, [CASES], { env });
    const chunked = await program.ask('/chunked');
    assert.deepEqual([chunked.status, chunked.body], [200, 'firstlast']);
    for (const path of ['/healthz', '/paused', '/plain']) {
      assert.equal((await program.ask(path)).status, 200, path);
    }
  });
});

describe('strict mode, to a browser', () => {
  test('answers with a page that shows the code and harms nobody', async (t) => {
    const program = await startHttp(t, [CASES], { env: { LOOPWATCH_MODE: 'strict' } });
    const headers = { accept: 'text/html,*/*;q=0.8', 'x-request-id': 'an=id' };
    const answer = await program.ask('/sameTurn/<script>alert(1)</script>?q=<img>', { headers });
    assert.equal(answer.status, 503);
    assert.match(String(answer.headers['content-type']), /^text\/html/);
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
    assert.doesNotMatch(answer.body, /<script|<img/i);
    assert.match(answer.body, /&lt;script&gt;/);
    for (const said of ['render', 'handlers.mjs', 'an=id', 'This line blocked', 'How to fix it']) {
      assert.ok(answer.body.includes(said), said);
    }
  });
});

describe('warn mode', () => {
  test('shows a culprit once in a box, whatever the log is', async (t) => {
    const program = await startHttp(t, [CASES], { env: { LOOPWATCH_LOG_LEVEL: 'silent' } });
    for (let count = 0; count < 3; count++) await program.ask('/sameTurn');
    await program.blocked(3);
    await program.running.says('stderr', /┌─ EVENT LOOP BLOCKED for \d+ ms/);
    const { stderr } = await program.running.endInput();
    assert.equal(stderr.match(/EVENT LOOP BLOCKED/g)?.length, 1, stderr);
    assert.match(
      stderr,
      /│ function {2}render\n│ at .+handlers\.mjs:\d+:\d+\n│ request {3}GET \/sameTurn\n/,
    );
    assert.match(stderr, /│ fix/);
  });

  test('puts a banner into HTML where that is asked for', async (t) => {
    const program = await startHttp(t, [CASES], { env: { LOOPWATCH_BANNER: 'true' } });
    for (const path of ['/html', '/html/bytes', '/htmlInPieces']) {
      const { body, headers } = await program.ask(path);
      assert.match(body, /<aside aria-label="loopwatch">.+<\/aside><\/body>$/, path);
      const length = headers['content-length'] ?? String(body.length);
      assert.deepEqual([Number(length), headers.etag], [body.length, undefined], path);
    }
    for (const path of ['/htmlPacked', '/htmlSized', '/htmlQuick']) {
      assert.equal((await program.ask(path)).body, '<body><p>page</p></body>', path);
    }
    assert.equal((await program.ask('/html', { method: 'HEAD' })).body, '');
    const without = await startHttp(t, [CASES]);
    assert.doesNotMatch((await without.ask('/html')).body, /aside/);
  });
});

/** Asks over HTTP/2. */
async function ask2(port: number, path: string, headers = {}) {
  const session = connect2(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request({ ':path': path, ...headers });
    let body = '';
    stream.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    const answer = new Promise<IncomingHttpHeaders & { ':status'?: number }>((resolve, reject) => {
      stream.once('response', resolve).once('error', reject);
    });
    await new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
    return { headers: await answer, body };
  } finally {
    session.close();
  }
}

describe('HTTP/2', { concurrency: 5 }, () => {
  test('is blamed and told like HTTP/1, and gRPC is left alone', async (t) => {
    const program = await startHttp(t, [CASES, 'http2']);
    const plain = await ask2(program.port, '/plain', { 'x-request-id': 'two' });
    assert.equal(plain.headers['server-timing'], 'loop;dur=0');
    assert.equal(plain.headers['x-request-id'], 'two');
    const waiting = ask2(program.port, '/wait');
    await until('it waits', () => new Promise<true>((resolve) => setTimeout(resolve, 300, true)));
    const guilty = await ask2(program.port, '/own?x=1');
    assert.match(String(guilty.headers['server-timing']), /^db;dur=5, loop;dur=\d+(\.\d)?$/);
    assert.equal(guilty.headers['x-blocking-count'], '1');
    const [block] = await program.blocked(1);
    assert.deepEqual([block?.request?.path, block?.delayed?.requests], ['/own', 1]);
    assert.equal((await waiting).headers['x-blocking-count'], '0');
    const grpc = await ask2(program.port, '/grpc', { 'content-type': 'application/grpc+proto' });
    assert.deepEqual(
      OURS.filter((name) => grpc.headers[name] !== undefined),
      [],
    );
    assert.equal(grpc.body, 'grpc');
  });

  test('has a strict mode', async (t) => {
    const program = await startHttp(t, [CASES, 'http2'], { env: { LOOPWATCH_MODE: 'strict' } });
    const guilty = await ask2(program.port, '/sameTurn');
    assert.equal(guilty.headers[':status'], 503);
    assert.match(guilty.body, /render/);
    const head = await ask2(program.port, '/sameTurn', { ':method': 'HEAD' });
    assert.deepEqual([head.headers[':status'], head.body], [503, '']);
    const grpc = await ask2(program.port, '/grpc', { 'content-type': 'application/grpc' });
    assert.equal(grpc.headers[':status'], 200);
    assert.equal((await ask2(program.port, '/plain')).body, 'plain');
  });
});
