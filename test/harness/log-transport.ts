/** Programs that block and log through a pino transport, and what must come of their lines. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Options } from 'loopwatch';
import { type BlockSettings, blocking } from './block.js';
import { type Scope, temporaryFolder } from './folder.js';
import { filesIn } from './journal.js';
import { reportsFrom, reportsIn, separate } from './reports.js';
import { type Ended, type RunOptions, run } from './run.js';

export const block = { kind: 'wait', ms: 300 } as const;
export const target = './lib/log-target.mjs';

/** A log file that does not exist yet. */
export function newFile(scope: Scope): string {
  return join(temporaryFolder(scope), 'log.ndjson');
}

export function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Blocks once with a transport chosen in the environment. */
export function blocked(
  scope: Scope,
  logTransport: NonNullable<Options['logTransport']>,
  settings: BlockSettings = block,
  how: RunOptions = {},
): Promise<Ended> {
  // As JSON: ways.ts writes lists with commas.
  const LOOPWATCH_LOG_TRANSPORT = JSON.stringify(logTransport);
  return run(scope, blocking(settings), { ...how, env: { LOOPWATCH_LOG_TRANSPORT, ...how.env } });
}

/** A process that ends in the turn that blocked has its line written, once. */
export async function assertDelivered(
  scope: Scope,
  kind: 'good' | 'slow',
  end: 'exit' | 'natural' | 'throw',
): Promise<void> {
  const file = newFile(scope);
  const env = { LOOPWATCH_EXIT_FLUSH_MS: '5000' };
  const transport = { target, options: { kind, file } };
  const ended = await blocked(scope, transport, { ...block, end }, { env });
  assert.equal(reportsFrom(file).length, 1, ended.stderr);
  assert.deepEqual(reportsIn(ended.stderr), []);
  assert.deepEqual(filesIn(ended.journalDir), []);
}

/** How a transport fails, and what is said of that. */
const failing = {
  throws: /failed: no such luck$/,
  fails: /failed: the disk is full$/,
  exits: /failed: it has ended$/,
  spins: /failed: it has not taken a line for \d+ ms$/,
  swallows: /failed: it has not taken a line for \d+ ms$/,
} as const;

/** A transport that fails says so once, and log has the line. */
export async function assertSaysOnce(scope: Scope, kind: keyof typeof failing): Promise<void> {
  const transport = { target, options: { kind, file: newFile(scope) } };
  const settings = { ...block, times: 2, end: 'exit', code: 3 } as const;
  const ended = await blocked(scope, transport, settings, {
    env: { LOOPWATCH_EXIT_FLUSH_MS: '4000' },
  });
  assert.equal(ended.code, 3);
  const { lines, rest } = separate(ended.stderr);
  const notices = rest.split('\n').filter((line) => line !== '');
  assert.equal(notices.length, 1, ended.stderr);
  assert.match(notices[0] as string, /^loopwatch: the log transport \.\/lib\/log-target\.mjs /);
  assert.match(notices[0] as string, failing[kind]);
  assert.equal(lines.length, 2, ended.stderr);
  assert.deepEqual(filesIn(ended.journalDir), []);
}
