/**
 * The corpus: real programs that block, or do not, in every way that can be told apart, and the truth
 * about each. test/corpus*.test.ts run each once, `npm run accuracy` runs them many times.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { blockArguments } from './block.js';
import { pauseFor } from './devtools.js';
import { programPath } from './places.js';
import type { Running } from './run.js';
import type { Scenario, Truth } from './scenario.js';
import { until } from './until.js';

const BLOCK_MS = 400;
const DELAY_MS = 250;

/** How long what is no block lasts. */
const STILL_MS = 700;

/** How long a late beat may take to be explained, once it has come. */
const VERDICT_MS = 3000;

const javascript = { precisions: ['exact'], causes: ['javascript'] } as const;
const native = { precisions: ['caller'], causes: ['native'] } as const;
const syncIo = { precisions: ['caller'], causes: ['sync-io'] } as const;

/** A kind of the block program. */
function ofBlock(
  name: string,
  kind: NonNullable<Parameters<typeof blockArguments>[0]>['kind'] & string,
  truth: Omit<Truth, 'functions' | 'marker'> & Partial<Truth>,
  rest: Partial<Scenario> & { readonly settings?: Parameters<typeof blockArguments>[0] } = {},
): Scenario {
  const { settings, ...others } = rest;
  return {
    name,
    program: 'block.mjs',
    args: () => blockArguments({ kind, ms: BLOCK_MS, delay: DELAY_MS, ...settings }),
    block: { functions: [kind], callers: ['block'], marker: `culprit: ${kind}`, ...truth },
    ...others,
  };
}

/** A kind of corpus/computing.mjs. */
function computing(kind: string, functions: readonly string[] = [kind]): Scenario {
  return {
    name: kind,
    program: 'corpus/computing.mjs',
    args: () => [kind],
    variant: true,
    block: {
      ...{ functions, callers: ['block'], marker: `culprit: ${kind}`, invoker: 'timer' },
      ...javascript,
    },
  };
}

/** A kind of corpus/native.mjs. */
function nativeCall(
  kind: string,
  functions: readonly string[],
  rest: Partial<Truth> = {},
  how: Partial<Scenario> = {},
): Scenario {
  return {
    name: kind,
    program: 'corpus/native.mjs',
    args: (folder) => [kind, folder],
    block: { functions, marker: `culprit: ${kind}`, ...native, ...rest },
    ...how,
  };
}

/** A kind of corpus/quiet.mjs. */
function quiet(name: string, kind: string, how: Partial<Scenario> = {}): Scenario {
  return { name, program: 'corpus/quiet.mjs', args: () => [kind], sleeps: true, ...how };
}

/** Two requests at once, the one that waits first. */
async function requestBoth(running: Running): Promise<void> {
  const [, port] = await running.says('stdout', /^port (\d+)$/m);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { connection: 'close' },
    });
    await response.arrayBuffer();
  };
  const innocent = get('/innocent');
  await running.says('stdout', /^innocent$/m);
  await Promise.all([innocent, get('/guilty?with=secrets')]);
}

/** Waits for the reason of a late beat; when there is none, the judge will say so. */
async function explained(running: Running): Promise<void> {
  const look = () => running.isOver || /^unconfirmed /m.test(running.stdout);
  await until('an unconfirmed late beat', look, { deadlineMs: VERDICT_MS }).catch(() => {});
}

async function standStill(running: Running): Promise<void> {
  await running.says('stdout', /^ready$/m);
  running.signal('SIGSTOP');
  await sleep(STILL_MS);
  running.signal('SIGCONT');
  await explained(running);
}

async function pause(running: Running): Promise<void> {
  const [url] = await running.says('stderr', /ws:\/\/\S+/);
  await running.says('stdout', /^ready$/m);
  await pauseFor(url, STILL_MS);
  await explained(running);
}

/** A hang has to be reported while it lasts; then there is nothing to wait for. */
async function killHanging(running: Running): Promise<void> {
  await running.says('stderr', /^\{.*"kind":"hang".*\}$/m);
  running.signal('SIGKILL');
}

