/**
 * Every option has a rule: those of options-rules.test.ts stand for these.
 *
 * @machine waiting
 * @run once
 */
import type { Options } from 'loopwatch';
import { representative, rules, testRules } from './harness/option-rules.js';

testRules(
  (Object.keys(rules) as (keyof Options)[]).filter((name) => !representative.includes(name)),
);
