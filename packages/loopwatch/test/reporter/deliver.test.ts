/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Deliverer } from '#src/reporter/deliver.js';
import { loadSink } from '#src/reporter/load-sink.js';
import type { MakeSink, SinkReport } from '#src/reporter/sinks/sink.js';
import { memory } from '#src/shared/memory/memory.js';
import type { Acknowledgement, Setup } from '#src/shared/messages/messages.js';
import { recordOf } from '../record.fixture.js';

const setup = { settings: { journalDir: join(tmpdir(), 'no-such-journal') } } as Setup;

/** What is left of the code of the sinks, and what becomes of reports. */
function deliverer(makers: Readonly<Record<string, MakeSink>>) {
  const answers: Acknowledgement[] = [];
  const complaints: string[] = [];
  const loaded: string[] = [];
  const delivering = new Deliverer(setup, {
    memory: memory(),
    async load(name) {
      loaded.push(name);
      return makers[name] ?? null;
    },
    acknowledge: (done) => answers.push(done),
    complain: (text) => complaints.push(text),
    read: (record, use) => use({ record, code: {}, context: () => null }),
  });
  const deliver = (...sinks: string[]) => {
    delivering.deliver({ record: recordOf(), sinks, level: 40, parcels: {} });
  };
  const taken = () => answers.map((answer) => [answer.sink, answer.taken]);
  return { delivering, complaints, loaded, deliver, taken };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A sink that notes what it is asked for. */
function notingSink(calls: string[]): MakeSink {
  return () => ({
    retry: null,
    accepts: () => true,
    async deliver({ record }: SinkReport) {
      calls.push(record.id === recordOf().id ? 'deliver' : 'another');
      return { kind: 'taken' };
    },
    flush: () => calls.push('flush'),
    note: (_, text) => calls.push(text),
  });
}

test('a sink that is missing, or can not be made, is answered at once and holds up no other', async () => {
  const calls: string[] = [];
  const broken = () => {
    throw new Error('out of order');
  };
  const { delivering, complaints, deliver, taken } = deliverer({ broken, good: notingSink(calls) });
  await delivering.load(['missing', 'broken', 'good']);
  deliver('missing', 'broken', 'good');
  assert.deepEqual(
    [taken(), calls],
    [
      [
        ['missing', false],
        ['broken', false],
      ],
      ['deliver'],
    ],
  );
  await turn();
  assert.deepEqual(taken().at(-1), ['good', true]);
  assert.deepEqual(complaints, ["the sink broken can't be made: out of order"]);
});

test('a sink is loaded once, when it is first needed, and what follows waits for it', async () => {
  const calls: string[] = [];
  const { delivering, loaded, deliver } = deliverer({ late: notingSink(calls) });
  await delivering.load([]);
  deliver('late');
  delivering.note('info', 'note');
  delivering.finish();
  assert.deepEqual(calls, []);
  await turn();
  assert.deepEqual(
    calls.filter((call) => call !== 'flush'),
    ['deliver', 'note'],
  );
  assert.equal(calls.at(-1), 'flush');
  deliver('late');
  assert.deepEqual([calls.at(-1), loaded], ['deliver', ['late']]);
});

test('options that are changed make the sinks anew, and load those that are new', async () => {
  const calls: string[] = [];
  const { delivering, loaded, deliver } = deliverer({ a: notingSink(calls), b: notingSink(calls) });
  await delivering.load(['a']);
  delivering.configure(setup, ['a', 'b']);
  deliver('a', 'b');
  await turn();
  assert.deepEqual(
    [calls, loaded],
    [
      ['flush', 'deliver', 'deliver'],
      ['a', 'b'],
    ],
  );
});

test('the file of a sink that is broken, or is not there, is one line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sinks-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'good.js'), 'export const makeSink = () => ({});');
  writeFileSync(join(folder, 'empty.js'), 'export {};');
  writeFileSync(join(folder, 'broken.js'), "throw new Error('out of order');");
  const complaints: string[] = [];
  const load = (name: string) => {
    return loadSink(name, pathToFileURL(`${folder}/`), (text) => complaints.push(text));
  };
  assert.equal(typeof (await load('good')), 'function');
  assert.deepEqual(complaints, []);
  for (const name of ['missing', 'empty', 'broken']) {
    assert.equal(await load(name), null);
    assert.match(complaints.pop() ?? '', new RegExp(`^the sink ${name} can't be loaded: .`));
  }
});
