/**
 * The test gate: measures the bodies of tests, and says of each whether it blocked the loop. One of
 * it a process; the runners' adapters only hand it the bodies.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as timers from 'node:timers';
import { type GatePort, gatePort } from '../main/api.js';
import { onSettled, thenOf } from '../main/host/settled.js';
import { adopted } from './lazy-result.js';
import { BlockedError } from './report/blocked-error.js';
import { failureText } from './report/failure-text.js';
import { FileFailures, type LateAnswer } from './report/file-failures.js';
import { type Culpable, Ledger } from './report/ledger.js';
import { outcomeOf } from './report/test-outcome.js';
import { followAnswers } from './server/server-answers.js';
import { Hooks } from './verdict/hooks.js';
import { type Finding, judge } from './verdict/judge.js';
import { Run } from './verdict/run.js';
import type { GateSettings } from './verdict/settings.js';
import { type Ending, settle } from './verdict/settle.js';
import { Agreements, type Terms } from './verdict/terms.js';
import { NO_WATCHDOG, Watch } from './verdict/watch.js';

// Fake timers replace these.
const { setImmediate } = timers;

/** A test as its runner names it. */
export interface TestName {
  readonly file: string | null;
  /** Its suites, outermost first, and its name. */
  readonly path: readonly string[];
  /** The suites themselves, for limits that were set in them. */
  readonly suites?: readonly object[];
  /** Whether its runner is content when it fails: then its file fails with what it has blocked. */
  readonly isToFail?: boolean;
}

const NOT_REACHED = 'their runner did not let them through the gate';

export class Gate {
  readonly #settings: GateSettings;
  readonly #ledger: Ledger;
  readonly #failures: FileFailures;
  readonly #store = new AsyncLocalStorage<Run>();
  readonly #agreed = new Agreements();
  readonly #watch = new Watch();
  readonly #hooks = new Hooks();
  /** Answers to requests of tests that are over. */
  #late: LateAnswer[] = [];
  #runs: Run[] = [];
  #runner = '';
  #isOpen = false;
  #deathsBefore = 0;
  #expected = 0;
  #runCount = 0;
  /** The suite whose body is running, where the runner says. */
  currentSuite: () => object | null = () => null;

  constructor(settings: GateSettings) {
    this.#settings = settings;
    this.#ledger = new Ledger(settings);
    this.#failures = new FileFailures(this.#ledger);
  }

  get isOn(): boolean {
    return this.#settings.thresholdMs > 0;
  }

  /**
   * Begins a file of tests. The first one starts the watch, and proves by a block of its own that it
   * sees one.
   *
   * @param runner whose tests they are
   * @throws Error (rejects) when the watchdog does not answer, for then no test would mean anything
   */
  async begin(runner: string): Promise<void> {
    if (!this.isOn) return;
    if (this.#runner === '') {
      followAnswers(
        () => this.#store.getStore(),
        (run, answer) =>
          run.isJudged ? this.#late.push({ run, answer }) : run.answers.push(answer),
      );
    }
    this.#runner = runner;
    // A hook that fails keeps some runners from telling that a file has ended.
    this.#forgetTests();
    this.#open();
    const problem = await this.#watch.begin(this.#settings);
    this.#watch.forget();
    this.#deathsBefore = gatePort()?.deaths() ?? 0;
    if (problem === null) return;
    this.#isOpen = false;
    this.#ledger.end(problem);
    throw new Error(`loopwatch: the tests can't be measured: ${problem}`);
  }

