/** The gate for Mocha 10 to 12: `mocha --require loopwatch/mocha`, serial or parallel. */
import { guardedBody } from './callback-body.js';
import { gate } from './testing.js';

export * from './testing.js';

/** What this needs of a test of Mocha. */
interface MochaTest {
  fn?: (this: unknown, done?: unknown) => unknown;
  readonly file?: string;
  titlePath(): string[];
  readonly parent?: MochaSuite;
}

interface MochaSuite {
  readonly parent?: MochaSuite;
}

interface Context {
  readonly currentTest?: MochaTest;
  timeout(ms: number): void;
}

/** Bodies that are guarded already: a test that is retried is a copy with the same one. */
const guarded = new WeakSet<object>();

function wrap(test: MochaTest): void {
  const { fn } = test;
  if (fn === undefined || guarded.has(fn)) return;
  const suites: object[] = [];
  for (let suite = test.parent; suite !== undefined; suite = suite.parent) suites.unshift(suite);
  const name = { file: test.file ?? null, path: test.titlePath(), suites };
  const guard = (body: () => unknown) => gate().guard(name, body);
  // Mocha looks at the number of arguments when the test is made, and not again.
  const body = guardedBody(fn, guard);
  test.fn = body;
  guarded.add(body);
}

gate().currentSuite = () => {
  const what = 'noBlocking and allowBlocking';
  throw new Error(
    `loopwatch: in Mocha, call ${what} in a test, or in describe with its this as the last argument`,
  );
};

/** Root hooks. */
export const mochaHooks = {
  async beforeAll(this: Context): Promise<void> {
    this.timeout(0);
    await gate().begin('mocha');
  },
  beforeEach(this: Context): void {
    if (this.currentTest !== undefined && gate().isOn) wrap(this.currentTest);
  },
  async afterAll(this: Context): Promise<void> {
    this.timeout(0);
    const error = await gate().endFile();
    if (error !== null) throw error;
  },
};
