/**
 * Whose block it is, and who had to wait for it.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type HttpProgram, saysBlocks, startHttp } from './harness/exchange.js';
import { nodeMajor } from './harness/places.js';

const CASES = 'http-cases.mjs';

/** How a path blocks, from where it is blamed on its request, and whether its answer can say so. */
const ways: readonly { path: string; says?: number; context?: 'on'; body?: string }[] = [
  { path: '/sameTurn', says: 1 },
  { path: '/ended', says: 0 },
  { path: '/endedTimer', says: 0 },
  { path: '/timer', says: 1 },
  { path: '/later', says: 1 },
  { path: '/body', says: 1, body: 'text' },
  { path: '/promise', says: 1, context: 'on' },
];

/** Requests one after the other of one connection: before Node 24 they share their async id. */
async function overOneConnection(port: number, paths: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  for (const path of paths) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${path.slice(1)}\r\n\r\n`);
    await sleep(25);
  }
  await sleep(1500);
  socket.destroy();
  return text;
}

describe('a block is blamed on its request', { concurrency: 2 }, () => {
  for (const { path, says, context, body } of ways) {
    test(path, async (t) => {
      const env = context === undefined ? {} : { LOOPWATCH_CONTEXT: context };
      const program = await startHttp(t, [CASES], { env });
      const answer = await program.ask(path, body === undefined ? {} : { method: 'POST', body });
      const [block, ...more] = await program.blocked(1);
      assert.deepEqual(more, []);
      assert.equal(block?.request?.path, path);
      assert.deepEqual(block?.delayed, { requests: 0 });
      assert.equal(saysBlocks(answer), says);
    });
  }
});

test("without AsyncLocalStorage, a promise's block is nobody's", async (t) => {
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
  await overOneConnection(program.port, ['/endedTimer', '/wait']);
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

test('those that came while the loop was blocked are delayed, too', async (t) => {
  const program = await startHttp(t, [CASES]);
  await program.ask('/plain');
  const guilty = program.ask('/sameTurn');
  await sleep(150);
  const others = Array.from({ length: 20 }, () => program.ask('/plain'));
  await Promise.all([guilty, ...others]);
  const [block] = await program.blocked(1);
  assert.equal(block?.request?.path, '/sameTurn');
  assert.deepEqual(block?.delayed, { requests: 20 });
});

const REQUESTS = 10_000;

/** Every how many requests one blocks. */
const EVERY = 50;

/** Requests by sixteen clients at once, of which every so many blocks. */
async function mixed(program: HttpProgram): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  async function client() {
    while (next < REQUESTS) {
      const number = ++next;
      const path = number % EVERY === 0 ? `/block/150` : `/wait/${number % 7}`;
      const headers = { 'X-Request-Id': `${number}` };
      answers.push(await program.ask(path, { headers }));
    }
  }
  await Promise.all(Array.from({ length: 16 }, client));
  return answers;
}

test('among 10,000 requests with 200 blocks, nobody innocent is blamed', async (t) => {
  const program = await startHttp(t, ['frameworks.mjs', 'node'], { deadlineMs: 240_000 });
  const answers = await mixed(program);
  const guilty = answers.filter(({ path }) => path.startsWith('/block'));
  assert.equal(guilty.length, REQUESTS / EVERY);
  // On a busy machine some were the machine's fault.
  const blocks = await program.blocked(0.9 * guilty.length);
  const ids = new Set(guilty.map(({ headers }) => headers['x-request-id']));
  const blamed = blocks.flatMap(({ request }) => (request === null ? [] : [request.id]));
  assert.deepEqual(
    blamed.filter((id) => !ids.has(id ?? undefined)),
    [],
  );
  assert.equal(new Set(blamed).size, blamed.length);
  assert.ok(blamed.length >= 0.99 * blocks.length, `${blamed.length} of ${blocks.length} blamed`);
  const innocent = answers.filter((answer) => !guilty.includes(answer));
  assert.deepEqual(
    innocent.filter((answer) => saysBlocks(answer) > 0),
    [],
  );
  const told = guilty.filter((answer) => saysBlocks(answer) === 1);
  assert.ok(told.length >= 0.8 * blamed.length, `${told.length} of ${blamed.length} told`);
});
