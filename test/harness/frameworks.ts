/** Fifty requests at once to a framework's server, one of which blocks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type HttpProgram, saysBlocks, startHttp } from './exchange.js';
import { unwatched } from './preload.js';
import { until } from './until.js';

const BLOCK = '/block/400';
const INNOCENT = 49;

/** Long enough for all of them to have arrived when the one comes that blocks. */
const WAIT = '/wait/2000';

/** The innocent are there, and then comes the one that blocks. */
async function fifty(program: HttpProgram): Promise<{ guilty: Answer; others: Answer[] }> {
  await program.ask('/wait/1');
  const waiting = Array.from({ length: INNOCENT }, () => program.ask(WAIT));
  await sleep(800);
  const guilty = await program.ask(BLOCK, { headers: { 'X-Request-Id': 'the-guilty-one' } });
  return { guilty, others: await Promise.all(waiting) };
}

function assertRecord(program: HttpProgram, route: string | null): void {
  const [block, ...more] = program.blocks();
  assert.deepEqual(more, []);
  const { id, method, path } = block?.request ?? {};
  assert.deepEqual({ id, method, path }, { id: 'the-guilty-one', method: 'GET', path: BLOCK });
  assert.equal(block?.request?.route, route);
  assert.deepEqual(block?.delayed, { requests: INNOCENT });
}

/**
 * The one that blocks is blamed, and no other.
 *
 * @param name one of test/programs/lib/servers.mjs
 * @param route the template of the route where the preload alone knows it
 */
export function testFramework(name: string, route: string | null): void {
  describe(name, { concurrency: 2 }, () => {
    test('one of fifty is blamed, and its answer says so', async (t) => {
      const program = await startHttp(t, ['frameworks.mjs', name]);
      const { guilty, others } = await fifty(program);
      await program.blocked(1);
      assertRecord(program, route);
      assert.equal(saysBlocks(guilty), 1);
      assert.equal(guilty.headers['x-request-id'], 'the-guilty-one');
      assert.deepEqual(new Set(others.map(saysBlocks)), new Set([0]));
      assert.deepEqual(new Set([guilty, ...others].map(({ status }) => status)), new Set([200]));
    });

    test('in strict mode it alone is refused', async (t) => {
      const env = { LOOPWATCH_MODE: 'strict' };
      const program = await startHttp(t, ['frameworks.mjs', name], { env });
      const { guilty, others } = await fifty(program);
      assert.equal(guilty.status, 503);
      assert.match(guilty.body, /render/);
      assert.equal(saysBlocks(guilty), 1);
      assert.deepEqual(new Set(others.map(({ status }) => status)), new Set([200]));
    });

    if (name === 'node') return;
    for (const [how, preload] of [
      ['with the preload', {}],
      ['without it', { preload: unwatched }],
    ] as const) {
      test(`the adapter names the route, ${how}`, async (t) => {
        const program = await startHttp(t, ['frameworks.mjs', name, 'adapter'], preload);
        // Without the preload, the watch has only just begun.
        await until(
          'an innocent answer',
          async () => saysBlocks(await program.ask('/wait/30')) === 0,
        );
        const guilty = await program.ask(BLOCK);
        const [block] = await program.blocked(1);
        assert.equal(block?.request?.route, '/block/:ms');
        assert.equal(saysBlocks(guilty), 1);
      });
    }
  });
}
