/**
 * The default of exitFlushMs is enough for each way to leave right after a block: the block is reported,
 * and the process has ended, before it has passed. More ways, and what they leave as it was, are in
 * endings.test.ts.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BlockSettings, blocking } from './harness/block.js';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { filesIn } from './harness/journal.js';
import { reportsFrom } from './harness/reports.js';
import { type Ended, type Running, start } from './harness/run.js';

/** The default of exitFlushMs. */
const FLUSH_MS = 2000;

interface Ending {
  readonly settings: BlockSettings;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: ends its standard input. */
  readonly end?: (running: Running) => Promise<Ended>;
  readonly leaves: readonly [number | null, NodeJS.Signals | null];
}

const endings: Readonly<Record<string, Ending>> = {
  'the natural end': { settings: { end: 'natural' }, leaves: [0, null] },
  'process.exit': { settings: { end: 'exit', code: 3 }, leaves: [3, null] },
  'an uncaught exception': { settings: { end: 'throw' }, leaves: [1, null] },
  'SIGTERM with handleSigterm': {
    settings: { end: 'idle' },
    env: { LOOPWATCH_HANDLE_SIGTERM: 'true' },
    async end(running) {
      await running.says('stdout', /^measured /m);
      running.signal('SIGTERM');
      return running.ended;
    },
    leaves: [null, 'SIGTERM'],
  },
};

async function assertInTime(scope: Scope, { settings, env, end, leaves }: Ending): Promise<void> {
  const log = join(temporaryFolder(scope), 'blocks.ndjson');
  const args = blocking({ kind: 'wait', ms: 500, delay: 800, ...settings });
  const running = start(scope, args, { env: { LOOPWATCH_LOG: log, ...env } });
  const ended = await (end?.(running) ?? running.endInput());
  assert.deepEqual([ended.code, ended.signal], leaves, ended.stderr);
  const reports = reportsFrom(log).map(({ block }) => [block.culprit?.function, block.ended]);
  assert.deepEqual(reports, [['wait', true]]);
  assert.deepEqual(filesIn(ended.journalDir), []);
  assert.ok(ended.silentMs < FLUSH_MS, `ended ${ended.silentMs} ms after its last word`);
}

describe('the default of exitFlushMs is enough for', { concurrency: 2 }, () => {
  for (const [name, ending] of Object.entries(endings)) {
    test(name, (t) => assertInTime(t, ending));
  }
});
