/**
 * A worker that computes can be terminated while it is watched. A termination that strikes in the moment in
 * which a stack is taken may be lost (README, Known limits), and that moment is long where others have the
 * CPU.
 *
 * @machine quiet
 * @run releases
 */
import { test } from 'node:test';
import { assertDying } from './harness/threads.js';

test('spin: as unwatched, and reported', (t) => assertDying(t, 'spin', 'compute'));
