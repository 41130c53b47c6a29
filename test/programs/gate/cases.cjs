/**
 * Tests of which it is known whether they block, for any runner: `define(api)`. What they block with
 * takes no CPU, so that a busy machine changes little of it: one that stalls wakes them late, which those
 * that are clean must have room for.
 */
const { createServer } = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

// Fake timers replace the ones of the test's own context.
const { setTimeout: startTimer } = require('node:timers');

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Long enough to be seen through any noise, in ms; the limit is 50. */
const LONG_MS = 150;

function hold(ms) {
  Atomics.wait(cell, 0, 0, ms); // culprit: hold
}

/** Takes CPU time, which on a busy machine is not the time on the clock. */
function compute(ms) {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= ms * 1000) return;
  }
}

function guilty(ms = LONG_MS) {
  hold(ms);
}

function windows({ test, describe, measure, allowBlocking, noBlocking }) {
  test('pause takes out what it is told', async () => {
    await sleep(30);
    measure.pause(() => guilty());
    await sleep(30);
  });
  test('pause leaves the rest', async () => {
    await measure.pause(() => sleep(30));
    guilty();
  });
  test('pause in the middle of a block takes out its own time only', async () => {
    noBlocking({ thresholdMs: LONG_MS });
    hold(10);
    measure.pause(() => hold(2 * LONG_MS));
    hold(5);
    await sleep(30);
  });
  test('only takes out the rest', async () => {
    await measure.only(() => sleep(30));
    guilty();
  });
  test('only measures what it is told', async () => {
    await measure.only(async () => {
      await sleep(30);
      guilty();
    });
  });
  test('allowed to block', async () => {
    allowBlocking('a known cost');
    guilty();
  });
  test('a limit of its own', async () => {
    noBlocking({ thresholdMs: 400 });
    guilty();
  });
  describe('a suite with a limit of its own', function () {
    // Mocha's.
    noBlocking({ thresholdMs: 400 }, this?.tests === undefined ? undefined : this);
    test('is looser', async () => {
      await sleep(20);
      guilty();
    });
  });
}

function hooks({ test, describe, beforeAll, beforeEach, afterEach, afterAll }) {
  describe('hooks that block', () => {
    beforeAll(() => hold(2 * LONG_MS));
    beforeEach(() => hold(LONG_MS));
    afterEach(() => hold(LONG_MS));
    test('are not the test', async () => {
      await sleep(80);
    });
  });
  describe('a server', () => {
    let server;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        guilty();
        response.end('done');
      });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));
    test('that blocks while one test runs', async () => {
      const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, {
        headers: { connection: 'close' },
      });
      await answer.text();
    });
  });
}

function fakes({ test, describe, beforeEach, afterEach, fake }) {
  describe('with fake timers', () => {
    let clock;
    beforeEach(() => {
      clock = fake();
    });
    afterEach(() => clock.restore());
    test('time passes and nothing blocks', () => {
      let rang = false;
      setTimeout(() => {
        rang = true;
      }, 60_000);
      clock.advance(60_001);
      if (!rang) throw new Error('the clock is not fake');
    });
    test('a block is a block', () => {
      setTimeout(() => guilty(), 60_000);
      clock.advance(60_001);
    });
    test('waiting is none', async () => {
      await sleep(100);
    });
  });
}

/** Defines them all. `concurrently`, `retried` and `callback` are missing where a runner has none. */
exports.define = (api) => {
  const { test, concurrently, retried, callback } = api;
  test('sync, clean', () => hold(5));
  test('sync, blocks', () => guilty());
  test('async, clean', async () => {
    await sleep(LONG_MS);
  });
  test('async, blocks', async () => {
    await sleep(20);
    guilty();
    await sleep(20);
  });
  test('computes a little', async () => {
    await sleep(20);
    compute(25);
    await sleep(20);
  });
  test('computes', async () => {
    await sleep(20);
    compute(2 * LONG_MS);
  });
  for (const ms of [5, LONG_MS]) {
    test(`parameterised ${ms}`, async () => {
      await sleep(60);
      guilty(ms);
    });
  }
  callback?.('callback, clean', (done) => void startTimer(done, 100));
  callback?.('callback, blocks', (done) => {
    startTimer(() => {
      guilty();
      done();
    }, 20);
  });
  test('loads a module', async () => {
    require('./slow-module.cjs');
    await sleep(20);
  });
  hooks(api);
  fakes(api);
  windows(api);
  concurrently?.((concurrent) => {
    concurrent('one waits', () => sleep(2 * LONG_MS));
    concurrent('one blocks', async () => {
      await sleep(50);
      guilty();
    });
    concurrent('one waits, too', () => sleep(2 * LONG_MS));
  });
  if (retried !== undefined) {
    let tries = 0;
    retried('blocks at first', async () => {
      if (tries++ === 0) guilty();
      await sleep(60);
    });
  }
  test('leaves something behind', async () => {
    // By then its verdict is there, and the next test runs.
    startTimer(guilty, 250);
    await sleep(60);
  });
  test('runs when that blocks', async () => {
    await sleep(3 * LONG_MS);
  });
};
