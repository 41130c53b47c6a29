/**
 * The gate for node:test. Its tests and hooks have no place for a wrapper, but run as async resources:
 * the bodies are taken where they are entered. What is required, and not imported, gets this: it may
 * not await anything.
 */
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { messageOf } from '../shared/errors.js';
import { notice, writeToStderr } from '../shared/notice.js';
import { runCallback } from './callback-body.js';
import { gate } from './testing.js';

export * from './testing.js';

/** What this needs of Node's `Test`, which is the same from Node 20 to 26. */
interface Test {
  readonly name: string;
  readonly parent: Test | null;
  readonly fn: unknown;
  /** What its failure is to be, or whether it is to fail; from Node 24 on. */
  readonly expectFailure?: unknown;
  readonly isTodo?: boolean;
  readonly loc?: { readonly file?: string };
  runInAsyncScope(fn: Body, thisArg: unknown, ...args: unknown[]): unknown;
}

type Body = (...args: unknown[]) => unknown;

/** Which process this is: `runner:PID` has files run in processes of their own, `file:PID` runs one. */
const ROLE = 'LOOPWATCH_TEST_ROLE';

/**
 * Whether tests run in this process. Children of tests inherit flags and environment, and are none of
 * its affair: hooks there would print the result of a test run.
 */
function runsTests(): boolean {
  if (!isMainThread) return false;
  const [role, pid] = (process.env[ROLE] ?? '').split(':');
  if (role === 'file' || (role === 'runner' && Number(pid) !== process.ppid)) return false;
  const isRunner = role !== 'runner' && process.execArgv.includes('--test');
  const isolates = !process.execArgv.some((flag) =>
    /^--(?:experimental-)?test-isolation=none$/.test(flag),
  );
  const isParent = isRunner && isolates;
  if (isParent) claim('runner');
  return !isParent;
}

function claim(role: 'runner' | 'file'): void {
  process.env[ROLE] = `${role}:${process.pid}`;
}

/** A hook as Node has it. */
interface TestHook {
  readonly parentTest?: { readonly hooks?: { readonly after?: TestHook[] } };
}

/** The hook that is registered meanwhile; null where Node's are of another kind. */
function hookFrom(register: () => void): TestHook | null {
  let found: TestHook | null = null;
  const hook = createHook({
    init(_id, _type, _trigger, resource) {
      if (resource.constructor.name === 'TestHook') found = resource as TestHook;
    },
  });
  hook.enable();
  try {
    register();
  } finally {
    hook.disable();
  }
  return found;
}

/** Node's class of tests: the one that hooks extend; null where it is another. */
function testPrototype(hook: TestHook | null): Test | null {
  const found = hook && Object.getPrototypeOf(Object.getPrototypeOf(hook));
  return found?.constructor.name === 'Test' ? found : null;
}

/** A file that has a hook runs in another order than one that has none. */
function forget(hook: TestHook): void {
  const hooks = hook.parentTest?.hooks?.after ?? [];
  const index = hooks.indexOf(hook);
  if (index >= 0) hooks.splice(index, 1);
}

function fileOf({ loc }: Test): string | null {
  const file = loc?.file ?? process.argv[1] ?? null;
  return file?.startsWith('file:') ? fileURLToPath(file) : file;
}

function ancestors(test: Test): Test[] {
  const found: Test[] = [];
  // The root has no parent, and is no suite of anyone's.
  for (let one = test.parent; one?.parent != null; one = one.parent) found.unshift(one);
  return found;
}

/** @returns when the first test may begin; never rejects */
function intercept(prototype: Test): Promise<void> {
  const original = prototype.runInAsyncScope;
  const suites = new AsyncLocalStorage<object>();
  const own = gate();
  own.currentSuite = () => suites.getStore() ?? null;
  let isClaimed = false;
  let isReady = false;
  const ready = own.begin('node:test').then(() => {
    isReady = true;
  });
  Object.defineProperty(prototype, 'runInAsyncScope', {
    ...{ configurable: true, writable: true },
    value: function runInAsyncScope(this: Test, fn: Body, thisArg: unknown, ...args: unknown[]) {
      const enter = (body: Body) => Reflect.apply(original, this, [body, thisArg, ...args]);
      const { name: kind } = this.constructor;
      if (fn === this.fn && kind === 'TestHook') {
        return enter((...given) => own.hook(() => fn.apply(thisArg, given)));
      }
      if (fn !== this.fn || this.parent === null) return enter(fn);
      // Not before there is a test: npm and other programs that start a runner have none.
      if (!isClaimed) claim('file');
      isClaimed = true;
      if (kind === 'Suite')
        return enter((...given) => suites.run(this, () => fn.apply(thisArg, given)));
      if (kind !== 'Test') return enter(fn);
      const above = ancestors(this);
      const path = [...above, this].map(({ name }) => name);
      // What is still to be done may fail, whatever else is said of it.
      const isTodo = [this, ...above].some((one) => one.isTodo === true);
      const isToFail = Boolean(this.expectFailure) && !isTodo;
      const test = { file: fileOf(this), path, suites: above, isToFail };
      const guard = (body: () => unknown) => {
        const guarded = () => own.guard(test, body);
        if (isReady) return guarded();
        // Node finds the test that a test is called in by who has triggered what runs.
        const place = new AsyncResource('loopwatch');
        return ready.then(() => place.runInAsyncScope(guarded));
      };
      return enter((...given) => {
        const done = given.at(-1);
        if (given.length < 2 || fn.length !== given.length || typeof done !== 'function') {
          return guard(() => fn.apply(thisArg, given));
        }
        const call = (callback: unknown) => fn.apply(thisArg, [...given.slice(0, -1), callback]);
        runCallback(call, guard, done as () => void);
        return undefined;
      });
    },
  });
  // Each test says what is wrong.
  return ready.catch(() => {});
}

/** Says what the file fails with, also by the exit code. */
function fail(error: Error | null): void {
  if (error === null) return;
  process.exitCode = 1;
  writeToStderr(`${error.message}\n`);
}

async function end(): Promise<void> {
  fail(await gate().endFile());
}

/** Its hooks would be told as soon as all tests are over that are known by then: more may come. */
function beforeExit(): void {
  if (gate().isOpen) void end();
}

function attach(): Promise<void> | null {
  // Not before it is certain that this process runs tests: the import alone starts the runner.
  const { after } = process.getBuiltinModule('node:test');
  const hook = hookFrom(() => after(end));
  const prototype = testPrototype(hook);
  if (hook === null || prototype === null) {
    process.exitCode = 1;
    notice(
      `the tests can't be measured: this Node's test runner is not known (${process.version})`,
    );
    return null;
  }
  // It then ends the process after the hooks.
  if (!process.execArgv.includes('--test-force-exit')) forget(hook);
  try {
    const begun = intercept(prototype);
    process.on('beforeExit', beforeExit);
    // Where process.exit() has come first.
    process.on('exit', () => fail(gate().endEarly()));
    return begun;
  } catch (error) {
    process.exitCode = 1;
    notice(messageOf(error));
    return null;
  }
}

/** When the first test may begin. @internal */
export const ready = runsTests() && gate().isOn ? attach() : null;
