/** The gate for Vitest 3 to 5: `setupFiles: ['loopwatch/vitest']`. */
import { gate } from './testing.js';

export * from './testing.js';

/** What this needs of a task of Vitest. */
interface Task {
  readonly name: string;
  readonly suite?: Task;
  readonly fails?: boolean;
  readonly file: { readonly filepath?: string };
}

type Body = (...args: unknown[]) => unknown;

/** Vitest's class of runners; `runTask` is where its documentation has runners of one's own call tests. */
interface RunnerClass {
  readonly prototype: { runTask?(task: Task): unknown };
  readonly getTestFn?: (task: Task) => Body | undefined;
  readonly getCurrentSuite?: () => { readonly suite?: Task } | undefined;
}

interface Vitest {
  beforeEach(fn: () => unknown): void;
  afterAll(fn: () => unknown): void;
  /** From Vitest 4.1 on. */
  readonly TestRunner?: RunnerClass;
}

/** Not a name that is imported: types of three releases can't be had at once. */
const VITEST: string = 'vitest';

/** Vitest 3 has in three places what later ones have in one. */
async function runnerClass({ TestRunner }: Vitest): Promise<Required<RunnerClass>> {
  if (TestRunner !== undefined) return TestRunner as Required<RunnerClass>;
  const { VitestTestRunner } = await import(`${VITEST}/runners`);
  const { getFn, getCurrentSuite } = await import(`${VITEST}/suite`);
  return { prototype: VitestTestRunner.prototype, getTestFn: getFn, getCurrentSuite };
}

function suitesOf(task: Task): Task[] {
  const found: Task[] = [];
  for (let one = task.suite; one !== undefined; one = one.suite) found.unshift(one);
  return found;
}

const own = gate();
if (own.isOn) {
  const vitest = (await import(VITEST)) as Vitest;
  const { prototype, getTestFn, getCurrentSuite } = await runnerClass(vitest);
  own.currentSuite = () => {
    try {
      return getCurrentSuite()?.suite ?? null;
    } catch {
      // Nothing is being collected.
      return null;
    }
  };
  // No time of the tests': the setup files are loaded before.
  await own.begin('vitest');
  prototype.runTask = (task) => {
    const body = getTestFn(task);
    if (body === undefined) throw new Error(`loopwatch: '${task.name}' has no function`);
    const suites = suitesOf(task);
    const path = [...suites, task].map(({ name }) => name);
    const file = task.file.filepath ?? null;
    return own.guard({ file, path, suites, isToFail: task.fails === true }, body);
  };
  vitest.beforeEach(() => own.expectTest());
  vitest.afterAll(async () => {
    const error = await own.endFile();
    if (error !== null) throw error;
  });
}
