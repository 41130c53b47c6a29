import { createRequire } from 'node:module';
import { allowBlocking, measure, noBlocking } from 'loopwatch/vitest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, test, vi } from 'vitest';

createRequire(import.meta.url)('./cases.cjs').define({
  ...{ test, describe, beforeAll, beforeEach, afterEach, afterAll },
  ...{ measure, allowBlocking, noBlocking },
  concurrently: (body) => describe('at the same time', () => body(test.concurrent)),
  retried: (name, body) => test(name, { retry: 1 }, body),
  fake() {
    vi.useFakeTimers();
    return { advance: (ms) => vi.advanceTimersByTime(ms), restore: () => vi.useRealTimers() };
  },
});

test('imports a module', () => import('./slow-module.mjs'));
