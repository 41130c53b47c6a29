/**
 * A debugger works the same on a program that is watched, and a pause is no block.
 *
 * @machine quiet
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Unconfirmed } from 'loopwatch';
import { DevTools } from './harness/devtools.js';
import type { Scope } from './harness/folder.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { byImport, byNodeOptions, type Preload, unwatched } from './harness/preload.js';
import { reportsIn, separate } from './harness/reports.js';
import { type Ended, type Running, start } from './harness/run.js';

const PROGRAM = 'debugged.mjs';
const line = (marker: string) => markedLine(PROGRAM, `line: ${marker}`);

/** How long a person looks at something. */
const LOOK_MS = 450;

/** What both sides did, in words that are the same in any two runs. */
type Transcript = unknown[];

/** A client that writes down what it sees. */
class Session {
  readonly transcript: Transcript = [];
  readonly devTools: DevTools;
  readonly #running: Running;
  #callFrameId = '';

  constructor(devTools: DevTools, running: Running) {
    this.devTools = devTools;
    this.#running = running;
  }

  /** Sends something and writes down that it was answered. */
  // biome-ignore lint/suspicious/noExplicitAny: the protocol's own shapes
  async does(method: string, params?: object): Promise<any> {
    this.transcript.push(method);
    return this.devTools.send(method, params);
  }

  /** Waits for a stop, and writes down why and where. */
  async stops(): Promise<void> {
    const { params } = await this.devTools.event('Debugger.paused');
    const { reason, hitBreakpoints = [], callFrames } = params;
    this.#callFrameId = callFrames[0].callFrameId;
    const places = callFrames.map(
      ({ functionName, location }: { functionName: string; location: { lineNumber: number } }) =>
        // Lines of Node's own are none of ours.
        `${functionName}:${location.lineNumber + 1}`,
    );
    this.transcript.push({ reason, breakpoints: hitBreakpoints.length, places });
  }

  /** Steps, and waits for the stop. */
  async steps(method: string): Promise<void> {
    await this.does(method);
    await this.stops();
  }

  async goesOn(): Promise<void> {
    await this.does('Debugger.resume');
    await this.devTools.event('Debugger.resumed');
    this.transcript.push('resumed');
  }

