/**
 * What tests over HTTP are told of a watched server: by the answers of any client.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import axios from 'axios';
import { type AnyResponse, assertNotBlocked } from 'loopwatch/testing';
import { request as playwright } from 'playwright-core';
import supertest from 'supertest';
import { request as undici } from 'undici';
import { assertServerIsBlamed, SERVER_DEADLINE_MS } from './harness/gate-duties.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { run } from './harness/run.js';
import { jest30, mocha11, nodeTest } from './harness/runners.js';
import { startServer } from './harness/server.js';
import { runTests } from './harness/test-project.js';

type Ask = (url: string, t: TestContext) => Promise<AnyResponse>;

const clients: Readonly<Record<string, Ask>> = {
  fetch: async (url) => {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response;
  },
  undici: async (url) => {
    const response = await undici(url, { headers: { connection: 'close' } });
    await response.body.dump();
    return response;
  },
  supertest: (url) => supertest(url).get(''),
  axios: (url) => axios.get(url),
  'node:http': (url) =>
    new Promise((resolve, reject) => {
      get(url, (response) => resolve(response.resume())).on('error', reject);
    }),
  playwright: async (url, t) => {
    const context = await playwright.newContext();
    t.after(() => context.dispose());
    return context.get(url);
  },
};

const WATCHED = { LOOPWATCH_THRESHOLD_MS: '50', LOOPWATCH_SERVER_TIMING: 'true' };

describe('assertNotBlocked()', { concurrency: 2 }, () => {
  test('reads what a watched server says of a request, with any client', async (t) => {
    const server = await startServer(t, { env: WATCHED });
    const { url } = await server.answer('/');
    for (const [name, ask] of Object.entries(clients)) {
      const quick = assertNotBlocked(await ask(url, t));
      assert.deepEqual(quick, { verdict: 'clean', reason: null, blockedMs: 0 }, name);
      const slow = await ask(`${url}?ms=300`, t);
      const expected = {
        name: 'BlockedError',
        code: 'LOOPWATCH_E_BLOCKED',
        message: /blocked its server's event loop for 3\d\d(?:\.\d)? ms \(limit 50 ms\)/,
      };
      assert.throws(() => assertNotBlocked(slow), expected, name);
      assert.equal(assertNotBlocked(slow, { thresholdMs: 2000 }).verdict, 'clean', name);
    }
    const answer = await server.answer('/?ms=300');
    assert.throws(() => assertNotBlocked(answer, { thresholdMs: 1 }), {
      code: 'LOOPWATCH_E_OPTION',
    });
    await server.end();
  });

  test('checks every answer where clients have a place for it', async (t) => {
    const server = await startServer(t, { env: WATCHED });
    const { url } = await server.answer('/');
    const client = axios.create({ baseURL: url });
    client.interceptors.response.use((response) => {
      assertNotBlocked(response);
      return response;
    });
    const blocked = { code: 'LOOPWATCH_E_BLOCKED' };
    await client.get('');
    await assert.rejects(client.get('?ms=300'), blocked);
    await supertest(url).get('').expect(assertNotBlocked);
    await assert.rejects(supertest(url).get('?ms=300').expect(assertNotBlocked), blocked);
    await server.end();
  });

  test('says of a server that is not watched that it is unmeasured', async (t) => {
    const server = await startServer(t, { preload: unwatched });
    const { url } = await server.answer('/');
    for (const [name, ask] of Object.entries(clients)) {
      const { verdict, reason } = assertNotBlocked(await ask(`${url}?ms=100`, t));
      assert.equal(verdict, 'unmeasured', name);
      assert.match(reason ?? '', /its server is not watched/, name);
    }
    await server.end();
  });

  test('LOOPWATCH_TEST_THRESHOLD_MS is the limit, and turns it off', async (t) => {
    const program = `
      import { assertNotBlocked } from 'loopwatch/testing';
      const headers = { 'server-timing': 'loop;dur=300' };
      for (const response of [{ headers }, { headers: {} }, { headers: {} }]) {
        try {
          console.log(assertNotBlocked(response).verdict);
        } catch ({ code }) {
          console.log(code);
        }
      }
    `;
    const skipped = 'unmeasured\nunmeasured\n';
    const expected = [
      [undefined, `LOOPWATCH_E_BLOCKED\n${skipped}`],
      ['400', `clean\n${skipped}`],
      ['0', `unmeasured\n${skipped}`],
      ['10', 'LOOPWATCH_E_OPTION\n'.repeat(3)],
    ] as const;
    const args = ['--input-type=module', '-e', program];
    for (const [value, stdout] of expected) {
      const env = { LOOPWATCH_TEST_THRESHOLD_MS: value };
      const ended = await run(t, args, { preload: unwatched, env });
      assert.equal(ended.stdout, stdout);
      const skips = ended.stderr.match(/assertNotBlocked is skipped: .* is not watched/g) ?? [];
      assert.equal(skips.length, value === undefined || value === '400' ? 1 : 0, ended.stderr);
    }
  });
});

describe('the gate', { concurrency: 2 }, () => {
  // The other two are in gate-runners.test.ts.
  for (const runner of [nodeTest, jest30]) {
    test(`${runner.name}: a test fails whose request has blocked a watched server`, (t) =>
      assertServerIsBlamed(t, runner));
  }

  test('asks nothing of a server that is not watched', async (t) => {
    const server = await startServer(t, {
      ...{ preload: unwatched, deadlineMs: SERVER_DEADLINE_MS },
    });
    const { url } = await server.answer('/');
    const env = { SERVER_URL: url, CLIENTS_FROM: programPath('gate/') };
    const { ended, results, all } = await runTests(
      t,
      { ...mocha11, suites: ['server.mocha.cjs'] },
      env,
    );
    assert.equal(ended.code, 0, all);
    assert.ok(results.length > 10, all);
    assert.ok(!results.some(({ verdict }) => verdict === 'blocked'), all);
    await server.end();
  });
});
