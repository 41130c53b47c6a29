/**
 * Log lines through the user's pino transports: the ways to end and to fail that log-transport.test.ts leaves out.
 *
 * @machine waiting
 * @run once
 */
import { describe, test } from 'node:test';
import { assertDelivered, assertSaysOnce } from './harness/log-transport.js';

describe('no line is lost', { concurrency: 3 }, () => {
  for (const end of ['exit', 'natural', 'throw'] as const) {
    test(`good target, ${end} in the turn that blocked`, (t) => assertDelivered(t, 'good', end));
  }
});

describe('a transport that fails says so once, and log has the line', { concurrency: 2 }, () => {
  for (const kind of ['fails', 'spins'] as const) test(kind, (t) => assertSaysOnce(t, kind));
});
