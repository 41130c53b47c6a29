/**
 * The runner of the suite: what files say of themselves, what runs side by side, what may not grow.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../lib/paths.mjs';
import { budgets, judgeBudgets } from '../suite/budget.mjs';
import { classes, declarationOf } from '../suite/declaration.mjs';
import { carryOutAll, nextJob, shares } from '../suite/schedule.mjs';
import { kinds, selected } from '../suite/selection.mjs';
import { duration, fileLine, runLine, slowestTable } from '../suite/summary.mjs';

function job(machine, expectedSeconds = 1, uses = []) {
  return { machine, expectedSeconds, uses };
}

describe('what a file says of itself', () => {
  const comment = (...lines) => `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`;

  test('its class, where it runs, and what it uses', () => {
    const source = comment('Blocks.', '', '@machine timed', '@run once', '@uses a', '@uses b');
    const said = { machine: 'timed', run: 'once', uses: ['a', 'b'] };
    assert.deepEqual(declarationOf('a.test.ts', source), said);
    const short = declarationOf('a.test.ts', comment('@machine pure'));
    assert.deepEqual(short, { machine: 'pure', run: 'everywhere', uses: [] });
  });

  const refused = {
    'no comment': 'import x;',
    'no class': comment('Blocks.'),
    'a class that there is not': comment('@machine loud'),
    'a class in a later comment': `import x;\n${comment('@machine pure')}`,
    'a run that there is not': comment('@machine pure', '@run sometimes'),
  };
  for (const [name, source] of Object.entries(refused)) {
    test(`refused: ${name}`, () => {
      assert.throws(() => declarationOf('a.test.ts', source), /^ToolError: a\.test\.ts: /);
    });
  }

  test('every file of the checkout says it, and each is in a run of CI', () => {
    const all = selected('all').map(({ name }) => name);
    const inCi = [...selected('test'), ...selected('restOfAll')].map(({ name }) => name);
    assert.deepEqual(inCi.sort(), all.sort());
  });

  test('docs/contributing.md lists what is not in npm test, and where it runs', () => {
    const text = readFileSync(join(root, 'docs', 'contributing.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([\w-]+)`[^|]*\| `(releases|once)` +\|/gm)];
    const listed = rows.map(([, name, run]) => `${name} ${run}`).sort();
    const left = selected('restOfAll').map(
      ({ name, run }) => `${basename(name).split('.')[0]} ${run}`,
    );
    assert.deepEqual(listed, left.sort());
  });
});

describe('what runs side by side', () => {
  test('the longest that fits starts first', () => {
    const jobs = [job('waiting', 3), job('waiting', 9), job('waiting', 5)];
    assert.equal(nextJob(jobs, []), jobs[1]);
    assert.equal(nextJob([job('timed', 9), jobs[0]], [job('timed'), job('timed')]), jobs[0]);
    const measures = job('timed', 2);
    assert.equal(nextJob([...jobs, measures], [job('timed')]), measures);
  });

  test('no more than the machine bears', () => {
    for (const machine of classes) {
      const most = Math.floor(1 / shares[machine]);
      const running = Array.from({ length: most }, () => job(machine));
      assert.equal(nextJob([job(machine)], running), undefined);
      assert.notEqual(nextJob([job(machine)], running.slice(1)), undefined);
    }
  });

  test('who only computes comes first', () => {
    assert.equal(nextJob([job('timed')], [job('pure')]), undefined);
    assert.equal(nextJob([job('timed', 9), job('pure', 1)], [])?.machine, 'pure');
  });

  test('who wants quiet is alone, after all others', () => {
    const quiet = job('quiet', 99);
    assert.notEqual(nextJob([quiet, job('waiting')], []), quiet);
    assert.equal(nextJob([quiet], [job('waiting')]), undefined);
    assert.equal(nextJob([quiet], []), quiet);
    assert.equal(nextJob([quiet], [job('quiet')]), undefined);
  });

  test('never two that use the same', () => {
    const [one, other] = [job('waiting', 1, ['port']), job('waiting', 9, ['port'])];
    assert.equal(nextJob([other, one], [job('waiting', 1, ['port'])]), undefined);
    assert.equal(nextJob([other, job('waiting', 1, ['file'])], [one])?.uses[0], 'file');
  });

  test('every job is carried out once, and one that throws ends the run', async () => {
    const jobs = classes.flatMap((machine) => Array.from({ length: 7 }, () => job(machine)));
    const done = [];
    let running = 0;
    await carryOutAll(jobs, async (one) => {
      running += shares[one.machine];
      assert.ok(running <= 1 + 1e-9);
      await new Promise((resolve) => setImmediate(resolve));
      running -= shares[one.machine];
      done.push(one);
    });
    assert.equal(new Set(done).size, jobs.length);
    const failing = carryOutAll([job('pure')], () => Promise.reject(new Error('no')));
    await assert.rejects(failing, /no/);
  });
});

describe('the budgets', () => {
  const results = [
    { machine: 'timed', seconds: budgets.test.timed },
    { machine: 'quiet', seconds: 1 },
  ];

  test('each kind of run has one for each class', () => {
    assert.deepEqual(Object.keys(budgets).sort(), Object.keys(kinds).sort());
    for (const budget of Object.values(budgets)) {
      assert.deepEqual(Object.keys(budget).sort(), [...classes].sort());
    }
  });

  test('a class that outgrows its own fails the run, and is named', () => {
    assert.deepEqual(judgeBudgets('test', results, 0), { lines: [], exceeded: false });
    const { lines, exceeded } = judgeBudgets(
      'test',
      [...results, { ...results[0], seconds: 1 }],
      0,
    );
    assert.equal(exceeded, true);
    assert.match(lines.join('\n'), /'timed' files took \d+ s of the \d+ s/);
  });

  test('a run that others disturbed does not fail, and says why', () => {
    const { lines, exceeded } = judgeBudgets('test', [...results, ...results], 0.5);
    assert.equal(exceeded, false);
    assert.match(lines.at(-1), /other programs had 50 % of the CPU time/);
    assert.equal(judgeBudgets('test', [...results, ...results, ...results], 0.5).exceeded, true);
  });
});

describe('what a run says', () => {
  const tally = { passed: 2, failed: 0, skipped: 1, failures: [] };
  const result = { name: 'test/a.test.ts', machine: 'timed', tally, seconds: 12.34, cpuSeconds: 5 };
  const slowest = { name: 'the slow one', ms: 4000 };

  test('of each file: its result, its time, its counts', () => {
    assert.equal(
      fileLine(result),
      'ok       12.3 s  test/a.test.ts (2 passed, 1 skipped, 5.0 s of CPU)',
    );
    assert.match(fileLine({ ...result, tally: { ...tally, failed: 1 } }), /^FAILED .*1 failed/);
  });

  test('of the slowest: what they waited for, or their slowest test', () => {
    const waits = { 'the end of a.mjs': 6000, 'a word': 4000, moments: 100 };
    const waited = slowestTable([{ ...result, waits, tallies: {} }]);
    assert.match(
      waited,
      /12\.3 +5\.0 +timed +test\/a.test.ts +the end of a\.mjs \(6\.0 s\), a word \(4\.0 s\)$/,
    );
    const other = slowestTable([{ ...result, waits: {}, tallies: { a: { slowest } } }]);
    assert.match(other, /the slow one \(4\.0 s\)$/);
    const many = Array.from({ length: 30 }, () => ({ ...result, waits, tallies: {} }));
    assert.equal(slowestTable(many).split('\n').length, 11);
  });

  test('of the run: what each class took, and who disturbed it', () => {
    const line = runLine({ results: [result, result], seconds: 75, cpuSeconds: 9.6, others: 0.07 });
    assert.equal(line, '1 min 15 s (timed 25 s), 10 s of CPU; other programs had 7 % of the CPUs');
    assert.equal(duration(59.4), '59 s');
  });
});
