/**
 * Calls pause() and watch() in several ways, one after the other: `node scopes.mjs <kind>...`. For each
 * kind that blocks it prints `<kind> <as JSON: from, to: when it ran; counts: the late beats so far that
 * were no blocks>`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pause, unconfirmed, watch } from 'loopwatch';
import { up } from './lib/watchdog-up.cjs';

/** Until what it does begins; the watchdog is waited for besides. */
const START_MS = 600;
const DELAY_MS = 250;

/** How long verdicts may take to come from the watchdog. */
const VERDICT_MS = 500;

const cell = new Int32Array(new SharedArrayBuffer(4));

/** What it blocks with takes no CPU, so that no busy machine can change what it is. */
function hold(ms) {
  Atomics.wait(cell, 0, 0, ms);
}

/** Must never be reported. */
function excused(ms) {
  hold(ms); // culprit: excused
}

/** Must be reported. */
function guilty(ms) {
  hold(ms); // culprit: guilty
}

/** Something like a promise. */
function thenable(then) {
  return Object.fromEntries([['then', then]]);
}

/** What a call came to: what it returned, or threw. */
async function outcomeOf(fn) {
  try {
    return { returned: await fn() };
  } catch ({ message, code }) {
    return { message, code };
  }
}

async function afterwards(ms) {
  await sleep(DELAY_MS);
  guilty(ms);
}

/** Late beats in pauses, each in a turn of its own. */
const pauses = {
  sync: () => pause(() => excused(300)),
  async: () =>
    pause(async () => {
      excused(300);
      await sleep(DELAY_MS);
      excused(300);
      await sleep(DELAY_MS);
    }),
  // The inner one's end is not the outer one's.
  nested: () =>
    pause(async () => {
      pause(() => excused(200));
      excused(200);
      await sleep(DELAY_MS);
      excused(300);
    }),
  throws: () =>
    pause(() => {
      excused(300);
      throw new Error('thrown');
    }),
  rejects: () =>
    pause(async () => {
      await sleep(50);
      excused(300);
      throw new Error('rejected');
    }),
  // Whoever blocks meanwhile is excused.
  meanwhile: () => {
    setTimeout(excused, DELAY_MS, 300);
    return pause(() => sleep(2 * DELAY_MS));
  },
};

const scopes = {
  strict: async () => {
    for (const _ of [1, 2, 3, 4]) {
      excused(70);
      await sleep(DELAY_MS);
      watch(() => guilty(70), { thresholdMs: 50, name: 'checkout' });
      await sleep(DELAY_MS);
    }
  },
  'named-by-function': () =>
    watch(
      function renderCart() {
        guilty(300);
      },
      { thresholdMs: 200 },
    ),
  anonymous: () => watch(() => guilty(300), { thresholdMs: 200 }),
  loose: () => watch(() => excused(300), { thresholdMs: 1000, name: 'export' }),
  'too-long': () => watch(() => guilty(1300), { thresholdMs: 1000, name: 'export' }),
  'loose-in-strict': () =>
    watch(() => watch(() => excused(300), { thresholdMs: 1000, name: 'inner' }), {
      ...{ thresholdMs: 60, name: 'outer' },
    }),
  'strict-in-loose': () =>
    watch(() => watch(() => guilty(300), { thresholdMs: 150, name: 'inner' }), {
      ...{ thresholdMs: 1000, name: 'outer' },
    }),
  'after-inner': () =>
    watch(
      async () => {
        await watch(() => sleep(50), { thresholdMs: 60, name: 'inner' });
        await sleep(50);
        excused(300);
        await sleep(DELAY_MS);
      },
      { thresholdMs: 1000, name: 'outer' },
    ),
  continuation: () =>
    watch(
      async () => {
        await sleep(50);
        await null;
        excused(300);
        await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
        excused(300);
        await sleep(DELAY_MS);
      },
      { thresholdMs: 1000 },
    ),
  'outside-of-loose': () => {
    setTimeout(guilty, DELAY_MS, 300);
    return watch(() => sleep(3 * DELAY_MS), { thresholdMs: 1000 });
  },
  'outside-of-strict': () => {
    setTimeout(excused, DELAY_MS, 80);
    return watch(() => sleep(3 * DELAY_MS), { thresholdMs: 40 });
  },
  // It is over when its function is, though its context goes on.
  'left-behind': async () => {
    await watch(
      async () => {
        setTimeout(guilty, 2 * DELAY_MS, 300);
      },
      { thresholdMs: 1000 },
    );
    await sleep(4 * DELAY_MS);
  },
  native: async () => {
    const { pbkdf2Sync } = await import('node:crypto');
    const tried = 30_000;
    const started = performance.now();
    // On a busy machine even these few may be a block themselves.
    pause(() => pbkdf2Sync('password', 'salt', tried, 64, 'sha512'));
    const rounds = Math.ceil((tried * 300) / (performance.now() - started));
    await sleep(DELAY_MS);
    setTimeout(
      () =>
        watch(() => pbkdf2Sync('password', 'salt', rounds, 64, 'sha512'), { thresholdMs: 2000 }),
      DELAY_MS,
    );
    await sleep(4 * DELAY_MS);
  },
};

