/** The program with worker threads: starting it, and what it says of them. */
import assert from 'node:assert/strict';
import type { BlockRecord } from 'loopwatch';
import { onlyReports } from './block.js';
import type { Scope } from './folder.js';
import { markedLine } from './markers.js';
import { programPath } from './places.js';
import { type Preload, unwatched } from './preload.js';
import { separate } from './reports.js';
import { type Ended, type RunOptions, run } from './run.js';

export const PROGRAM = 'threads.mjs';

export function threads(
  scope: Scope,
  kind: string,
  options?: RunOptions,
  ...more: string[]
): Promise<Ended> {
  return run(scope, [programPath(PROGRAM), kind, ...more], options);
}

/** What a run wrote besides reports and what it heard of them. */
function said({ code, signal, stdout, stderr }: Ended): object {
  const without = stdout.replaceAll(/^heard .*\n/gm, '');
  return { code, signal, stdout: without, stderr: separate(stderr).rest };
}

export function heard({ stdout }: Ended): BlockRecord[] {
  return [...stdout.matchAll(/^heard (.+)$/gm)].map(([, json]) => JSON.parse(json as string));
}

/** The records of a process that ended well and wrote nothing else to stderr. */
export function records(ended: Ended): BlockRecord[] {
  assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr);
  return onlyReports(ended).map(({ block }) => block);
}

export function assertPainter(record: BlockRecord | undefined, ms: number, name = 'painter'): void {
  assert.ok(record, 'a report');
  const { thread, culprit, durationMs } = record;
  assert.ok(thread.id > 0, `thread ${thread.id}`);
  assert.deepEqual(
    [thread.name, culprit?.function, culprit?.line, culprit?.file],
    [name, 'paint', markedLine(PROGRAM, 'culprit: worker'), programPath(PROGRAM)],
  );
  assert.ok(durationMs >= ms - 10 && durationMs < ms + 200, `${durationMs}`);
}

export function assertMain(record: BlockRecord | undefined, ms: number): void {
  const { thread, culprit, durationMs = 0 } = record ?? {};
  assert.deepEqual(
    [thread, culprit?.function, culprit?.line],
    [{ id: 0, name: 'main' }, 'plan', markedLine(PROGRAM, 'culprit: main')],
  );
  assert.ok(durationMs >= ms - 10 && durationMs < ms + 200, `${durationMs}`);
}

/** Workers that die while they block, in a way that a kind of the program stands for. */
export async function assertDying(scope: Scope, kind: string, blocks = 'paint'): Promise<void> {
  const plain = threads(scope, kind, { preload: unwatched });
  // Those that compute come one after the other: each wants a CPU.
  if (blocks !== 'paint') await plain;
  assertAsUnwatched(await threads(scope, kind), await plain, blocks);
}

function assertAsUnwatched(watched: Ended, plain: Ended, blocks: string): void {
  assert.deepEqual(said(watched), said(plain));
  assert.equal(plain.code, 0);
  const found = onlyReports(watched).map(({ block }) => block);
  const names = found.map(({ thread }) => thread.name);
  assert.deepEqual(names, ['painter 1', 'painter 2', 'painter 3', 'painter 4']);
  for (const { culprit, ended } of found) {
    assert.deepEqual([culprit?.function, ended], [blocks, true]);
  }
}

/** Many workers, of which every eighth blocks, at the same time as the others that do. */
export async function assertCrowd(scope: Scope, kind: 'many' | 'storm', count: number) {
  const crowd = (preload?: Preload) => {
    const options = preload === undefined ? {} : { preload };
    return threads(scope, kind, { deadlineMs: 90_000, ...options }, `${count}`);
  };
  const plain = await crowd(unwatched);
  const watched = await crowd();
  assert.deepEqual(said(watched), said(plain));
  const reports = onlyReports(watched);
  const told = reports.map(({ msg }) => msg).join('\n');
  const names = reports.map(({ block }) => block.thread.name);
  const expected = Array.from({ length: count / 8 }, (_, index) => `w${index * 8 + 3}`);
  assert.deepEqual(names.toSorted(), expected.toSorted(), told);
  for (const { block } of reports) assertPainter(block, 600, block.thread.name);
}
