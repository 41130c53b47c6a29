/** The thread that reads source maps: started when there is one to read, gone when there are no more. */
import type { Piscina } from 'piscina';
import type { SymbolicationFailure } from '../../shared/memory/symbolication-failures.js';
import type { Answer, Question } from './map/question.js';

/** How long one script may take, in ms. A map of 20 MB takes one second on a slow machine. */
const ANSWER_MS = 5000;

/** Questions that wait. A report has one for each script, most have one or two. */
const MOST_WAITING = 32;

/**
 * How long an idle thread stays, in ms. It holds the decoded maps; reports of an incident come within
 * seconds of each other.
 */
const IDLE_MS = 30_000;

/** A map that needs more takes down the pool's thread and not the process. */
const HEAP_LIMIT_MB = 768;

/** Give way to the watchdog and to the program, where the system has priorities for threads. */
const NICE = 10;

function failed(failure: SymbolicationFailure): Answer {
  return { failure, places: [] };
}

/** Owns the pool. */
export class MapPool {
  readonly #entry: URL;
  #piscina: Promise<Piscina> | undefined;

  /** @param entry the file that the pool's thread runs */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** Never rejects. */
  async ask(question: Question): Promise<Answer> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      this.#piscina ??= this.#open();
      const piscina = await this.#piscina;
      if (piscina.queueSize >= MOST_WAITING) return failed('busy');
      return (await piscina.run(question, { signal })) as Answer;
    } catch {
      return failed(signal.aborted ? 'timeout' : 'failed');
    }
  }

  async #open(): Promise<Piscina> {
    const { Piscina } = await import('piscina');
    const piscina = new Piscina({
      filename: this.#entry.href,
      minThreads: 0,
      // One: a second would read the same map again, and take another core from the program.
      maxThreads: 1,
      maxQueue: MOST_WAITING,
      idleTimeout: IDLE_MS,
      niceIncrement: NICE,
      // It would sit in a wait that only a message ends.
      atomics: 'disabled',
      recordTiming: false,
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
    });
    // The question that it was about is answered by a rejection.
    piscina.on('error', () => {});
    return piscina;
  }
}
