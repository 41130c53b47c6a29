/**
 * The decisions of the command line.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { literal, optionsToAttach } from '#src/cli/attach/options.js';
import { withPreload } from '#src/cli/commands/run.js';
import { isSupported } from '#src/cli/doctor/system.js';
import { summaryOf, summaryText } from '#src/cli/run/summary.js';
import { tallyOf } from '#src/cli/run/tally.js';
import { Flame } from '#src/cli/stack/flame.js';
import { SourceMaps } from '#src/cli/stack/source-maps.js';
import { objection } from '#src/cli/target/check.js';
import { Channel } from '#src/cli/target/devtools.js';
import { type Facts, hasSigusr1 } from '#src/cli/target/facts.js';
import { expectedPort } from '#src/cli/target/inspector.js';
import { parseListening } from '#src/cli/target/sockets.js';
import { Thread } from '#src/cli/target/target.js';
import { formatDuration, parseDuration } from '#src/cli/terminal/duration.js';
import { blockLine } from '#src/shared/journal/tally.js';
import type { Frame } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

test('durations are read with their units, and nothing else is', () => {
  const read = ['500ms', '5s', '2m', '0.5', '3'].map(parseDuration);
  assert.deepEqual(read, [500, 5000, 120_000, 500, 3000]);
  for (const text of ['', '0', '-1s', '5h', 's', '1e9s', '99999999']) {
    assert.throws(() => parseDuration(text), text);
  }
  assert.deepEqual([12.4, 1234, 240_000].map(formatDuration), ['12 ms', '1.2 s', '4 min']);
});

describe('a process', () => {
  const node: Facts = {
    pid: 4711,
    uid: 1000,
    state: 'S',
    program: 'node',
    args: [],
    nodeOptions: '',
    takesSigusr1: true,
    sharesNetwork: true,
    innerPid: 4711,
  };

  test('of Node.js, of this user, that runs, can be looked into', () => {
    for (const program of ['node', 'nodejs', 'node22', 'node-20.20', null]) {
      assert.equal(objection({ ...node, program }, 1000), null);
    }
    assert.equal(objection(node, 0), null, 'root may');
    assert.equal(objection({ ...node, uid: null, state: null }, 1000), null);
  });

  test('of another kind can not, and it is said why', () => {
    const cases: [Partial<Facts>, RegExp][] = [
      [{ program: 'python3' }, /not Node\.js but python3/],
      [{ program: 'nodemon-helper' }, /not Node\.js/],
      [{ uid: 33 }, /another user \(uid 33, you are 1000\)/],
      [{ state: 'Z' }, /zombie/],
      [{ state: 'T' }, /stopped/],
      [{ sharesNetwork: false }, /container/],
      [{ pid: process.pid }, /this command itself/],
    ];
    for (const [facts, says] of cases)
      assert.match(objection({ ...node, ...facts }, 1000) ?? '', says);
  });

  test('says by its signal set whether it takes SIGUSR1', () => {
    // As Node.js 24 has them, without and with --disable-sigusr1.
    assert.equal(hasSigusr1('0000000100004602'), true);
    assert.equal(hasSigusr1('0000000100004402'), false);
  });

  test('says by its flags where its inspector will be', () => {
    const port = (nodeOptions: string, ...args: string[]) => expectedPort({ nodeOptions, args });
    assert.equal(port(''), 9229);
    assert.equal(port('', 'node', '--inspect', 'app.js'), 9229);
    assert.equal(port('', 'node', '--inspect-port=0', 'app.js'), 0);
    assert.equal(port('--inspect-port=9300', 'node', 'app.js'), 9300);
    assert.equal(port('--inspect-port=9300', 'node', '--inspect=127.0.0.1:9400'), 9400);
    assert.equal(port('', 'node', '--inspect-brk=[::1]:9401'), 9401);
  });
});

test('ports that are listened on are read from /proc/net/tcp, of both families', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:240D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 52431 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 52432 1 0 100 0 0 10 0
   2: 0100007F:240D 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000  1000        0 52433 1 0 100 0 0 10 0
   3: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 52434 1 0 100 0 0 10 0
`;
  assert.deepEqual(parseListening(text), [
    { host: '127.0.0.1', port: 9229, inode: '52431' },
    { host: '127.0.0.1', port: 8080, inode: '52432' },
    { host: '0000:0000:0000:0000:0000:0000:0000:0001', port: 3000, inode: '52434' },
  ]);
});

describe('options for another process', () => {
  test('come from the environment and the command line, which wins; paths are ours', () => {
    const env = { LOOPWATCH_THRESHOLD_MS: '300', LOOPWATCH_LOG: 'blocks.ndjson', PATH: '/bin' };
    assert.deepEqual(optionsToAttach(['thresholdMs=50', 'LOOPWATCH_HANG_MS=900'], env), {
      thresholdMs: 50,
      hangMs: 900,
      log: resolve('blocks.ndjson'),
    });
    assert.deepEqual(optionsToAttach([], {}), {});
  });

  test('that are wrong are refused here', () => {
    assert.throws(() => optionsToAttach(['treshold=1'], {}), /no option treshold/);
    assert.throws(() => optionsToAttach(['thresholdMs'], {}), /name=value/);
    assert.throws(() => optionsToAttach(['thresholdMs=-1'], {}), /THRESHOLD_MS must be/);
  });

  test('survive the way as JavaScript', () => {
    const options = { redact: [/\d+\/"x"/gi, 'secret'], adaptive: { windowSize: 10 }, log: 'a\n"' };
    assert.deepEqual(runInThisContext(`(${literal(options)})`), options);
  });
});

test('releases that can load loopwatch are told from those that can not', () => {
  const able = ['20.19.0', 'v20.20.2', '22.12.0', '24.0.0', '23.3.0', '26.1.0'].map(isSupported);
  assert.deepEqual(new Set(able), new Set([true]));
  const unable = ['18.20.0', '20.18.3', '21.7.0', '22.11.0', '23.2.0'].map(isSupported);
  assert.deepEqual(new Set(unable), new Set([false]));
});

test('the preload joins what NODE_OPTIONS has, once', () => {
  const once = withPreload(undefined);
  assert.match(once, /^--import file:\/\/\S+register\.js$/);
  assert.equal(withPreload(' '), once);
  assert.equal(withPreload('--no-warnings'), `--no-warnings ${once}`);
  assert.equal(withPreload(withPreload('--no-warnings')), withPreload('--no-warnings'));
});

describe('the summary of a run', () => {
  const block = recordOf({ id: 'a'.repeat(32), durationMs: 200 });
  const hang = recordOf({ id: 'b'.repeat(32), durationMs: 6000, kind: 'hang' });

  test('counts each block once, and names the costliest first', () => {
    const tally = tallyOf([
      { type: 'started', pid: 1 },
      { type: 'started', pid: 2 },
      { type: 'started', pid: 1 },
      blockLine(block),
      blockLine({ ...hang, durationMs: 5000, ended: false }),
      blockLine(hang),
    ]);
    const summary = summaryOf(tally, 60_000);
    assert.deepEqual(
      [summary.processes, summary.blocks, summary.hangs, summary.blockedMs],
      [2, 2, 1, 6200],
    );
    assert.equal(summary.culprits[0]?.worstMs, 6000);
    const [first, second] = summaryText(summary).split('\n');
    assert.equal(first, '2 blocks, 1 hang among them, 6.2 s in all, in 60.0 s of 2 processes');
    assert.match(second ?? '', /^ {2}worst: event loop hang ended after 6000 ms/);
  });

  test('says when there was nothing, and when nothing was watched', () => {
    const calm = summaryOf(tallyOf([{ type: 'started', pid: 1 }]), 1500);
    assert.equal(summaryText(calm), 'no blocks in 1.5 s');
    assert.match(summaryText(summaryOf(tallyOf([]), 1500)), /^nothing was watched/);
  });
});

const frame = (name: string, line = 1): Frame => ({
  ...{ function: name, file: '/app.js', line, column: 1 },
  ...{ inApp: true, async: false },
});

test('a flame graph adds up functions under their callers, whatever their lines', () => {
  const flame = new Flame({ id: 0, name: 'main' });
  flame.add([frame('parse', 3), frame('main')], 30);
  flame.add([frame('parse', 4), frame('main')], 10);
  flame.add([frame('main')], 20);
  flame.add([], 40);
  assert.deepEqual([flame.root.ms, flame.idleMs, flame.samples], [100, 40, 4]);
  const [main, ...others] = flame.root.children.values();
  assert.deepEqual([main?.ms, others], [60, []]);
  assert.deepEqual(
    [...(main?.children.values() ?? [])].map(({ ms }) => ms),
    [40],
  );
  assert.deepEqual(
    flame.folded().map(({ ms }) => ms),
    [40, 30, 20, 10],
  );
});

test('a frame is shown where it was written, when its file has a map', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-maps-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  // The first line of out.js is line 5 of in.ts.
  const map = { version: 3, sources: ['src/in.ts'], names: [], mappings: 'AAIA' };
  const maps = new SourceMaps(new URL(import.meta.resolve('#src/reporter/symbolicate/direct.js')));
  const thread = new Thread('', new Channel(() => {}));
  const at = async (path: string) => {
    const [found] = await maps.readable([{ ...frame('work'), file: path }], thread, 1);
    return found ?? assert.fail();
  };

  file('out.js.map', JSON.stringify(map));
  const external = await at(file('out.js', 'work();\n//# sourceMappingURL=out.js.map\n'));
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64');
  const data = `data:application/json;charset=utf-8;base64,${encoded}`;
  const inline = await at(file('inline.js', `work();\n//# sourceMappingURL=${data}\n`));
  for (const found of [external, inline]) {
    assert.deepEqual([found.file, found.line], [join(folder, 'src/in.ts'), 5]);
  }

  for (const [name, comment] of [
    ['plain.js', ''],
    ['missing.js', '//# sourceMappingURL=nowhere.map'],
    ['remote.js', '//# sourceMappingURL=https://example.com/x.map'],
    ['hostile.js', '//# sourceMappingURL=plain.js'],
  ] as const) {
    const path = file(name, `work();\n${comment}\n`);
    assert.deepEqual(await at(path), { ...frame('work'), file: path }, name);
  }
});