  async value(expression: string, inFrame = true): Promise<void> {
    const how = { expression, returnByValue: true };
    const { result } = inFrame
      ? await this.does('Debugger.evaluateOnCallFrame', { callFrameId: this.#callFrameId, ...how })
      : await this.does('Runtime.evaluate', how);
    this.transcript.push({ [expression]: result.value });
  }

  async breaksAt(marker: string): Promise<string> {
    const { breakpointId, locations } = await this.does('Debugger.setBreakpointByUrl', {
      urlRegex: `.*${PROGRAM.replace('.', '\\.')}$`,
      lineNumber: line(marker) - 1,
    });
    this.transcript.push({ [marker]: locations.length });
    return breakpointId;
  }

  /** Has the program block; returns when it does. */
  async begins(name: string, ms: number): Promise<void> {
    await this.value(`void run('${name}', ${ms})`, false);
    await this.#running.says('stdout', new RegExp(`^${name} begins$`, 'm'));
  }

  async ends(name: string): Promise<void> {
    await this.#running.says('stdout', new RegExp(`^${name} ends$`, 'm'));
    this.transcript.push(`${name} ended`);
  }

  /** Scripts of the program's own, and every other event. */
  heard(): string[] {
    return this.devTools.events.flatMap(({ method, params }) => {
      if (method !== 'Debugger.scriptParsed') return [method];
      const url: string = params.url;
      const isOthers = url === '' || url.includes('loopwatch') || url.startsWith('node:');
      return isOthers ? [] : [`${method} ${url}`];
    });
  }
}

interface Debugged {
  readonly running: Running;
  readonly session: Session;
}

async function debugged(scope: Scope, preload: Preload, flag = '--inspect'): Promise<Debugged> {
  const running = start(scope, [programPath(PROGRAM)], {
    ...{ preload, flags: [`${flag}=127.0.0.1:0`], deadlineMs: 60_000 },
  });
  const [url] = await running.says('stderr', /ws:\/\/\S+/);
  if (flag === '--inspect') await running.says('stdout', /^ready$/m);
  return { running, session: new Session(await DevTools.attach(url), running) };
}

/** The program without the watch, and with it. */
function both(scope: Scope, preload = byImport(), flag?: string): Promise<[Debugged, Debugged]> {
  return Promise.all([debugged(scope, unwatched, flag), debugged(scope, preload, flag)]);
}

/** What a run wrote besides reports and the events of loopwatch, without what always differs. */
function said({ code, signal, stdout, stderr }: Ended): object {
  const same = (text: string) => text.replaceAll(/ws:\/\/127\.0\.0\.1:\d+\/\S+/g, 'ws://PORT');
  return {
    ...{ code, signal },
    stdout: stdout.replaceAll(/^unconfirmed .*\n/gm, ''),
    stderr: same(separate(stderr).rest),
  };
}

function unconfirmedOf({ stdout }: Ended): Unconfirmed[] {
  return [...stdout.matchAll(/^unconfirmed (.+)$/gm)].map(([, json]) => JSON.parse(json as string));
}

/** What may be reported: a function that blocks. */
const WORK = ['spin', 'grind', 'last'];

/** The functions that were reported, in order; a sentence for what should not have been. */
function culpritsOf(ended: Ended): string[] {
  return reportsIn(ended.stderr).map(({ msg, block: { culprit, kind } }) => {
    const name = culprit?.function ?? '';
    const isRight = kind === 'block' && WORK.includes(name) && culprit?.line === line(name);
    return isRight ? name : msg;
  });
}

async function script({ running, session }: Debugged): Promise<Ended> {
  const { devTools } = session;
  await session.does('Debugger.enable');

  // Three orders, looked at for long.
  const breakpointId = await session.breaksAt('order');
  for (const which of [1, 2, 3]) {
    await session.stops();
    // Before the program goes on: the next order is never far.
    if (which === 3) await session.does('Debugger.removeBreakpoint', { breakpointId });
    await session.steps('Debugger.stepOver');
    await session.value('item');
    await sleep(LOOK_MS);
    for (const __ of [1, 2, 3]) await session.steps('Debugger.stepOver');
    await session.value('[name, text]');
    await session.steps('Debugger.stepInto');
    await session.value('item');
    await sleep(LOOK_MS);
    await session.steps('Debugger.stepOver');
    await session.value('cents');
    await session.steps('Debugger.stepOut');
    await session.goesOn();
  }

  // In the middle of a block.
  await session.begins('spin', 1500);
  await sleep(200);
  await session.does('Debugger.pause');
  await session.stops();
  await session.value('ms');
  await sleep(LOOK_MS);
  await session.steps('Debugger.stepOver');
  await session.value('typeof end');
  await session.goesOn();
  await session.ends('spin');

  // A block that nobody looks at.
  await session.begins('grind', 600);
  await session.ends('grind');

  // And after it.
  const second = await session.breaksAt('call');
  await session.stops();
  await session.value('text');
  await session.does('Debugger.removeBreakpoint', { breakpointId: second });
  await session.goesOn();
  await session.value('6 * 7', false);
  await session.does('Profiler.enable');
  await session.does('Profiler.start');
  await session.begins('grind', 50);
  await session.ends('grind');
  const { profile } = await session.does('Profiler.stop');
  session.transcript.push(
    profile.nodes.some(
      (node: { callFrame: { functionName: string } }) => node.callFrame.functionName === 'grind',
    ),
  );
  await session.does('Profiler.disable');
  await session.does('Debugger.disable');
  session.transcript.push(session.heard());
  await devTools.close();
  return running.endInput();
}

/** Without what Node itself adds to a stack: `--import` changes how a main module is run. */
function ofTheProgram(transcript: Transcript): Transcript {
  const mine = /^(?:priced|order|spin|grind|last):/;
  return transcript.map((entry) => {
    const { places } = (entry ?? {}) as { places?: readonly string[] };
    return places === undefined
      ? entry
      : { ...(entry as object), places: places.filter((place) => mine.test(place)) };
  });
}

describe('a debugger', { concurrency: 4 }, () => {
  test('works before, during and after a block as it does unwatched', async (t) => {
    // One after the other: what computes must get a core to be a block.
    const plain = await debugged(t, unwatched);
    const plainEnd = await script(plain);
    const watched = await debugged(t, byImport());
    const watchedEnd = await script(watched);

    const { transcript } = plain.session;
    assert.deepEqual(ofTheProgram(watched.session.transcript), ofTheProgram(transcript));
    assert.deepEqual(said(watchedEnd), said(plainEnd));

    // The script did what it says.
    const stops = ofTheProgram(transcript).filter(
      (one) => (one as { places?: unknown }).places !== undefined,
    ) as { places: string[] }[];
    const tops = stops.map(({ places }) => places[0]?.split(':')[0]);
    const oneOrder = [...Array(5).fill('order'), 'priced', 'priced', 'order'];
    assert.deepEqual(tops, [...oneOrder, ...oneOrder, ...oneOrder, 'spin', 'spin', 'order']);
    assert.equal(stops[24]?.places[0], `spin:${line('spin')}`);

    // Nobody's pause is a block; what blocked while nobody looked is.
    assert.deepEqual(culpritsOf(watchedEnd), ['grind', 'last']);
    const paused = unconfirmedOf(watchedEnd).filter(
      ({ reason, durationMs }) => reason === 'debugger' && durationMs >= LOOK_MS,
    );
    // Three orders, and the block that was looked at.
    assert.equal(paused.length, 4, watchedEnd.stdout);
  });

  for (const [name, preload] of [
    ['--import', byImport()],
    ['NODE_OPTIONS with --require', byNodeOptions('--require')],
  ] as const) {
    test(`can start the program: --inspect-brk with ${name}`, async (t) => {
      const startUp = async ({ running, session }: Debugged): Promise<Ended> => {
        await session.does('Runtime.enable');
        await session.does('Debugger.enable');
        const id = await session.breaksAt('call');
        await sleep(LOOK_MS);
        assert.equal(running.stdout, '', 'it waits');
        await session.does('Runtime.runIfWaitingForDebugger');
        await session.stops();
        await sleep(LOOK_MS);
        await session.goesOn();
        await session.stops();
        await session.value('text');
        await session.does('Debugger.removeBreakpoint', { breakpointId: id });
        await session.goesOn();
        await running.says('stdout', /^ready$/m);
        await session.devTools.close();
        return running.endInput();
      };
      const [plain, watched] = await both(t, preload, '--inspect-brk');
      const [plainEnd, watchedEnd] = await Promise.all([startUp(plain), startUp(watched)]);
      assert.deepEqual(
        ofTheProgram(watched.session.transcript),
        ofTheProgram(plain.session.transcript),
      );
      assert.deepEqual(said(watchedEnd), said(plainEnd));
      assert.deepEqual(culpritsOf(watchedEnd), ['last']);
    });
  }

  test('that leaves while it has paused the program leaves it as it would unwatched', async (t) => {
    const leave = async ({ running, session }: Debugged): Promise<Ended> => {
      await session.does('Debugger.enable');
      await session.breaksAt('order');
      await session.stops();
      await sleep(LOOK_MS);
      await session.devTools.close();
      return running.endInput();
    };
    const [plain, watched] = await both(t);
    const [plainEnd, watchedEnd] = await Promise.all([leave(plain), leave(watched)]);
    assert.equal(plainEnd.code, 0);
    assert.deepEqual(said(watchedEnd), said(plainEnd));
    assert.deepEqual(culpritsOf(watchedEnd), ['last']);
  });

  test('that pauses the program often and briefly is not reported', async (t) => {
    const { running, session } = await debugged(t, byImport());
    await session.does('Debugger.enable');
    for (let left = 15; left > 0; left--) {
      await session.does('Debugger.pause');
      await session.stops();
      // From shorter than the threshold to longer than it.
      await sleep(left * 15);
      await session.goesOn();
    }
    await session.devTools.close();
    const ended = await running.endInput();
    assert.equal(ended.code, 0);
    assert.deepEqual(culpritsOf(ended), ['last']);
  });

  test('that stays attached until the end does not keep the program up', async (t) => {
    const stay = async ({ running, session }: Debugged): Promise<Ended> => {
      await session.does('Runtime.enable');
      const ending = running.endInput();
      await running.says('stderr', /Waiting for the debugger to disconnect/);
      await session.devTools.close();
      return ending;
    };
    const [plain, watched] = await both(t);
    const [plainEnd, watchedEnd] = await Promise.all([stay(plain), stay(watched)]);
    // Node says that, too, where the session ends before its server has closed: a race of its own.
    const alike = (ended: Ended) => {
      const stderr = ended.stderr.replace(/^Debugger ending on .*\nFor help, see: .*\n/m, '');
      return said({ ...ended, stderr });
    };
    assert.deepEqual(alike(watchedEnd), alike(plainEnd));
    assert.deepEqual(culpritsOf(watchedEnd), ['last']);
  });
});
