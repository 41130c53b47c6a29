/**
 * The report of a test run: what `check` makes of it, the baseline, annotations, a server's answers.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baselineOf, check } from '#src/testing/report/check.js';
import { junitOf } from '#src/testing/report/junit.js';
import {
  annotation,
  type BlockedBy,
  keyOf,
  type Line,
  type Result,
  tableOf,
} from '#src/testing/report/results.js';
import { loopIn, serverLoop } from '#src/testing/server/server-timing.js';
import { gateSettings } from '#src/testing/verdict/settings.js';

const by: BlockedBy = {
  request: null,
  ...{ function: 'render', file: 'src/report.ts', line: 88, package: null },
  ...{ cause: 'javascript', hint: 'Move it.' },
};

function result(test: string | null, more: Partial<Result> = {}): Result {
  const clean = { verdict: 'clean', reason: null, fails: false, blockedMs: 0, by: null } as const;
  return { type: 'test', file: 'a.test.js', test, limitMs: 50, ...clean, ...more };
}

const blocked = result('renders', { verdict: 'blocked', fails: true, blockedMs: 312.4, by });
const starved = result('waits', { verdict: 'unmeasured', reason: 'starved' });

function report(results: readonly Result[], end: Partial<Line> | null = {}): string {
  const lines = [
    { type: 'begin', schema: 1, run: '7-1', runner: 'mocha' },
    ...results.map((one) => ({ ...one, run: '7-1' })),
    ...(end === null ? [] : [{ type: 'end', run: '7-1', problem: null, ...end }]),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function exitCode(text: string): number {
  return check(text, { annotations: false }).exitCode;
}

describe('check()', () => {
  test('0: clean, also with some tests that could not be measured', () => {
    assert.equal(exitCode(report([result('one')])), 0);
    assert.equal(exitCode(report([result('one'), starved])), 0);
  });

  test('1: blocked', () => {
    assert.equal(exitCode(report([result('one'), blocked])), 1);
    assert.equal(exitCode(report([blocked], null)), 1, 'however the run ended');
  });

  test('0: all that blocked was known', () => {
    assert.equal(exitCode(report([result('one'), { ...blocked, fails: false }])), 0);
  });

  test('2: it proves nothing', () => {
    const unusable = [
      '',
      'no JSON\n',
      '{"type":"else"}\n',
      'null\n',
      report([]),
      report([result('one')], null),
      report([result('one')], { problem: 'the watchdog is not running' }),
      report([starved]),
      report([result('one'), { ...starved, fails: true }]),
      report([result('one')]).replace('"schema":1', '"schema":2'),
    ];
    for (const text of unusable) assert.equal(exitCode(text), 2, text);
  });

  test('says it for people, and for GitHub', () => {
    const { text } = check(report([result('one'), blocked, starved]), { annotations: true });
    assert.equal(
      text,
      [
        'verdict     blocked  test                 by',
        'blocked     312 ms   a.test.js › renders  render (src/report.ts:88)',
        'unmeasured           a.test.js › waits    starved',
        '::error file=src/report.ts,line=88,title=loopwatch::renders blocked the event loop for 312 ms (limit 50 ms)%0AMove it.',
        '::warning title=loopwatch::waits is unmeasured: starved',
        '1 test clean, 1 blocked, 1 unmeasured',
        '',
      ].join('\n'),
    );
  });
});

test('a baseline knows a block by its test and its function, not by its line', () => {
  const again = { ...blocked, by: { ...by, line: 90 }, blockedMs: 99 };
  const elsewhere = { ...blocked, by: { ...by, function: 'sort' } };
  assert.equal(keyOf(again), keyOf(blocked));
  const known = JSON.parse(baselineOf(report([elsewhere, blocked, again, result('one')])));
  assert.deepEqual(known, [keyOf(blocked), keyOf(elsewhere)]);
});

test('a baseline knows all that blocked in a test, and requests without what changes in their paths', () => {
  const nobody = { function: null, file: null, line: null, package: null, cause: null, hint: null };
  const sent = (request: string) => ({ ...nobody, request });
  const both = { ...blocked, also: [sent('GET /users/0.48/orders/7f3a')] };
  const keys = [keyOf(blocked), 'a.test.js › renders › GET /users/*/orders/*'];
  assert.deepEqual(JSON.parse(baselineOf(report([both]))), keys.sort());
});

test('annotations are one line each, whatever a test is called', () => {
  const odd = { ...blocked, test: 'a: b,\n::error::c%', by: { ...by, file: 'a,b:c.ts' } };
  assert.equal(
    annotation(odd),
    '::error file=a%2Cb%3Ac.ts,line=88,title=loopwatch::a: b,%0A::error::c%25 blocked the event loop for 312 ms (limit 50 ms)%0AMove it.',
  );
});

test('a block of a server is known by its request', () => {
  const nobody = { function: null, file: null, line: null, package: null };
  const ofServer = {
    ...blocked,
    by: { ...nobody, request: 'GET /report/7', cause: null, hint: null },
  };
  assert.equal(keyOf(ofServer), 'a.test.js › renders › GET /report/*');
  assert.match(tableOf([ofServer]), /renders {2}GET \/report\/7 \(its server\)$/m);
  assert.match(annotation(ofServer), /::renders blocked its server's event loop for 312 ms/);
  const xml = junitOf(report([ofServer]));
  assert.match(xml, /message="the server's event loop was blocked for 312\.4 ms \(limit 50 ms\)"/);
  assert.doesNotMatch(xml, /loopwatch\.cause/);
  const { request: _, ...older } = by;
  assert.equal(keyOf({ ...blocked, by: older as BlockedBy }), keyOf(blocked));
});

test('the table is empty where there is nothing to say', () => {
  assert.equal(tableOf([result('one')]), '');
});

test('Server-Timing is read from the answers of all clients', () => {
  const value = 'db;dur=53, loop;dur=312.5, queue;dur=4';
  const headers = [
    new Headers({ 'server-timing': value }),
    { 'Server-Timing': value },
    { 'server-timing': ['db;dur=53', 'loop;dur=312.5'] },
    () => ({ 'server-timing': value }),
    { get: (name: string) => (name === 'server-timing' ? value : null) },
  ];
  for (const one of headers) assert.equal(serverLoop({ headers: one })?.blockedMs ?? null, 312.5);
  for (const one of [new Headers(), {}, () => ({}), { get: () => undefined }]) {
    assert.equal(serverLoop({ headers: one })?.blockedMs ?? null, null);
  }
  assert.equal(serverLoop({}), null);
});

test('of Server-Timing, the metric of loopwatch counts', () => {
  const cases: [string, number | null][] = [
    ['loop;dur=0', 0],
    ['loop; desc="a, loop;dur=9"; dur="12.5"', 12.5],
    ['a;desc="loop;dur=7"', null],
    ['loop', null],
    ['loop;dur=0, db;dur=9, loop;dur=230.6', 230.6],
    ['loop;dur=1.2.3', null],
    ['loop;dur=.', null],
    ['a;desc="b\\", loop;dur=9"', null],
    [`${','.repeat(15_000)}loop;dur=7`, 7],
    ['loops;dur=3', null],
    ['', null],
  ];
  for (const [header, ms] of cases) assert.equal(loopIn(header)?.blockedMs ?? null, ms, header);
});

describe('LOOPWATCH_TEST_THRESHOLD_MS', () => {
  const thresholdMs = (text?: string) =>
    gateSettings(text === undefined ? {} : { LOOPWATCH_TEST_THRESHOLD_MS: text }).thresholdMs;

  test('is 50 without one, 0 is off, and the least is 40', () => {
    assert.deepEqual([undefined, '', '0', '40', '250'].map(thresholdMs), [50, 50, 0, 40, 250]);
    for (const bad of ['39', '-1', 'fast', 'NaN']) {
      assert.throws(() => thresholdMs(bad), { code: 'LOOPWATCH_E_OPTION' });
    }
  });
});

test('JUnit XML has a failure for what fails, and properties for what is known', () => {
  const xml = junitOf(report([result('a < "b" & \u0007c'), blocked, starved]));
  assert.equal(
    xml,
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites>',
      '  <testsuite name="loopwatch" tests="3" failures="1" skipped="1">',
      '    <testcase name="a &lt; &quot;b&quot; &amp; c" classname="a.test.js"><properties><property name="loopwatch.verdict" value="clean"/><property name="loopwatch.blocked-ms" value="0"/></properties></testcase>',
      '    <testcase name="renders" classname="a.test.js"><properties><property name="loopwatch.verdict" value="blocked"/><property name="loopwatch.blocked-ms" value="312.4"/><property name="loopwatch.cause" value="javascript"/><property name="loopwatch.culprit" value="src/report.ts:88"/></properties><failure type="blocked" message="the event loop was blocked for 312.4 ms (limit 50 ms)">render (src/report.ts:88)</failure></testcase>',
      '    <testcase name="waits" classname="a.test.js"><properties><property name="loopwatch.verdict" value="unmeasured"/><property name="loopwatch.blocked-ms" value="0"/><property name="loopwatch.reason" value="starved"/></properties><skipped message="starved"/></testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'),
  );
  assert.throws(() => junitOf('no report'), /line 1 is no JSON/);
});
