/** `loopwatch profile PID` and `heap PID`: a CPU profile or a heap snapshot of a process, watched or not. */
import { nowMs } from '../../shared/clock.js';
import { Destination, STDOUT } from '../captures/destination.js';
import { cpuProfileOf, heapSnapshotOf } from '../captures/take.js';
import { kernelView, kernelWords } from '../target/kernel.js';
import type { Thread } from '../target/target.js';
import { Unreachable, withTarget } from '../target/with-target.js';
import { formatDuration } from '../terminal/duration.js';
import { Exit, Unusable } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';

interface CaptureOptions {
  /** A file, or `-` for stdout. */
  readonly output?: string;
  readonly json?: boolean;
  /** ms */
  readonly timeout: number;
}

export interface ProfileOptions extends CaptureOptions {
  readonly seconds: number;
}

const MB = 2 ** 20;

/** What was captured, for people and for programs. */
interface Taken {
  readonly words: string;
  readonly facts: object;
}

type Capture = (thread: Thread, to: Destination, out: Output) => Promise<Taken>;

/** `shop-12288.cpuprofile` would need to know the shop: the number and the time are enough. */
function defaultFile(pid: number, ending: string): string {
  const now = new Date().toISOString().replaceAll(':', '-').replace(/\..*/, '');
  return `loopwatch-${pid}-${now}.${ending}`;
}

async function captured(pid: number, path: string, options: CaptureOptions, capture: Capture) {
  const out = new Output();
  const { timeout, json = false } = options;
  if (json && path === STDOUT) throw new Unusable('--json and -o - both want stdout');
  out.progress(`waiting for process ${pid}`);
  try {
    await withTarget(pid, timeout, async ({ target }) => {
      const to = new Destination(path);
      try {
        const { words, facts } = await capture(target.main, to, out);
        to.finish();
        const { file, bytes } = to;
        if (json) out.json({ pid, file, bytes, ...facts });
        else {
          const where = file === null ? 'stdout' : file;
          out.words(`process ${pid}: ${words}; written to ${where}`);
        }
      } finally {
        to.discard();
      }
    });
    return Exit.fine;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const kernel = await kernelView(pid);
    if (json) out.json({ pid, answered: false, kernel });
    const took = formatDuration(timeout);
    out.words(
      `process ${pid} did not answer for ${took}, nothing was written; ${kernelWords(kernel)}`,
    );
    return Exit.found;
  }
}

export function profile(pid: number, options: ProfileOptions): Promise<number> {
  const { timeout, seconds, output = defaultFile(pid, 'cpuprofile') } = options;
  return captured(pid, output, options, async (thread, to, out) => {
    const found = await cpuProfileOf(thread, seconds * 1000, timeout, (leftMs) => {
      const left = leftMs > 0 ? `${formatDuration(leftMs)} left` : 'waiting for the thread';
      out.progress(`profiling process ${pid}, ${left}`);
    });
    to.write(JSON.stringify(found));
    const samples = found.samples?.length ?? 0;
    return { words: `${samples} samples in ${seconds} s`, facts: { seconds, samples } };
  });
}

export function heap(pid: number, options: CaptureOptions): Promise<number> {
  const { timeout, output = defaultFile(pid, 'heapsnapshot') } = options;
  return captured(pid, output, options, async (thread, to, out) => {
    const startedMs = nowMs();
    const progress = (share: number) => {
      out.progress(`writing down the heap of process ${pid}, ${Math.round(100 * share)}%`);
    };
    await heapSnapshotOf(thread, timeout, (part) => to.write(part), progress);
    const tookMs = Math.round(nowMs() - startedMs);
    const words = `${(to.bytes / MB).toFixed(1)} MB of heap snapshot in ${formatDuration(tookMs)}`;
    return { words, facts: { tookMs } };
  });
}