async function counted(kinds) {
  await up(START_MS);
  for (const kind of kinds) {
    const from = Date.now();
    // A block begins with its turn, which is to be one of this kind.
    await sleep(DELAY_MS);
    await outcomeOf(blocking[kind]);
    await sleep(VERDICT_MS);
    console.log(kind, JSON.stringify({ from, to: Date.now(), counts: unconfirmed() }));
  }
}

/** The same whether it is watched or not. */
async function values() {
  const loose = { thresholdMs: 1000 };
  const wrap = { pause, watch: (fn) => watch(fn, loose) };
  for (const [name, call] of Object.entries(wrap)) {
    const said = {
      value: await outcomeOf(() => call(() => 7)),
      isSync: call(() => 7) === 7,
      nothing: call(() => {}) === undefined,
      promise: await outcomeOf(() => call(async () => (await null) ?? 'late')),
      isPromise: call(async () => {}) instanceof Promise,
      thenable: await outcomeOf(() => call(() => thenable((done) => done('thenable')))),
      throws: await outcomeOf(() =>
        call(() => {
          throw new Error('thrown');
        }),
      ),
      rejects: await outcomeOf(() => call(() => Promise.reject(new Error('rejected')))),
      nested: call(() => call(() => call(() => 'deep'))),
      arguments: call((...args) => args.length),
    };
    console.log(name, JSON.stringify(said));
  }
}

async function refused() {
  let ran = 0;
  const run = () => ran++;
  const calls = [
    () => pause(),
    () => pause('run'),
    () => watch(null, { thresholdMs: 100 }),
    () => watch(run),
    () => watch(run, null),
    () => watch(run, {}),
    () => watch(run, { thresholdMs: '100' }),
    () => watch(run, { thresholdMs: 39 }),
    () => watch(run, { thresholdMs: Number.NaN }),
    () => watch(run, { thresholdMs: 2 ** 31 }),
    () => watch(run, { thresholdMs: 100, name: 7 }),
  ];
  for (const call of calls) console.log(JSON.stringify(await outcomeOf(async () => call())));
  console.log(`ran ${ran} times`);
}

const fail = async () => {
  await null;
  throw new Error('nobody handles it');
};

const others = {
  values,
  refused,
  'unhandled-plain': () => void fail(),
  'unhandled-pause': () => void pause(fail),
  'unhandled-watch': () => void watch(fail, { thresholdMs: 1000 }),
  'uncaught-plain': () => {
    throw new Error('nobody catches it');
  },
  'uncaught-pause': () => pause(others['uncaught-plain']),
  'uncaught-watch': () => watch(others['uncaught-plain'], { thresholdMs: 1000 }),
  'hangs-then-pauses': async () => {
    await sleep(DELAY_MS);
    excused(800);
    pause(() => excused(2500));
  },
  // A thenable that is broken must not leave a pause on for ever.
  'broken-thenable': async () => {
    for (const broken of [
      () => Object.defineProperty({}, 'then', { get: () => JSON.parse('{') }),
      () => thenable(() => JSON.parse('{')),
    ]) {
      await outcomeOf(async () => pause(broken));
      await outcomeOf(async () => watch(broken, { thresholdMs: 1000 }));
    }
    await afterwards(300);
    await sleep(VERDICT_MS);
  },
};

/** Each pause, and a block after it. */
const pausesAndThen = Object.fromEntries(
  Object.entries(pauses).map(([kind, run]) => [
    kind,
    async () => {
      await outcomeOf(run);
      await afterwards(300);
    },
  ]),
);

const blocking = {
  ...pausesAndThen,
  alone: pauses.sync,
  ...scopes,
  beside() {
    pause(() => excused(200));
    guilty(300);
  },
};

const kinds = process.argv.slice(2);
if (Object.hasOwn(others, kinds[0])) await others[kinds[0]]();
else await counted(kinds);
