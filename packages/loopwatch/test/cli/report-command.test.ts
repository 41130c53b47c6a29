/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collected } from '#src/cli/report/collect.js';
import { parseConditions } from '#src/cli/report/fail-on.js';
import { linesOf } from '#src/cli/report/lines.js';
import { recordOf } from '../record.fixture.js';

async function linesIn(...chunks: string[]): Promise<string[]> {
  async function* given() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of linesOf(given())) lines.push(line);
  return lines;
}

function collected(...lines: unknown[]): Collected {
  const all = new Collected();
  for (const line of lines) all.addLine(typeof line === 'string' ? line : JSON.stringify(line));
  return all;
}

test('lines are put together from their parts', async () => {
  assert.deepEqual(await linesIn('a', 'b\nc', '\n\nd'), ['ab', 'c', '', 'd']);
  assert.deepEqual(await linesIn('a\n'), ['a']);
  assert.deepEqual(await linesIn(), []);
});

test('a line that is longer than any record is passed over, and not kept', async () => {
  const part = 'x'.repeat(1024 * 1024);
  const lines = await linesIn('first\n', ...Array.from({ length: 10 }, () => part), '\nlast\n');
  assert.deepEqual(lines, ['first', 'last']);
});

test('what is none of ours in a log is passed over', () => {
  const record = recordOf();
  const { records, unconfirmed } = collected(
    'listening on 8080',
    '{"block":',
    'null "block"',
    { block: 'no record' },
    { block: { ...record, schema: 2 } },
    { unconfirmed: { reason: 'bored', durationMs: 1, thread: { id: 0, name: 'main' } } },
    { level: 40, time: 1, block: record },
  );
  assert.deepEqual([records, unconfirmed.length], [[record], 0]);
});

test('a hang counts once, as it ended; hints are kept', () => {
  const lasts = recordOf({ kind: 'hang', ended: false, durationMs: 5000 });
  const over = { ...lasts, ended: true, durationMs: 9000 };
  for (const lines of [
    [{ block: lasts }, { block: over, hint: 'h' }],
    [{ block: over, hint: 'h' }, { block: lasts }],
  ]) {
    const { records, hints } = collected(...lines);
    assert.deepEqual(records, [over]);
    assert.equal(hints.get(over.id), 'h');
  }
});

test('late beats are put where they began', () => {
  const event = { reason: 'starved', durationMs: 200, thread: { id: 0, name: 'main' } };
  const times = [1200, '1970-01-01T00:00:01.200Z', 'soon', undefined];
  const { unconfirmed } = collected(...times.map((time) => ({ time, unconfirmed: event })));
  assert.deepEqual(
    unconfirmed.map(({ atMs }) => atMs),
    [1000, 1000],
  );
});

test('of too many, the oldest go', () => {
  const all = new Collected();
  const idOf = (number: number) => number.toString(16).padStart(32, '0');
  for (let number = 0; number < 20_010; number++) all.addRecord(recordOf({ id: idOf(number) }));
  assert.deepEqual([all.records.length, all.records[0]?.id, all.leftOut], [20_000, idOf(10), 10]);
});

test('conditions of --fail-on', () => {
  const counts = {
    ...{ blocks: 1, hangs: 0, cumulative: 0, unconfirmed: 0, delayedRequests: 0 },
    ...{ blockedMs: 400, longestMs: 400 },
  };
  const met = (text: string) => {
    return parseConditions(text)
      .filter(({ isMet }) => isMet(counts))
      .map(({ name }) => name);
  };
  assert.deepEqual(met('blocks, hangs,unconfirmed'), ['blocks']);
  assert.deepEqual(met('400ms,401ms,0.4s,1s'), ['400ms', '0.4s']);
  for (const text of ['', 'block', 'constructor', 'blocks,', '-1s', '5 apples', 'ms']) {
    assert.throws(() => parseConditions(text), /Give/, text);
  }
});
