/** `loopwatch stack PID`: what a process does right now. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../shared/clock.js';
import { sampleFor } from '../stack/sampling.js';
import { flameText, stacksText } from '../stack/show.js';
import { SourceMaps } from '../stack/source-maps.js';
import { takeAll } from '../stack/take.js';
import { type KernelView, kernelView, kernelWords } from '../target/kernel.js';
import { Unreachable, type Visit, withTarget } from '../target/with-target.js';
import { formatDuration } from '../terminal/duration.js';
import { Exit } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';

export interface StackOptions {
  readonly json?: boolean;
  /** ms between two looks; true is the default. */
  readonly watch?: number | true;
  /** ms of sampling. */
  readonly for?: number;
  /** ms */
  readonly timeout: number;
}

const WATCH_EVERY_MS = 2000;

/** @param kernel what it did before anyone disturbed it, which is all there is of a native call */
async function once(
  visit: Visit,
  askedMs: number,
  kernel: Promise<KernelView>,
  { json = false, timeout }: StackOptions,
  maps: SourceMaps,
  out: Output,
): Promise<void> {
  const threads = await takeAll(visit.target, askedMs, timeout, maps);
  const taken = { ...threads, kernel: await kernel };
  if (json) out.json(taken);
  else out.result(stacksText(taken, maps, out));
}

async function sampled(
  { target }: Visit,
  ms: number,
  { json = false, timeout }: StackOptions,
  maps: SourceMaps,
  out: Output,
): Promise<void> {
  const flames = await sampleFor(target, ms, timeout, maps, (leftMs) => {
    out.progress(`sampling, ${formatDuration(Math.max(0, leftMs))} left`);
  });
  if (!json) {
    out.result(flames.map((flame) => flameText(flame, out)).join('\n\n'));
    return;
  }
  const threads = flames.map((flame) => {
    const { thread, samples, idleMs, root } = flame;
    return { thread, samples, ms: root.ms, idleMs, stacks: flame.folded() };
  });
  out.json({ pid: target.facts.pid, threads });
}

/** Shows what was asked for until it is over, which with `--watch` a signal decides. */
async function show(
  visit: Visit,
  before: Promise<KernelView>,
  options: StackOptions,
  out: Output,
): Promise<void> {
  const { json = false, watch } = options;
  const { pid } = visit.target.facts;
  const maps = new SourceMaps();
  for (let first = true; ; first = false) {
    if (options.for !== undefined) await sampled(visit, options.for, options, maps, out);
    else if (first) await once(visit, visit.askedMs, before, options, maps, out);
    else await once(visit, nowMs(), kernelView(pid), options, maps, out);
    if (watch === undefined) return;
    await sleep(watch === true ? WATCH_EVERY_MS : watch);
    if (!json) out.result('');
  }
}

/** What can be said of a process that let nobody in. */
function outside(pid: number, opened: boolean, kernel: KernelView, timeoutMs: number) {
  const did = opened ? 'answered nothing' : 'opened no inspector';
  const why = `process ${pid} ${did} for ${formatDuration(timeoutMs)}: its main thread is in a native call (execSync, a large JSON.parse, an addon), or it handles SIGUSR1 itself; ${kernelWords(kernel)}`;
  return { pid, answered: false, kernel, why };
}

export async function stack(pid: number, options: StackOptions): Promise<number> {
  const out = new Output();
  const { timeout } = options;
  const startedMs = nowMs();
  const waiting = setInterval(() => {
    out.progress(`waiting for process ${pid}, ${formatDuration(nowMs() - startedMs)}`);
  }, 500);
  const before = kernelView(pid);
  try {
    await withTarget(pid, timeout, (visit) => {
      clearInterval(waiting);
      return show(visit, before, options, out);
    });
    return Exit.fine;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const found = outside(pid, error.opened, await kernelView(pid), timeout);
    if (options.json) out.json(found);
    else out.words(found.why);
    out.words(
      'its inspector is closed as soon as it can be, by a process that stays behind for that',
    );
    return Exit.found;
  } finally {
    clearInterval(waiting);
  }
}
