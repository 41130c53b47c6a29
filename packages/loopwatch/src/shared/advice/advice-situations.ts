/** What to do where no call is to blame: by cause, by what started the turn, by whose code it is. */

import { type Advised, NODE } from '../record/record.js';
import type { Advice } from './advice.js';
import { POOL, POOL_LINK } from './advice-pool.js';

/** A kind of block, in the order in which they are tried. */
interface Situation {
  readonly advice: Advice;
  /** Given the code of the culprit's line as well, where it could be read. */
  readonly applies: (record: Advised, code: string | null) => boolean;
  /** True where the cause says more than any call on the stack. */
  readonly decides?: boolean;
}

/** What runs the main module. */
const MAIN = /^node:internal\/(?:modules\/run_main|process\/execution|main\/)/;

function isStartup({ samples }: Advised): boolean {
  const runsMain = ({ file }: { readonly file: string | null }) => MAIN.test(file ?? '');
  return samples.stacks.some(({ frames }) => frames.some(runsMain));
}

const QUEUE = 'node:internal/process/task_queues';

/**
 * Whether ticks were made while ticks ran: seen in the code or on a stack, or by the queue being what
 * most samples met. A promise reaction that computes has the same outermost frame.
 */
function isTickFlood({ invoker, samples }: Advised, code: string | null): boolean {
  if (invoker !== 'next-tick') return false;
  const [heaviest] = samples.stacks;
  return (
    /\bnextTick\s*\(/.test(code ?? '') ||
    heaviest?.frames.every(({ file }) => file === QUEUE) === true ||
    samples.stacks.some(({ frames }) => frames[0]?.function === 'nextTick')
  );
}

const GIVE_WAY = `import { setImmediate as nextTurn } from 'node:timers/promises';

let turnStartedMs = performance.now();
for (const item of items) {
  await handle(item);
  if (performance.now() - turnStartedMs > 20) {
    await nextTurn(); // requests and timers have their turn here
    turnStartedMs = performance.now();
  }
}`;

function made(): readonly Situation[] {
  return [
    {
      decides: true,
      applies: ({ cause }) => cause === 'gc',
      advice: {
        id: 'garbage-collection',
        hint: 'Allocate less: stream instead of collecting, bound caches, and compare heap snapshots to find what grows.',
        title: 'Garbage collection took most of the time',
        text: 'The heap is so full, or fills so fast, that collecting it stops the program. Look for what holds on to memory: caches without a bound, arrays of everything, closures that live on. Two heap snapshots, some minutes apart, show what grows. A larger heap (--max-old-space-size) only helps where all of it is needed.',
        snippet: `import { writeHeapSnapshot } from 'node:v8';

// Blocks while it writes: on one instance, out of the traffic.
// Chrome DevTools shows the file (Memory, Load profile).
process.on('SIGUSR2', () => writeHeapSnapshot());`,
        links: [
          {
            title: 'Node.js: using heap snapshots',
            url: 'https://nodejs.org/en/learn/diagnostics/memory/using-heap-snapshot',
          },
        ],
      },
    },
    {
      decides: true,
      applies: (record) => record.cause === 'module-load' && isStartup(record),
      advice: {
        id: 'start-up',
        hint: 'Load and compute less before the server listens: bundle, import rarely used modules later, cache what is computed.',
        title: 'The start took long',
        text: 'Until the main module has been loaded nobody is served, and nobody waits. It is worth shortening where processes start often: serverless functions, command lines, rolling deployments. Bundling saves most of the time that many small modules take; module.enableCompileCache() (Node.js 22) saves compiling.',
        snippet: `import module from 'node:module';

module.enableCompileCache?.();
await import('./server.js');`,
        links: [
          {
            title: 'Node.js: module compile cache',
            url: 'https://nodejs.org/api/module.html#module-compile-cache',
          },
        ],
      },
    },
    {
      decides: true,
      applies: ({ cause }) => cause === 'module-load',
      advice: {
        id: 'late-loading',
        hint: 'Import the module at the start of the program, not while requests wait: loading it is synchronous.',
        title: 'A module was loaded while the program ran',
        text: 'require() reads, compiles and runs a module and all that it needs on the event loop, and so does most of an import(). The first request that needs it makes all others wait. Import it at the top of a module that is loaded before the server listens.',
        snippet: `// At the top, instead of require('./render') in the handler.
import { render } from './render.js';

// Where it has to be optional: before the server listens.
const sharp = process.env.IMAGES === '1' ? await import('sharp') : null;
server.listen(3000);`,
        links: [
          { title: 'Node.js: require()', url: 'https://nodejs.org/api/modules.html#requireid' },
        ],
      },
    },
    {
      applies: ({ culprit }) => culprit?.package != null,
      advice: {
        id: 'dependency',
        hint: 'The package PACKAGE was busy: give it less to do, look for an asynchronous method or an update, or run it in a worker.',
        title: 'The package PACKAGE was busy',
        text: 'PACKAGE blocked the event loop while your code had called it. See how large its input is, and whether it has an asynchronous form, an option that does less, or a newer version. What stays slow belongs into a worker thread.',
        snippet: POOL,
        links: [POOL_LINK],
      },
    },
    {
      applies: isTickFlood,
      advice: {
        id: 'next-tick-flood',
        hint: 'Use setImmediate instead of process.nextTick for work in pieces: ticks all run before the loop goes on.',
        title: 'Callbacks of process.nextTick kept the loop waiting',
        text: 'The loop goes on only when the queue of ticks is empty. A callback that calls process.nextTick again keeps it from ever getting so far. setImmediate calls back in the next turn.',
        snippet: `function step() {
  work();
  if (isMore()) setImmediate(step); // instead of process.nextTick(step)
}`,
        links: [
          {
            title: 'Node.js: process.nextTick',
            url: 'https://nodejs.org/api/process.html#when-to-use-queuemicrotask-vs-processnexttick',
          },
        ],
      },
    },
    {
      applies: ({ cause, culprit, invoker }, code) =>
        cause === 'javascript' &&
        (culprit?.function === NODE ||
          ((invoker === 'microtask' || invoker === 'unknown') &&
            /\bawait\b|\bqueueMicrotask\b/.test(code ?? ''))),
      advice: {
        id: 'microtask-flood',
        hint: 'Let the loop turn between many short callbacks: await setImmediate from node:timers/promises every 20 ms or so.',
        title: 'Very many short callbacks ran in one turn',
        text: 'No function ran for long, and still the loop did not turn: promise reactions, such as an await in a loop whose promises are settled already, all run before it goes on. Give way now and then.',
        snippet: GIVE_WAY,
        links: [
          {
            title: "Node.js: don't block the event loop",
            url: 'https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop',
          },
        ],
      },
    },
    {
      applies: ({ cause }) => cause === 'sync-io',
      advice: {
        id: 'sync-io',
        hint: 'A synchronous call waited in the system: use the asynchronous form of what this line calls.',
        title: 'A synchronous call waited in the system',
        text: 'The thread slept: it waited for a disk, a pipe, a lock or another process, and so did everyone else. Functions whose names end in Sync do that, and native addons. Their asynchronous forms wait while the loop turns.',
        snippet: `import { readFile } from 'node:fs/promises';

const text = await readFile(file, 'utf8'); // instead of readFileSync`,
        links: [
          {
            title: 'Node.js: blocking and non-blocking',
            url: 'https://nodejs.org/en/learn/asynchronous-work/overview-of-blocking-vs-non-blocking',
          },
        ],
      },
    },
    {
      applies: ({ cause, culprit }) =>
        cause === 'native' ||
        (cause === 'unknown' && culprit !== null && culprit.precision !== 'none'),
      advice: {
        id: 'native-call',
        hint: 'A native call at or before this line did not give way: use its asynchronous form, less data, or a worker thread.',
        title: 'A native call computed without giving way',
        text: 'Something in this function, at or before this line, called native code that can not be interrupted: JSON, cryptography, compression, cloning, an addon. Look for its asynchronous form, give it less at a time, or call it in a worker thread.',
        snippet: POOL,
        links: [POOL_LINK],
      },
    },
    {
      applies: ({ cause }) => cause === 'javascript',
      advice: {
        id: 'computing',
        hint: 'Move the computation to a worker thread (piscina), or do it in pieces with setImmediate between them.',
        title: 'JavaScript computed without giving way',
        text: 'While this function computes, no request, timer or answer has its turn; an await of something that is there already does not change that. Do less of it: an index instead of a search in a loop, a cache, pages. What has to be computed belongs into a worker thread, or in pieces with await setImmediate() of node:timers/promises between them.',
        snippet: POOL,
        links: [
          POOL_LINK,
          {
            title: "Node.js: don't block the event loop",
            url: 'https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop',
          },
        ],
      },
    },
  ];
}

let table: readonly Situation[] | undefined;

/** The table, made when first asked for: the preload of most programs never needs it. */
export function situations(): readonly Situation[] {
  table ??= made();
  return table;
}
