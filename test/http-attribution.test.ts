/**
 * Whose block it is, and who had to wait for it.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockRecord } from 'loopwatch';
import { type Question, saysBlocks, startHttp } from './harness/exchange.js';
import type { Scope } from './harness/folder.js';
import { assertNobodyInnocentBlamed } from './harness/mixed-requests.js';
import { nodeMajor } from './harness/places.js';

const CASES = 'http-cases.mjs';

/** The paths that block, and whether their answers can say so. */
const ways: readonly ({ path: string; says: number } & Question)[] = [
  { path: '/sameTurn', says: 1 },
  { path: '/ended', says: 0 },
  { path: '/endedTimer', says: 0 },
  { path: '/timer', says: 1 },
  { path: '/later', says: 1 },
  { path: '/body', says: 1, method: 'POST', body: 'text' },
];

function assertBlamed(block: BlockRecord | undefined, path: string): void {
  assert.equal(block?.request?.path, path);
  assert.deepEqual(block?.delayed, { requests: 0 }, path);
}

/** Requests one after the other of one connection: before Node 24 they share their async id. */
async function overOneConnection(
  scope: Scope,
  port: number,
  paths: readonly string[],
): Promise<void> {
  const socket = connect(port, '127.0.0.1').resume();
  scope.after(() => void socket.destroy());
  for (const path of paths) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${path.slice(1)}\r\n\r\n`);
    await sleep(25);
  }
}

describe('a block is blamed on its request', { concurrency: 3 }, () => {
  test('wherever it happens', async (t) => {
    const program = await startHttp(t, [CASES]);
    for (const [index, { path, says, ...question }] of ways.entries()) {
      const answer = await program.ask(path, question);
      const blocks = await program.blocked(index + 1);
      assert.equal(blocks.length, index + 1, path);
      assertBlamed(blocks.at(-1), path);
      assert.equal(saysBlocks(answer), says, path);
    }
  });

  test('in a promise, with AsyncLocalStorage', async (t) => {
    const program = await startHttp(t, [CASES], { env: { LOOPWATCH_CONTEXT: 'on' } });
    const answer = await program.ask('/promise');
    const [block, ...more] = await program.blocked(1);
    assert.deepEqual(more, []);
    assertBlamed(block, '/promise');
    assert.equal(saysBlocks(answer), 1);
  });

  test("in a promise, without it: it is nobody's", async (t) => {
    if (nodeMajor >= 24) return t.skip('there it is always followed');
    const program = await startHttp(t, [CASES]);
    const answer = await program.ask('/promise');
    const [block] = await program.blocked(1);
    assert.equal(block?.request, null);
    return assert.equal(saysBlocks(answer), 0);
  });

  test('what an earlier request of a connection has left behind is not the next one’s', async (t) => {
    const program = await startHttp(t, [CASES]);
    // The timer of the first blocks while the second one waits.
    await overOneConnection(t, program.port, ['/endedTimer', '/wait']);
    const [block] = await program.blocked(1);
    assert.equal(block?.request?.path, '/endedTimer');
    assert.deepEqual(block?.delayed, { requests: 1 });
  });

  test('an upgraded connection and a tunnel are no requests in flight', async (t) => {
    const program = await startHttp(t, [CASES]);
    const upgraded = connect(program.port, '127.0.0.1');
    t.after(() => upgraded.destroy());
    upgraded.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await new Promise((resolve) => upgraded.once('data', resolve));
    upgraded.write('hello');
    await new Promise((resolve) => upgraded.once('data', resolve));
    await program.ask('/sameTurn');
    const [block] = await program.blocked(1);
    assert.deepEqual(block?.delayed, { requests: 0 });
  });
});

test('among 1000 requests with 20 blocks, nobody innocent is blamed', (t) =>
  assertNobodyInnocentBlamed(t, { requests: 1000, blockMs: 300 }));
