/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { calls } from '#src/shared/advice/advice-calls.js';
import { situations } from '#src/shared/advice/advice-situations.js';
import { adviceOf } from '#src/shared/advice/choose-advice.js';
import type { BlockRecord, Culprit, Frame } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

const APP = 'work@/srv/app/work.js';

/** Frames as `function@file`, innermost first; a builtin of V8 has no file. */
function framesOf(texts: readonly string[]): Frame[] {
  return texts.map((text) => {
    const [name = '', file = ''] = text.split('@', 2);
    const inApp = file.startsWith('/srv/app/') && !file.includes('node_modules');
    const position = { line: file === '' ? null : 1, column: null, async: false };
    return { function: name || null, file: file || null, inApp, ...position };
  });
}

interface Shown extends Omit<Partial<BlockRecord>, 'culprit'> {
  readonly culprit?: Partial<Culprit>;
  readonly code?: string;
}

function adviceFor(frames: readonly string[], { culprit, code, ...parts }: Shown = {}) {
  const whole: Culprit = {
    ...{ function: 'work', file: '/srv/app/work.js', line: 1, column: 1 },
    ...{ package: null, precision: 'exact', ...culprit },
  };
  const stacks = [{ count: 1, frames: framesOf(frames) }];
  const record = recordOf({ samples: { count: 1, stacks }, culprit: whole, ...parts });
  return adviceOf(record, code);
}

const native = { cause: 'native' } as const;
const slept = { cause: 'sync-io' } as const;
const FS = 'node:fs';
const DEPENDENCY = '/srv/app/node_modules';
const tick = { invoker: 'next-tick' } as const;
const QUEUE = 'processTicksAndRejections@node:internal/process/task_queues';
const READ_JSON = 'JSON.parse(readFileSync(file))';

