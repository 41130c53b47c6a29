/** The watch of a thread as the test gate uses it. */

import { latestBeat } from '../shared/memory/beats.js';
import { Word } from '../shared/memory/memory.js';
import { isSettledBeat } from '../shared/memory/turns.js';
import type { GatePort } from './api.js';
import type { Loop } from './loop.js';

/** @param deaths how many times the watchdog has died */
export function gatePortOf(loop: Loop, deaths: () => number): GatePort {
  const { memory, scopes } = loop;
  const { words } = memory;
  return {
    follow: (fn, scope) => scopes.run(fn, scope, true),
    changed: () => scopes.changed(),
    edge() {
      loop.beat();
      return latestBeat(memory);
    },
    isSettled: (beat) => isSettledBeat(memory, beat),
    tick: () => Atomics.load(words, Word.tick),
    deaths,
  };
}
