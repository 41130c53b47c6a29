/** What the evidence says of a turn, for whoever judges it. */
import type { Scheduling } from './kernel/scheduling.js';
import type { ThreadWitness } from './kernel/thread-state.js';

/** What is known about a turn besides its beats. */
export interface Witness {
  /** Captures of the blocked stack, and how many of them met a process that was exiting. */
  readonly samples: number;
  readonly exitingSamples: number;
  /** Whether any of them shows code that is not Node's own. */
  readonly showsProgram: boolean;
  /** Whether a debugger had paused the thread. */
  readonly debugged: boolean;
  /** Whether it is a worker, whose sleep may be its way to wait for work. */
  readonly onWorker: boolean;
  /** Whether the threads of the machine mostly waited for a CPU meanwhile. */
  readonly contended: boolean;
  /** What the scheduler says, where it does; else null. */
  readonly scheduling: Scheduling | null;
  /** What the thread did while it was suspected, where the system says; else null. */
  readonly thread: ThreadWitness | null;
}
