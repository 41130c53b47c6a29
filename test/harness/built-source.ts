/** What loopwatch says of the program of builds.ts, whatever has built it: where its source is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Built, built } from './builds.js';
import { anyPort, cli, cliJson } from './cli.js';
import type { Scope } from './folder.js';
import { programPath, registerUrl } from './places.js';
import { byImport, unwatched } from './preload.js';
import { type LogLine, type Report, reportsIn } from './reports.js';
import { type Running, type RunOptions, start } from './run.js';
import { sentryReceiver } from './sentry-receiver.js';
import { SERVING, statusOf } from './status.js';
import { until } from './until.js';

const source = readFileSync(programPath('typescript/src/busy.ts'), 'utf8').split('\n');

/** The line of the source that blocks. */
const LINE = source.findIndex((text) => text.includes('// culprit')) + 1;

/** That line, and those around it that an event shows. */
export const contextOfCulprit = {
  before: source.slice(LINE - 6, LINE - 1),
  line: source[LINE - 1],
  after: source.slice(LINE, LINE + 5),
};

/** Several blocks: a machine that is busy may starve one of them. */
export const BLOCKS: readonly string[] = Array(3).fill('600');

/** For programs that are ended when they have reported: a machine that is very busy may starve many. */
export const MANY_BLOCKS: readonly string[] = Array(20).fill('600');

/** Projects that are built elsewhere find no package of that name. */
export const preload = byImport(registerUrl);

/** Longer than anybody asks for its stack. */
const STACK_MS = '20000';

export function startBuilt(scope: Scope, { args }: Built, options: RunOptions = {}): Running {
  return start(scope, [...args, ...MANY_BLOCKS], { preload, ...options, deadlineMs: 60_000 });
}

/** The first report of the program's own code: what loads it may be slow, too. */
export function firstReport(running: Running, { folder }: Built): Promise<Report> {
  const first = () =>
    reportsIn(running.stderr).find(({ block }) => block.culprit?.file?.startsWith(folder));
  return until('a report', first, { seen: () => running.shown() });
}

export function assertOriginal({ block, msg }: LogLine, folder: string): void {
  const { culprit, samples } = block ?? assert.fail();
  const busy = join(folder, 'src', 'busy.ts');
  assert.equal(culprit?.function, 'computeRows');
  assert.equal(culprit.file, busy);
  assert.equal(culprit.line, LINE);
  assert.match(msg, new RegExp(`in computeRows \\(src/busy.ts:${LINE}\\)`));
  const frames = samples.stacks[0]?.frames.slice(0, 3) ?? [];
  assert.deepEqual(
    frames.map(({ function: name, file, inApp }) => [name, file, inApp]),
    [
      ['computeRows', busy, true],
      ['renderReport', busy, true],
      ['renderAll', join(folder, 'src', 'app.ts'), true],
    ],
  );
}

/** The report of a block, Sentry's event, and what the status server has. */
export async function assertSourceInReport(scope: Scope, name: string): Promise<void> {
  const receiver = await sentryReceiver(scope);
  const app = await built(scope, name);
  const running = startBuilt(scope, app, {
    env: { ...SERVING, SENTRY_DSN: receiver.dsn },
  });
  const status = await statusOf(running);
  const report = await firstReport(running, app);
  assertOriginal(report, app.folder);
  const sent = () => receiver.arrivals.find(({ header }) => header.event_id === report.block.id);
  const { event } = await until('an event', sent);
  const frame = event.exception.values[0]?.stacktrace.frames.at(-1);
  assert.equal(frame?.context_line, contextOfCulprit.line);
  assert.deepEqual(frame?.pre_context, contextOfCulprit.before);
  assert.deepEqual(frame?.post_context, contextOfCulprit.after);
  const named = async () => (await status.ask('/blocks')).body.includes('"computeRows"');
  await until('the source in /blocks', named, { seen: () => running.shown() });
}

interface Frame {
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** The main thread's frames once the program computes. */
async function busyFrames(scope: Scope, running: Running, inFile: string): Promise<Frame[]> {
  return until(
    'its stack',
    async () => {
      const { threads } = await cliJson(scope, 'stack', String(running.pid));
      const frames: Frame[] = threads[0].frames;
      return frames.some(({ file }) => file?.endsWith(inFile)) && frames;
    },
    { seen: () => running.shown() },
  );
}

/** What `loopwatch stack` says of the program, which is not watched. */
export async function assertSourceInStack(scope: Scope, name: string): Promise<void> {
  const { folder, args } = await built(scope, name);
  const running = start(scope, [...anyPort, ...args, STACK_MS], { preload: unwatched });
  const busy = join(folder, 'src', 'busy.ts');
  const frames = await busyFrames(scope, running, 'busy.ts');
  const [found] = frames.filter(({ file }) => file === busy);
  assert.deepEqual([found?.function, found?.line], ['computeRows', LINE]);
  const { stdout } = await cli(scope, ['stack', String(running.pid)]);
  assert.match(stdout, new RegExp(`> ${LINE} \\| .*// culprit`));
  running.signal('SIGKILL');
}
