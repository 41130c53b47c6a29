import { afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure } from 'loopwatch/node-test';

const url = process.env.SERVER_URL;

const cell = new Int32Array(new SharedArrayBuffer(4));

function one() {
  Atomics.wait(cell, 0, 0, 200);
}

function other() {
  Atomics.wait(cell, 0, 0, 150);
}

async function ask(path) {
  await (await fetch(`${url}${path}`)).text();
}

/** Begins when it is asked for its result, as p-lazy does. */
class Lazy extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  then(...callbacks) {
    return ask('/busy').then(...callbacks);
  }
}

// The first fetch of a process takes its time.
before(() => ask('/'));

test('asks', () => ask('/'));
test('asks for what blocks behind an await', () => ask('/behind-an-await'));
test('asks for what sleeps in the kernel', () => ask('/exec'));
test('asks lazily', () => new Lazy((resolve) => resolve()));
test('asks before it measures', async () => {
  await ask('/busy');
  await measure.only(() => ask('/'));
});
test('does not wait for its answer', () => void ask('/busy').catch(() => {}));
test('waits meanwhile', () => sleep(600));

test('blocks twice', async () => {
  one();
  await sleep(60);
  other();
});

test('has hooks of its parts', async (t) => {
  t.beforeEach(one);
  await t.test('a part', () => sleep(60));
});

describe('at the same time', { concurrency: true }, () => {
  afterEach(one);
  test('short', () => sleep(60));
  test('long', () => sleep(900));
});