/** Stacks as Node 20 to 26 show them. */
const examples: Readonly<Record<string, readonly [readonly string[], Shown][]>> = {
  'garbage-collection': [[['execSync@node:child_process', APP], { cause: 'gc' }]],
  'start-up': [
    [
      [APP, 'run@node:internal/modules/esm/module_job', 'f@node:internal/modules/run_main'],
      { cause: 'module-load' },
    ],
  ],
  'late-loading': [
    [
      ['@/srv/app/slow.cjs', 'Module._load@node:internal/modules/cjs/loader', APP],
      { cause: 'module-load' },
    ],
  ],
  'child-process': [
    [['execSync@node:child_process', APP], slept],
    [['spawnSync@node:internal/child_process', 'execFileSync@node:child_process', APP], slept],
    [[APP], { ...slept, code: "  const out = cp.spawnSync('git', ['log']);" }],
  ],
  'password-hash': [
    [['pbkdf2Sync@node:internal/crypto/pbkdf2', APP], native],
    [['scryptSync@node:internal/crypto/scrypt', APP], native],
    [[`_encipher@${DEPENDENCY}/bcryptjs/index.js`, APP], { culprit: { package: 'bcryptjs' } }],
    [[APP], { ...native, code: 'if (!bcrypt.compareSync(given, hash)) return null;' }],
  ],
  'key-generation': [
    [['generateKeyPairSync@node:internal/crypto/keygen', APP], native],
    [['randomBytes@node:internal/crypto/random', APP], native],
    [[APP], { ...native, code: 'const noise = randomBytes(2 ** 30);' }],
  ],
  compression: [
    [['slice@node:buffer', 'processChunkSync@node:zlib', 'zlibBufferSync@node:zlib', APP], {}],
    [['syncBufferWrapper@node:zlib', APP], native],
    [[APP], { ...native, code: 'return brotliCompressSync(page);' }],
  ],
  hashing: [
    [['update@node:internal/crypto/hash', APP], native],
    [['from@node:buffer', 'signOneShot@node:internal/crypto/sig', APP], {}],
    [[APP], { ...native, code: "createHash('sha512').update(big).digest()" }],
  ],
  json: [
    [['parse@', APP], native],
    [['toJSON@/srv/app/order.js', 'stringify@', APP], {}],
    [[APP], { ...native, code: 'const rows = JSON.parse(text);' }],
    [[APP], { ...native, code: 'response.json(rows);' }],
    [[APP], { ...native, code: READ_JSON }],
  ],
  'structured-clone': [
    [['structuredClone@', APP], native],
    [['serialize@node:v8', APP], native],
    [[APP], { ...native, code: 'const copy = structuredClone(state);' }],
  ],
  'regular-expression': [
    [['test@', APP], {}],
    [['[Symbol.replace]@', 'replace@', APP], {}],
    [[`exec@`, `lex@${DEPENDENCY}/marked/marked.js`, APP], { culprit: { package: 'marked' } }],
    [[APP], { code: 'return /^(a+)+$/i.test(name);' }],
  ],
  sort: [
    [['@/srv/app/work.js', 'sort@', APP], {}],
    [['score@/srv/app/score.js', 'byScore@/srv/app/score.js', 'toSorted@', APP], {}],
    [[APP], { code: 'items.sort(byScore);' }],
  ],
  'atomics-wait': [
    [['wait@', APP], slept],
    [[APP], { ...slept, code: 'Atomics.wait(cell, 0, 0, 300); // readFileSync(x)' }],
  ],
  console: [
    [['formatValue@node:internal/util/inspect', 'log@node:internal/console/constructor', APP], {}],
    [[APP], { ...slept, code: 'console.log(order);' }],
  ],
  'sync-database': [
    [
      [`all@${DEPENDENCY}/better-sqlite3/lib/statement.js`, APP],
      { ...native, culprit: { package: 'better-sqlite3' } },
    ],
    [[APP], { ...native, code: "db.prepare('SELECT * FROM orders').all()" }],
  ],
  'sync-file': [
    [[`readFileSync@${FS}`, APP], native],
    [
      [`readdirSync@${FS}`, `walk@${DEPENDENCY}/walker/index.js`, APP],
      { ...slept, culprit: { package: 'walker' } },
    ],
    [[APP], { ...slept, code: 'const text = fs.readFileSync(file);' }],
    [[APP], { ...slept, code: READ_JSON }],
    [[APP], { code: 'while (existsSync(nameOf(number))) number++;' }],
  ],
  dependency: [
    [[`render@${DEPENDENCY}/mustache/mustache.js`, APP], { culprit: { package: 'mustache' } }],
    [[APP], { ...slept, culprit: { package: '@scope/addon' } }],
  ],
  'next-tick-flood': [
    [[APP, QUEUE], { ...tick, code: 'if (isMore()) process.nextTick(again);' }],
    [['nextTick@node:internal/process/task_queues', APP, QUEUE], tick],
    [[QUEUE], tick],
  ],
  'microtask-flood': [
    [[], { culprit: { function: '(node)', file: null, line: null, precision: 'none' } }],
    [[APP], { invoker: 'microtask', code: '    await null;' }],
    [[], { invoker: 'unknown', code: '    await null;' }],
  ],
  'sync-io': [
    [[APP], slept],
    [[APP], { ...slept, code: `const text = "${'x'.repeat(200)}", data = fs.readFileSync(file);` }],
  ],
  'native-call': [
    [[APP], native],
    [[APP], { cause: 'unknown', culprit: { precision: 'caller' } }],
  ],
  computing: [
    [[APP], {}],
    [[APP], { invoker: 'microtask' }],
    [[APP], { code: 'total += row; // as readFileSync() gave it' }],
    [[APP, QUEUE], tick],
    // What computes is the program's own function, whatever calls it or has such a name.
    [[APP, 'replace@', 'page@/srv/app/page.js'], {}],
    [['sort@/srv/app/sort.js', APP], {}],
    [
      [
        'onEnd@/srv/app/work.js',
        'endReadableNT@node:internal/streams/readable',
        'processTicksAndRejections@node:internal/process/task_queues',
      ],
      { invoker: 'next-tick' },
    ],
  ],
};

const rows = [...calls(), ...situations()].map(({ advice }) => advice);

describe('each row has stacks or lines that lead to it', () => {
  for (const { id } of rows) {
    test(id, () => {
      const shown = examples[id] ?? [];
      assert.ok(shown.length > 0);
      for (const [frames, parts] of shown) {
        assert.equal(adviceFor(frames, parts)?.id, id, JSON.stringify([frames, parts]));
      }
    });
  }

  test('and there are no others', () => {
    assert.deepEqual(Object.keys(examples).sort(), rows.map(({ id }) => id).sort());
  });
});

test('a call is recognised by its frames alone, and where it has a pattern by the line alone', () => {
  for (const { advice, source } of calls()) {
    const shown = examples[advice.id] ?? [];
    assert.ok(
      shown.some(([, { code }]) => code === undefined),
      advice.id,
    );
    if (source === undefined) continue;
    assert.ok(
      shown.some(([frames, { code }]) => frames.length === 1 && code !== undefined),
      advice.id,
    );
  }
});

