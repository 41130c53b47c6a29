/**
 * The scenarios of the corpus that use hardly any CPU, and the judge of them all.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from './harness/attempt.js';
import { scenarios } from './harness/corpus.js';
import { testCorpus } from './harness/corpus-tests.js';
import { verdict } from './harness/judge.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import type { Report } from './harness/reports.js';
import type { Scenario } from './harness/scenario.js';

testCorpus('sleeping', 3);

describe('the judge', () => {
  const named = (name: string) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    assert.ok(found, name);
    return found;
  };
  const parse = named('parse-then-more');
  const culprit = {
    function: 'parseThenMore',
    file: programPath(parse.program),
    line: markedLine(parse.program, 'culprit: parse-then-more'),
    column: 1,
    package: null,
    precision: 'caller',
  };
  const right = {
    kind: 'block',
    durationMs: 405,
    cause: 'native',
    thread: { id: 0, name: 'main' },
    culprit,
    samples: { count: 1, stacks: [{ count: 1, frames: [] }] },
    invoker: 'timer',
    request: null,
    delayed: null,
  };
  const report = (record: object, level = 40) =>
    ({ level, block: { ...right, ...record } }) as unknown as Report;
  const outcome = (reports: readonly Report[], more: Partial<Outcome> = {}): Outcome => ({
    ended: { code: 0, signal: null, stdout: '', stderr: '', journalDir: '', silentMs: 0 },
    ...{ reports, journal: [], measuredMs: 400, share: 1, counts: {}, disturbed: 0 },
    ...more,
  });
  const judged = (record: object, scenario = parse) => {
    const { findings, rightness } = verdict(scenario, outcome([report(record)]));
    return [rightness, ...findings.map(({ what }) => what)];
  };
  const blaming = (changes: object) => judged({ culprit: { ...culprit, ...changes } });

  test('accepts the truth, and what is labelled honestly', () => {
    assert.deepEqual(judged({}), ['exact']);
    assert.deepEqual(blaming({ line: 1 }), ['labelled']);
    const last = named('parse-last');
    assert.deepEqual(judged({ culprit: null }, last), ['labelled']);
    const node = { ...culprit, function: '(node)', file: null, line: null, precision: 'none' };
    assert.deepEqual(judged({ culprit: node }, last), ['labelled']);
  });

  test('blames nobody for another', () => {
    const wrong = ['wrong', 'wrong'];
    assert.deepEqual(blaming({ function: 'summarise' }), wrong);
    assert.deepEqual(blaming({ file: programPath('block.mjs') }), wrong);
    assert.deepEqual(blaming({ precision: 'exact' }), wrong);
    assert.deepEqual(blaming({ package: 'listener-lib' }), wrong);
    assert.deepEqual(judged({ culprit: null }), wrong);
    assert.deepEqual(
      judged({ culprit: { ...culprit, precision: 'none' } }, named('parse-last')),
      wrong,
    );
  });

  test('sees what else is wrong with a record', () => {
    const wrong = ['exact', 'wrong'];
    assert.deepEqual(judged({ durationMs: 461 }), wrong);
    assert.deepEqual(judged({ durationMs: 339 }), wrong);
    assert.deepEqual(judged({ cause: 'javascript' }), wrong);
    assert.deepEqual(judged({ kind: 'hang' }), wrong);
    assert.deepEqual(judged({ thread: { id: 1, name: 'main' } }), wrong);
    assert.deepEqual(judged({ request: { path: '/' } }), wrong);
    assert.deepEqual(judged({ delayed: { requests: 1 } }), wrong);
  });

  test('counts reports', () => {
    const whats = (scenario: Scenario, reports: readonly Report[], more?: Partial<Outcome>) =>
      verdict(scenario, outcome(reports, more)).findings.map(({ what }) => what);
    assert.deepEqual(whats(parse, []), ['missed']);
    assert.deepEqual(whats(parse, [report({}), report({})]), ['false']);
    assert.deepEqual(whats(parse, [report({}), report({}, 30)]), [], 'a block of the start');
    const [idle, stopped, starved] = ['idle', 'stopped', 'starved'].map(named) as Scenario[];
    assert.ok(idle && stopped && starved);
    assert.deepEqual(whats(idle, []), []);
    assert.deepEqual(whats(idle, [report({})]), ['false']);
    assert.deepEqual(whats(idle, [], { counts: null }), ['wrong']);
    assert.deepEqual(whats(stopped, []), ['missed']);
    assert.deepEqual(whats(stopped, [], { counts: { suspended: 1 } }), []);
    assert.deepEqual(whats(starved, [], { counts: { suspended: 1 } }), ['wrong']);
  });
});