  #open(): void {
    this.#ledger.begin(this.#runner);
    this.#isOpen = true;
  }

  /**
   * Runs the body of a test. What it returns is what the body returns, or, when its time is longer
   * than its limit, a promise of that; it rejects with a {@link BlockedError} when the loop was blocked,
   * unless its runner would be content with that.
   */
  guard<T>(test: TestName, body: () => T): T | Promise<Awaited<T>> {
    const own = gatePort();
    if (!this.isOn) return body();
    const run = this.#begin(test, own);
    const inside = () => this.#store.run(run, () => adopted(body()));
    let result: T | Promise<Awaited<T>>;
    try {
      result = onSettled(
        () => (own === null ? inside() : own.follow(inside, run.watched)),
        () => run.end(),
      );
    } catch (error) {
      return this.#afterFailure(run, own, error);
    }
    if (thenOf(result) !== null) {
      return Promise.resolve(result).then(
        async (value) => {
          await this.#conclude(run, own);
          return value;
        },
        (error: unknown) => this.#afterFailure(run, own, error),
      ) as Promise<Awaited<T>>;
    }
    const concluded = this.#conclude(run, own);
    return concluded === undefined ? result : concluded.then(() => result as Awaited<T>);
  }

  /** Runs a hook: neither it nor what it asks of servers is any test's. */
  hook<T>(fn: () => T): T {
    const own = gatePort();
    if (!this.isOn || own === null) return fn();
    const outside = () => this.#store.exit(fn);
    return this.#hooks.run(outside, own, this.#settings.thresholdMs);
  }

  #findings(): Finding[] {
    return this.#hooks.without(this.#watch.findings);
  }

  /** Its own error is what a test fails with; the block is in the report. */
  #afterFailure(run: Run, own: GatePort | null, error: unknown): never | Promise<never> {
    const concluded = this.#conclude(run, own);
    if (concluded === undefined) throw error;
    return concluded.then(
      () => {
        throw error;
      },
      () => {
        throw error;
      },
    );
  }

  /** Says of a test that it is not measured. */
  skip({ file, path }: TestName, reason: string): void {
    const run = {
      name: path.join(' > '),
      file,
      limitMs: this.#settings.thresholdMs,
      allowed: null,
    };
    this.#ledger.add(run, { verdict: 'unmeasured', reason, fails: false });
  }

  /** Says that a test is about to begin, whose body must come to {@link guard}. */
  expectTest(): void {
    this.#expected++;
  }

  #begin({ file, path, suites = [], isToFail = false }: TestName, own: GatePort | null): Run {
    const terms = this.#agreed.of(suites);
    if (!this.#isOpen) this.#open();
    own?.edge();
    const name = path.join(' > ');
    const run = new Run({
      ...{ scope: `test ${++this.#runCount}: ${name}`, name, file, isToFail },
      parent: this.#store.getStore() ?? null,
      limitMs: terms.limitMs ?? this.#settings.thresholdMs,
      allowed: terms.allowed ?? null,
      deaths: own?.deaths() ?? 0,
    });
    this.#runs.push(run);
    return run;
  }

  /** The verdict; at once, without a promise, where the body was shorter than any block of it may be. */
  #conclude(run: Run, own: GatePort | null): Promise<void> | undefined {
    if (run.isShort) {
      run.isJudged = true;
      this.#ledger.add(run, { verdict: 'clean' });
      return undefined;
    }
    return this.#settled(run, own);
  }

  async #settled(run: Run, own: GatePort | null): Promise<void> {
    const ending: Ending = own === null ? 'gone' : await settle(own, own.edge());
    run.isJudged = true;
    const isUnwatched = own === null || ending === 'gone' || own.deaths() > run.deaths;
    const outcome = outcomeOf(run, judge(run, this.#findings(), this.#runs), isUnwatched);
    if (outcome.verdict === 'blocked') {
      this.#fail(run, outcome.blocks);
      return;
    }
    this.#ledger.add(run, outcome);
    if (outcome.verdict === 'unmeasured' && outcome.fails) {
      throw new Error(`loopwatch: this test is unmeasured: ${outcome.reason}`);
    }
  }

  /** @throws BlockedError unless all of them are known, or allowed, or its file fails instead */
  #fail(run: Run, blocks: readonly Culpable[]): void {
    const at = this.#ledger.add(run, { verdict: 'blocked', blocks });
    const block = at === null ? undefined : blocks[at];
    if (block === undefined) return;
    if (run.isToFail) {
      // Nobody waits any more for what outlives its file; the next one is not to blame.
      if (this.#runs.includes(run)) this.#failures.addOf(run, block);
      return;
    }
    const record = 'record' in block ? block.record : null;
    throw new BlockedError(failureText('this test', block, run.limitMs), record);
  }

  /** Whether there are tests whose file has not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * The end of a file of tests: what no test fails with, and what there is to say of all. It is
   * none when more tests begin meanwhile.
   *
   * @returns what the file fails with, or null
   */
  async endFile(): Promise<Error | null> {
    if (!this.isOn || !this.#isOpen) return null;
    const own = gatePort();
    const known = this.#runCount;
    // Nothing that a test left behind in its last moments is to be missed.
    await new Promise((resolve) => setImmediate(resolve));
    const ending: Ending = own === null ? 'gone' : await settle(own, own.edge());
    if (this.#runCount > known) return null;
    const isDead = own === null || ending === 'gone' || own.deaths() > this.#deathsBefore;
    const { limitMs = this.#settings.thresholdMs, allowed = null } = this.#agreed.ofFile;
    const [findings, runs, late] = [this.#findings(), this.#runs, this.#late];
    this.#failures.addLeft({ findings, runs, late, limitMs, allowed });
    let problem: string | null = null;
    if (isDead) problem = `${NO_WATCHDOG}, or was not all the time`;
    else if (this.#expected > 0 && this.#runs.length === 0) problem = NOT_REACHED;
    this.#ledger.end(problem);
    const error = this.#failures.take(problem);
    this.#isOpen = false;
    this.#expected = 0;
    this.#agreed.endFile();
    this.#forgetTests();
    return error;
  }

  /** What the file fails with that is known by now: its process ends before {@link endFile}. */
  endEarly(): Error | null {
    return this.#failures.take(null);
  }

  #forgetTests(): void {
    this.#runs = [];
    this.#late = [];
    this.#hooks.forget();
    this.#failures.take(null);
    this.#watch.forget();
  }

  /** Runs a function whose time alone counts, with that of other calls, in the test that it is in. */
  only<T>(fn: () => T): T {
    const run = this.#store.getStore();
    return run === undefined ? fn() : run.measure(fn);
  }

  /** Runs a function whose time does not count in the test that it is in. */
  pause<T>(fn: () => T): T {
    const run = this.#store.getStore();
    return run === undefined ? fn() : run.pause(fn);
  }

  /** Sets the terms of the given suite, or of the test, the suite or the file that the caller is in. */
  agree(terms: Terms, given?: object): void {
    if (!this.isOn) return;
    const run = given === undefined ? this.#store.getStore() : undefined;
    if (run !== undefined) {
      run.agree(terms);
      gatePort()?.changed();
      return;
    }
    this.#agreed.add(terms, given ?? this.currentSuite());
  }
}
