/** What the watchdog tells the main thread. */
import { parentPort } from 'node:worker_threads';
import type { Verdict } from '../../shared/messages/messages.js';

export function post(verdict: Verdict): void {
  parentPort?.postMessage(verdict);
}
