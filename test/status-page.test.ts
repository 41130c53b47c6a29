/**
 * The status page and its events: live, also while the program hangs, and bounded.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { Browser, chromium, type Page } from './harness/browser.js';
import type { Scope } from './harness/folder.js';
import { programPath } from './harness/places.js';
import { type Running, start } from './harness/run.js';
import { SERVING, type StatusClient, statusOf } from './harness/status.js';
import { until } from './harness/until.js';

const TOKEN = 'a-token-for-tests-only';
const HANG = { LOOPWATCH_HANG_MS: '500' };
const FOR_EVER = '40000';

async function serving(
  scope: Scope,
  env: Readonly<Record<string, string>> = HANG,
): Promise<{ running: Running; status: StatusClient }> {
  const running = start(scope, [programPath('status.mjs')], {
    env: { ...SERVING, ...env },
    deadlineMs: 60_000,
  });
  await running.says('stdout', /^up$/m);
  const status = await statusOf(running);
  if (env.LOOPWATCH_SERVE_TOKEN === undefined) await status.becomes('/readyz', 200);
  return { running, status };
}

/** One who reads the events. */
class Reader {
  readonly response: IncomingMessage;
  text = '';
  isOver = false;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
    response
      .on('error', () => {})
      .on('close', () => {
        this.isOver = true;
      });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each event's own shape
  events(type: string): any[] {
    const whole = this.text.split('\n\n').slice(0, -1);
    return whole.map((event) => JSON.parse(event.slice(6))).filter((event) => event.type === type);
  }
}

function read(scope: Scope, { port }: StatusClient, token?: string): Promise<Reader> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path: '/events', headers, agent: false });
    scope.after(() => void asked.destroy());
    asked.on('response', (response) => resolve(new Reader(response))).on('error', reject);
  });
}

describe('events', { concurrency: 3 }, () => {
  test('say what hangs, while it does and since when', async (t) => {
    const { running, status } = await serving(t);
    const reader = await read(t, status);
    assert.equal(reader.response.statusCode, 200);
    await until('a beat', () => reader.events('now').some(({ now }) => now.state === 'beating'));
    running.tell(`spin ${FOR_EVER}`);
    const seen = () => reader.text.slice(-2000);
    await until(
      'the hang, for longer and longer',
      () => reader.events('now').some(({ now }) => now.state === 'hung' && now.beatAgeMs > 1500),
      { seen },
    );
    const turn = await until(
      'the stack',
      () => reader.events('turn').find(({ turn: one }) => one?.blocks[0]?.name === 'spin'),
      { seen },
    );
    assert.ok(turn.turn.blocks[0].flame.roots.length > 0);
    await until('the hang among the blocks', () => {
      return reader.events('pictures').some(({ pictures }) => pictures.counts.hangs === 1);
    });
    assert.equal(running.isOver, false);
  });

  test('say when it is over', async (t) => {
    const { running, status } = await serving(t);
    const reader = await read(t, status);
    running.tell('block 3000');
    await until('the stack', () => reader.events('turn').some(({ turn }) => turn !== null));
    await until('its end', () => {
      return (
        reader.events('turn').at(-1)?.turn === null &&
        reader.events('now').at(-1)?.now.state === 'beating'
      );
    });
    assert.ok(reader.events('now').at(-1).now.delay.maxMs >= 2500);
  });

  test('are for eight at a time, and for those who have the token', async (t) => {
    const { status } = await serving(t, { LOOPWATCH_SERVE_TOKEN: TOKEN });
    assert.equal((await read(t, status)).response.statusCode, 401);
    assert.equal((await read(t, status, 'wrong')).response.statusCode, 401);
    const readers: Reader[] = [];
    for (let one = 0; one < 8; one++) readers.push(await read(t, status, TOKEN));
    assert.ok(readers.every(({ response }) => response.statusCode === 200));
    assert.equal((await read(t, status, TOKEN)).response.statusCode, 503);
    const headers = { authorization: `Bearer ${TOKEN}` };
    assert.equal((await status.ask('/livez', { headers })).status, 200);
    readers[0]?.response.destroy();
    await until('room', async () => (await read(t, status, TOKEN)).response.statusCode === 200);
  });

  test('delay neither an end nor a stop', async (t) => {
    const { running, status } = await serving(t);
    const first = await read(t, status);
    running.tell('stop');
    await running.says('stdout', /^stopped$/m);
    await until('the end of the events', () => first.isOver);
    assert.equal((await running.endInput()).code, 0);

    const other = await serving(t);
    await read(t, other.status);
    assert.equal((await other.running.endInput()).code, 0);
  });
});

const skip = chromium === null && 'there is no chromium here';

async function opened(scope: Scope, { port }: StatusClient, more = ''): Promise<Page> {
  const browser = new Browser(chromium as string);
  scope.after(() => browser.close());
  const page = await browser.page({ width: 1000, height: 800 });
  await page.open(`http://127.0.0.1:${port}/${more}`);
  return page;
}

describe('the status page in a browser', { skip }, () => {
  test('shows the hang with its stack, and that the process has ended', async (t) => {
    const { running, status } = await serving(t);
    const page = await opened(t, status);
    await page.becomes('/turns/.test(document.querySelector("h1").innerText)');
    running.tell(`spin ${FOR_EVER}`);
    await page.becomes('/blocked for/.test(document.querySelector("h1").innerText)');
    await page.becomes('/spin/.test(document.querySelector("#turn ~ .flame").innerText)');
    assert.deepEqual(page.complaints, []);
    running.signal('SIGKILL');
    await page.becomes('/does not answer/.test(document.querySelector("h1").innerText)');
    assert.ok(await page.evaluate('document.querySelector(".tiles") !== null'), 'what was known');
  });

  test('asks for the token, and takes it from the address', async (t) => {
    const { status } = await serving(t, { LOOPWATCH_SERVE_TOKEN: TOKEN });
    const page = await opened(t, status);
    await page.becomes('/token/.test(document.querySelector("h1").innerText)');
    await page.evaluate('document.querySelector("#token").focus()');
    await page.ask('Input.insertText', { text: TOKEN });
    await page.press('Enter');
    await page.becomes('/turns/.test(document.querySelector("h1").innerText)');

    const other = await opened(t, status, `#token=${TOKEN}`);
    await other.becomes('/turns/.test(document.querySelector("h1").innerText)');
    assert.equal(await other.evaluate('location.href.includes("token")'), false);
  });
});
