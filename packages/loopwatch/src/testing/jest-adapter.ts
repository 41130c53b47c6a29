/** The part of the gate for Jest that lives outside of Jest's contexts. */
import { guardedBody } from './callback-body.js';
import { gate } from './testing.js';

export * from './testing.js';

/** What this needs of a test, or a suite, of jest-circus. */
interface Block {
  readonly type: 'test' | 'describeBlock';
  readonly name: string;
  readonly parent?: Block;
  readonly children?: readonly Block[];
  readonly failing?: boolean;
  fn?: Body | undefined;
}

type Body = (this: unknown, done?: unknown) => unknown;

interface State {
  readonly rootDescribeBlock: Block;
  readonly currentDescribeBlock: Block;
}

/** The globals of a context of Jest. */
export interface JestGlobals {
  beforeAll(fn: () => unknown, timeoutMs?: number): void;
  afterAll(fn: () => unknown, timeoutMs?: number): void;
  readonly expect: { getState(): { readonly testPath?: string } };
}

/** Starting may take this long on a busy machine, in ms. */
const TIMEOUT_MS = 60_000;

/** Where jest-circus keeps what it knows: a symbol that is not registered, found by its name. */
function stateOf(context: object): State {
  const key = Object.getOwnPropertySymbols(context).find(
    ({ description }) => description === 'JEST_STATE_SYMBOL',
  );
  const state = key === undefined ? undefined : (context as Record<symbol, State>)[key];
  if (state?.rootDescribeBlock === undefined) {
    throw new Error(
      "loopwatch: the tests can't be measured: this is not jest-circus of Jest 29 or 30",
    );
  }
  return state;
}

function suitesOf(test: Block): Block[] {
  const found: Block[] = [];
  // The root is no suite of anyone's.
  for (let one = test.parent; one?.parent !== undefined; one = one.parent) found.unshift(one);
  return found;
}

const guarded = new WeakSet<Body>();

function wrap(test: Block, file: string | null): void {
  const { fn } = test;
  if (fn === undefined || guarded.has(fn)) return;
  const suites = suitesOf(test);
  const path = [...suites, test].map((one) => one.name);
  const name = { file, path, suites, isToFail: test.failing === true };
  if (fn.constructor.name === 'GeneratorFunction') {
    gate().skip(name, 'generator functions are not measured');
    return;
  }
  const guard = (body: () => unknown) => gate().guard(name, body);
  // Jest looks at the number of arguments.
  const body = guardedBody(fn, guard);
  test.fn = body;
  guarded.add(body);
}

function wrapAll({ children = [] }: Block, file: string | null): void {
  for (const child of children) {
    if (child.type === 'test') wrap(child, file);
    else wrapAll(child, file);
  }
}

/**
 * Measures the tests of one file.
 *
 * @param globals Jest's functions
 * @param context its file's global object
 */
export function attach(globals: JestGlobals, context: object): void {
  const own = gate();
  if (!own.isOn) return;
  own.currentSuite = () => {
    const { currentDescribeBlock } = stateOf(context);
    return currentDescribeBlock.parent === undefined ? null : currentDescribeBlock;
  };
  globals.beforeAll(async () => {
    await own.begin('jest');
    // By now all tests of the file are known, and none has begun.
    wrapAll(stateOf(context).rootDescribeBlock, globals.expect.getState().testPath ?? null);
  }, TIMEOUT_MS);
  globals.afterAll(async () => {
    const error = await own.endFile();
    if (error !== null) throw error;
  }, TIMEOUT_MS);
}