const blocks: readonly Scenario[] = [
  ofBlock('busy', 'busy', { ...javascript, invoker: 'timer' }, { variant: true }),
  computing('arithmetic'),
  computing('redos'),
  computing('sort', ['byScore', 'sort']),
  computing('recursion', ['fib', 'recursion']),
  computing('strings'),
  ofBlock('microtasks', 'microtasks', javascript, { variant: true }),
  ofBlock('ticks', 'ticks', { ...javascript, functions: ['again'] }, { variant: true }),
  nativeCall('parse-last', ['parseLast'], { precisions: ['caller', 'none'] }, { variant: true }),
  // What was parsed may be collected in the same turn, after the program has measured it.
  nativeCall('parse-then-more', ['parseThenMore'], { toleranceMs: 30 }, { variant: true }),
  // V8 looks for interrupts in it, from one object to the next.
  nativeCall(
    'stringify',
    ['stringify'],
    { precisions: ['exact', 'caller'], causes: ['native', 'javascript'] },
    { variant: true },
  ),
  ofBlock('pbkdf2', 'native', native, { variant: true }),
  nativeCall('scrypt', ['derive'], { callers: ['scrypt'] }, { variant: true }),
  // It is many calls, one after the other, and Node's code between them can be interrupted.
  nativeCall(
    'gzip',
    ['gzip'],
    { precisions: ['exact', 'caller'], causes: ['native', 'javascript'] },
    { variant: true },
  ),
  nativeCall('fifo', ['readSlowly'], syncIo, { sleeps: true }),
  nativeCall('exec', ['exec'], syncIo, { sleeps: true }),
  ofBlock('wait', 'wait', { precisions: ['exact'], causes: ['sync-io'] }, { sleeps: true }),
  {
    name: 'gc',
    program: 'corpus/garbage.mjs',
    flags: ['--max-semi-space-size=1'],
    // The collector's own threads.
    usesAllCpus: true,
    block: {
      ...{ functions: ['allocate'], callers: ['block'], marker: 'culprit: gc' },
      ...{ precisions: ['exact', 'caller'], causes: ['gc'] },
      // One more collection may follow in the same turn, after the program has measured it.
      toleranceMs: 60,
    },
  },
  {
    name: 'require',
    program: 'corpus/requires.mjs',
    args: (folder) => [folder],
    block: {
      ...{ functions: ['loadPlugin'], callers: ['block'], marker: 'culprit' },
      ...{ precisions: ['exact', 'caller'], causes: ['module-load'] },
    },
  },
  {
    name: 'interval',
    program: 'corpus/invoked.mjs',
    variant: true,
    args: () => ['interval'],
    block: {
      ...{ functions: ['spin'], callers: ['poll'], marker: 'culprit', invoker: 'timer' },
      ...javascript,
    },
  },
  {
    name: 'immediate',
    program: 'corpus/invoked.mjs',
    args: () => ['immediate'],
    variant: true,
    block: { functions: ['spin'], marker: 'culprit', invoker: 'immediate', ...javascript },
  },
  {
    name: 'dependency-listener',
    program: 'corpus/dependency.mjs',
    args: (folder) => ['listener', folder],
    block: {
      ...{ functions: ['placeOrder'], marker: 'culprit: listener', package: 'listener-lib' },
      ...{ precisions: ['exact', 'caller'], causes: ['javascript'], invoker: 'timer' },
    },
  },
  {
    name: 'dependency-timer',
    program: 'corpus/dependency.mjs',
    args: (folder) => ['timer', folder],
    variant: true,
    block: {
      ...{ functions: ['spin'], callers: ['flush'], marker: 'culprit: dependency' },
      ...{ file: 'corpus/deps/listener-lib/index.cjs', package: 'listener-lib', invoker: 'timer' },
      ...javascript,
    },
  },
  ...(['startup.cjs', 'startup.mjs'] as const).map(
    (file): Scenario => ({
      name: file.replace('.', '-'),
      program: `corpus/${file}`,
      env: { LOOPWATCH_STARTUP: 'report' },
      variant: file === 'startup.mjs',
      block: {
        ...{ functions: [null], marker: 'culprit', invoker: 'module', startup: true },
        ...{ precisions: ['exact'], causes: ['module-load', 'javascript'] },
        // Node's own start is part of the turn.
        toleranceMs: 200,
      },
    }),
  ),
  {
    name: 'worker',
    program: 'corpus/workers.mjs',
    block: {
      ...{ functions: ['paint'], callers: ['block'], marker: 'culprit', thread: 'painter' },
      ...javascript,
    },
  },
  {
    name: 'endless',
    program: 'corpus/unfinished.mjs',
    args: () => ['endless'],
    env: { LOOPWATCH_HANG_MS: '1000' },
    drive: killHanging,
    ends: { signal: 'SIGKILL' },
    block: {
      ...{ functions: ['spin'], callers: ['block'], marker: 'culprit', kind: 'hang' },
      ...javascript,
      durationMs: [1000, 2000],
    },
  },
  {
    name: 'killed',
    program: 'corpus/unfinished.mjs',
    args: () => ['killed'],
    variant: true,
    ends: { signal: 'SIGKILL' },
    block: {
      ...{ functions: ['spin'], callers: ['block'], marker: 'culprit', found: 'journal' },
      ...javascript,
      // It says how long it had lasted when it was last written.
      durationMs: [100, 400],
    },
  },
  ofBlock(
    'exit',
    'busy',
    { ...javascript, invoker: 'timer' },
    { settings: { end: 'exit', code: 3 }, ends: { code: 3 }, variant: true },
  ),
  ofBlock(
    'throw',
    'busy',
    { ...javascript, invoker: 'timer' },
    { settings: { end: 'throw' }, ends: { code: 1 }, variant: true },
  ),
  {
    name: 'requests',
    program: 'corpus/requests.mjs',
    drive: requestBoth,
    block: {
      ...{ functions: ['render'], callers: ['handle'], marker: 'culprit' },
      ...{ invoker: 'http-request', request: { path: '/guilty', delayed: 1 } },
      ...javascript,
    },
  },
  {
    name: 'cuts',
    program: 'corpus/cuts.mjs',
    block: {
      ...{ functions: ['cut'], callers: ['block'], marker: 'culprit', kind: 'cumulative' },
      ...javascript,
      // A window need not begin with the first of them.
      toleranceMs: 70,
    },
  },
];

const silence: readonly Scenario[] = [
  quiet('idle', 'idle'),
  quiet('turns', 'turns', { sleeps: false }),
  quiet('immediates', 'immediates', { sleeps: false, variant: true }),
  quiet('stopped', 'stays', { drive: standStill, reason: 'suspended' }),
  quiet('starved', 'turns', {
    sleeps: false,
    through: 'corpus/starving.mjs',
    usesAllCpus: true,
    only: ['starved'],
  }),
  quiet('debugger', 'stays', {
    flags: ['--inspect=127.0.0.1:0'],
    drive: pause,
    reason: 'debugger',
  }),
  quiet('unwatched-worker', 'worker', { sleeps: false }),
];

export const scenarios: readonly Scenario[] = [...blocks, ...silence];

/** The command line of a scenario, without what preloads loopwatch. */
export function commandLine({ program, args = () => [] }: Scenario, folder: string): string[] {
  return [programPath(program), ...args(folder)];
}