test('what half of the samples do not show is not what JavaScript did', () => {
  const stacks = (calls: number) => [
    { count: 4, frames: framesOf([APP]) },
    { count: calls, frames: framesOf(['parse@', APP]) },
  ];
  const idOf = (calls: number) =>
    adviceOf(recordOf({ samples: { count: 9, stacks: stacks(calls) } }))?.id;
  assert.equal(idOf(3), 'computing');
  assert.equal(idOf(4), 'json');
});

test('a late sample says less than the line that made a native call', () => {
  const late = framesOf(['log@node:internal/console/constructor', APP]);
  const early = framesOf([APP]);
  const stacks = [
    { count: 3, frames: early },
    { count: 1, frames: late },
  ];
  const samples = { count: 4, stacks };
  const adviceWith = (code?: string) =>
    adviceFor([], { cause: 'native', samples, ...(code ? { code } : {}) });
  assert.equal(adviceWith('JSON.parse(text)')?.id, 'json');
  assert.equal(adviceWith('work(text)')?.id, 'console');
});

test("what Node's own code calls is not the program's to change", () => {
  const javascript = { cause: 'javascript' } as const;
  const [own, nodes] = [
    ['test@', APP],
    ['test@', 'isIPv6@node:internal/net', APP],
  ];
  assert.equal(adviceFor(own, javascript)?.id, 'regular-expression');
  assert.notEqual(adviceFor(nodes, javascript)?.id, 'regular-expression');
});

test('where nothing is known, nothing is advised', () => {
  const bare = { cause: 'unknown', culprit: null, samples: { count: 0, stacks: [] } } as const;
  assert.equal(adviceOf(recordOf(bare)), null);
});

test('it says which package', () => {
  const found = adviceFor([APP], { culprit: { package: '@scope/slow' } });
  assert.match(found?.hint ?? '', /^The package @scope\/slow was busy/);
  const call = adviceFor([`readFileSync@${FS}`, `f@${DEPENDENCY}/walker/i.js`, APP], {
    culprit: { package: 'walker' },
  });
  assert.match(call?.text ?? '', /in the package walker:/);
});

test('texts are plain, hints one line, links https', () => {
  for (const { id, hint, title, text, snippet, links = [] } of rows) {
    assert.match(id, /^[a-z]+(?:-[a-z]+)*$/);
    for (const line of [hint, title, text]) assert.match(line, /^[ -~]+$/, id);
    assert.ok(hint.length <= 200 && hint.endsWith('.'), id);
    assert.ok(!title.endsWith('.'), id);
    assert.ok(
      snippet.split('\n').every((line) => line.length <= 88),
      id,
    );
    for (const { url } of links) assert.equal(new URL(url).protocol, 'https:', id);
  }
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
});

const text = fc.option(
  fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('sort', 'parse', 'wait', FS, '(node)')),
);
const frame = fc.record({
  ...{ function: text, file: text, line: fc.option(fc.nat()), column: fc.option(fc.nat()) },
  ...{ inApp: fc.boolean(), async: fc.boolean() },
});
const records = fc.record({
  cause: fc.constantFrom(
    ...(['javascript', 'native', 'sync-io', 'gc', 'module-load', 'unknown'] as const),
  ),
  invoker: fc.constantFrom(...(['microtask', 'next-tick', 'timer', 'unknown'] as const)),
  culprit: fc.option(
    fc.record({
      ...{ function: text, file: text, line: fc.option(fc.nat()), column: fc.option(fc.nat()) },
      ...{ package: text, precision: fc.constantFrom(...(['exact', 'caller', 'none'] as const)) },
    }),
  ),
  samples: fc.record({
    count: fc.nat(),
    stacks: fc.array(fc.record({ count: fc.nat(), frames: fc.array(frame) })),
  }),
});

test('no record is too much, and a hint is one line of at most 200 characters', () => {
  fc.assert(
    fc.property(records, text, (parts, line) => {
      const advice = adviceOf(recordOf(parts), line);
      if (advice === null) return;
      assert.match(advice.hint, /^[ -~]{1,200}$/);
      assert.match(advice.title, /^[ -~]+$/);
    }),
    { numRuns: 500 },
  );
});
