/**
 * Where the permission model refuses what loopwatch needs, the program runs unwatched.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocking, unmissable } from './harness/block.js';
import { hasFlag, nodeMajor } from './harness/places.js';
import { byRequire, unwatched } from './harness/preload.js';
import { separate } from './harness/reports.js';
import { type Ended, run } from './harness/run.js';

const readFiles = [
  nodeMajor === 20 ? '--experimental-permission' : '--permission',
  '--allow-fs-read=*',
];
const writeFiles = '--allow-fs-write=*';
const startWorkers = '--allow-worker';
/** Before Node 24 the permission model shuts the inspector off without a right to open it again. */
const inspectorRight = hasFlag('--allow-inspector') ? '--allow-inspector' : null;

const program = blocking({ ...unmissable, end: 'exit', code: 7 });

/** What loopwatch itself said on stderr: its lines of plain text, and how many reports. */
function said({ stderr }: Ended): { notices: string[]; reports: number; rest: string } {
  const { lines, rest } = separate(stderr);
  const texts = rest.split('\n');
  return {
    notices: texts.filter((line) => line.startsWith('loopwatch: ')),
    reports: lines.length,
    rest: texts.filter((line) => !line.startsWith('loopwatch: ')).join('\n'),
  };
}

/** Warnings of Node's carry the process id. */
function withoutPid(text: string): string {
  return text.replaceAll(/\(node:\d+\)/g, '(node)');
}

/** Watching is refused: one line says so, and all else is as without the preload. */
async function assertUnwatched(
  t: Parameters<typeof run>[0],
  flags: readonly string[],
  why: RegExp,
): Promise<void> {
  const plain = await run(t, program, { flags, preload: unwatched });
  const ended = await run(t, program, { flags, preload: byRequire() });
  assert.deepEqual([ended.code, ended.signal], [7, null], ended.stderr);
  const { notices, reports, rest } = said(ended);
  assert.equal(notices.length, 1, ended.stderr);
  assert.match(notices[0] as string, why);
  assert.match(notices[0] as string, /not watched/);
  assert.equal(reports, 0);
  assert.equal(withoutPid(rest), withoutPid(plain.stderr));
}

describe('refused', { concurrency: 4 }, () => {
  test('without worker threads', (t) =>
    inspectorRight === null
      ? assertUnwatched(t, readFiles, /worker|inspector/)
      : assertUnwatched(t, [...readFiles, inspectorRight], /worker/));

  test('without the inspector', (t) =>
    assertUnwatched(t, [...readFiles, writeFiles, startWorkers], /inspector/));

  for (const [what, flags] of [
    ['without worker threads', readFiles],
    ['without the inspector', [...readFiles, startWorkers]],
  ] as const) {
    test(`${what}, LOOPWATCH_REQUIRED=1 makes it an error with a code`, async (t) => {
      const ended = await run(t, program, { flags, env: { LOOPWATCH_REQUIRED: '1' } });
      assert.equal(ended.code, 1, ended.stderr);
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, /code: 'LOOPWATCH_E_DENIED'/);
    });
  }
});

describe('granted', {
  skip: inspectorRight === null ? 'this Node.js grants no inspector' : false,
}, () => {
  const needed = [...readFiles, startWorkers, inspectorRight ?? ''];

  test('all rights that it needs: a block is reported', async (t) => {
    const ended = await run(t, program, { flags: [...needed, writeFiles] });
    assert.equal(ended.code, 7, ended.stderr);
    const { notices, reports } = said(ended);
    assert.deepEqual({ notices, reports }, { notices: [], reports: 1 }, ended.stderr);
  });

  test('all but the right to write: blocks are reported, and a journal that fails is said once', async (t) => {
    const ended = await run(t, blocking({ ...unmissable, times: 2 }), { flags: needed });
    assert.equal(ended.code, 0, ended.stderr);
    const { notices, reports } = said(ended);
    assert.equal(reports, 2, ended.stderr);
    assert.ok(notices.length <= 1, ended.stderr);
    for (const notice of notices) assert.match(notice, /journal/);
  });
});
