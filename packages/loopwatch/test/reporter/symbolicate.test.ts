/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addMapping, GenMapping, setSourceContent, toEncodedMap } from '@jridgewell/gen-mapping';
import fc from 'fast-check';
import { Symbolicator } from '#src/reporter/symbolicate/symbolicator.js';
import answer from '#src/reporter/symbolicate/worker.js';
import type { BlockRecord, Frame } from '#src/shared/record/record.js';
import { originalOf } from '../decode.fixture.js';
import { recordOf } from '../record.fixture.js';

/** A folder with a package of these files. */
function project(t: TestContext, files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loopwatch-unit-')));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ 'app/package.json': '{}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const MAPPED = 'x();\ny();\n//# sourceMappingURL=a.js.map\n';

/** A map of two lines of `dist/a.js` to lines 3 and 4 of a source. */
function mapTo(source: string, more: object = {}): string {
  const map = new GenMapping({});
  for (const line of [1, 2]) {
    const original = { line: line + 2, column: 4 };
    addMapping(map, { generated: { line, column: 0 }, source, original });
  }
  setSourceContent(map, source, 'one\ntwo\nthree\nfour\nfive');
  return JSON.stringify({ ...toEncodedMap(map), ...more });
}

function frame(file: string, line: number, column = 1): Frame {
  return { function: 'f', file, line, column, inApp: true, async: false };
}

function recordAt(...frames: Frame[]): BlockRecord {
  const { function: name, file, line, column } = frames[0] as Frame;
  const place = { function: name, file, line, column };
  return recordOf({
    culprit: { ...place, package: null, precision: 'exact' },
    samples: { count: 1, stacks: [{ count: 1, frames }] },
  });
}

async function read(record: BlockRecord, memory: string | null = null) {
  const failures: string[] = [];
  const symbolicator = new Symbolicator({
    ask: async (question) => answer(question),
    mapInMemory: async () => (memory === null ? null : new TextEncoder().encode(memory)),
    failed: (why) => failures.push(why),
  });
  const { record: result, context } = await symbolicator.symbolicate(record);
  return { result, context, failures };
}

/** The script of a project whose map is this text. */
function withMap(t: TestContext, map: string, script = MAPPED): string {
  const folder = project(t, { 'app/dist/a.js': script, 'app/dist/a.js.map': map });
  return join(folder, 'app/dist/a.js');
}

test('frames, culprit and code are those of the source', async (t) => {
  const script = withMap(t, mapTo('../src/a.ts'));
  const { result, context, failures } = await read(recordAt(frame(script, 2), frame(script, 1)));
  const source = join(dirname(script), '../src/a.ts');
  assert.deepEqual(
    result.samples.stacks[0]?.frames.map(({ file, line, column }) => [file, line, column]),
    [
      [source, 4, 5],
      [source, 3, 5],
    ],
  );
  assert.deepEqual(result.culprit, {
    ...{ function: 'f', file: source, line: 4, column: 5 },
    ...{ package: null, precision: 'exact' },
  });
  assert.deepEqual(context(source, 4), {
    before: ['one', 'two', 'three'],
    line: 'four',
    after: ['five'],
  });
  assert.deepEqual(failures, []);
});

test('an inline map, an indexed map, a map from memory', async (t) => {
  const plain = mapTo('../src/a.ts');
  const data = Buffer.from(plain).toString('base64');
  const inline = `x();\ny();\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${data}\n`;
  const percent = `x();\ny();\n//# sourceMappingURL=data:application/json,${encodeURIComponent(plain)}`;
  const sections = JSON.stringify({
    version: 3,
    sections: [
      { offset: { line: 0, column: 0 }, map: { version: 3, names: [], sources: [], mappings: '' } },
      { offset: { line: 1, column: 0 }, map: JSON.parse(plain) },
    ],
  });
  const places = [
    [withMap(t, '', inline), 2, 4],
    [withMap(t, '', percent), 2, 4],
    [withMap(t, sections), 2, 3],
    [withMap(t, `)]}'\n${plain}`), 2, 4],
    [withMap(t, mapTo('a.ts', { sourceRoot: '../src/' })), 2, 4],
  ] as const;
  for (const [script, line, expected] of places) {
    const { result, failures } = await read(recordAt(frame(script, line)));
    assert.deepEqual(failures, []);
    assert.equal(result.culprit?.line, expected);
    assert.match(result.culprit?.file ?? '', /app\/src\/a\.ts$/);
  }
  const folder = project(t, { 'app/src/a.ts': 'made JavaScript in memory' });
  const script = join(folder, 'app/src/a.ts');
  const { result } = await read(recordAt(frame(script, 2)), mapTo('a.ts'));
  assert.deepEqual([result.culprit?.file, result.culprit?.line], [script, 4]);
});

const ID = '85314830-023f-4cf1-a267-535f4e37bb17';

test('a map without a comment is known by its debug id', async (t) => {
  const script = `x();\ny();\n//# debugId=${ID.toUpperCase()}\n`;
  for (const name of ['debugId', 'debug_id']) {
    const file = withMap(t, mapTo('../src/a.ts', { [name]: ID }), script);
    const { result } = await read(recordAt(frame(file, 2)));
    assert.equal(result.culprit?.line, 4);
  }
  const { failures } = await read(recordAt(frame(withMap(t, mapTo('../src/a.ts'), script), 2)));
  assert.deepEqual(failures, ['missing']);
});

test('the map of another build is not believed', async (t) => {
  const map = mapTo('../src/a.ts', { debugId: ID });
  const other = `${MAPPED}//# debugId=00000000-0000-0000-0000-000000000000\n`;
  const { failures } = await read(recordAt(frame(withMap(t, map, other), 2)));
  assert.deepEqual(failures, ['mismatch']);
});

test('two steps: a bundle of what a compiler made', async (t) => {
  const folder = project(t, {
    'app/dist/a.js': MAPPED,
    'app/dist/a.js.map': mapTo('../build/b.js'),
    'app/build/b.js': '\n\n    x();\n    y();\n//# sourceMappingURL=b.js.map\n',
    'app/build/b.js.map': JSON.stringify({
      ...{ version: 3, names: [], sources: ['../src/b.ts'], mappings: ';;IAAA;IAUA' },
      sourcesContent: ['const b = 1;'],
    }),
  });
  const { result } = await read(recordAt(frame(join(folder, 'app/dist/a.js'), 2)));
  assert.deepEqual(
    [result.culprit?.file, result.culprit?.line],
    [join(folder, 'app/src/b.ts'), 11],
  );
});

test('maps that lead in a circle end somewhere', async (t) => {
  const script = withMap(t, mapTo('a.js'));
  const { result, failures } = await read(recordAt(frame(script, 2)));
  assert.equal(result.culprit?.file, script);
  assert.deepEqual(failures, []);
});

test('a culprit that a dependency turns out to be gives way to its caller', async (t) => {
  const map = new GenMapping({});
  const lib = '../node_modules/@scope/lib/index.js';
  const original = { line: 1, column: 0 };
  addMapping(map, { generated: { line: 1, column: 0 }, source: lib, original });
  addMapping(map, { generated: { line: 2, column: 0 }, source: '../src/a.ts', original });
  const script = withMap(t, JSON.stringify(toEncodedMap(map)));
  const { result } = await read(recordAt(frame(script, 1), frame(script, 2)));
  assert.match(result.culprit?.file ?? '', /src\/a\.ts$/);
  assert.equal(result.culprit?.package, '@scope/lib');
  const inApp = result.samples.stacks[0]?.frames.map((one) => one.inApp);
  assert.deepEqual(inApp, [false, true]);
});

function nested(levels: number): object {
  const map = levels === 0 ? JSON.parse(mapTo('../src/a.ts')) : nested(levels - 1);
  return { version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] };
}

const valid = JSON.parse(mapTo('../src/a.ts')) as object;
const hostile: Record<string, [map: string, reason: string]> = {
  'no JSON': ['<!doctype html>', 'invalid'],
  'half of it': [mapTo('a.ts').slice(0, -5), 'invalid'],
  'another version': [JSON.stringify({ ...valid, version: 2 }), 'invalid'],
  'no object': ['[1,2,3]', 'invalid'],
  null: ['null', 'invalid'],
  'no mappings': [JSON.stringify({ ...valid, mappings: 5 }), 'invalid'],
  'no sources': [JSON.stringify({ ...valid, sources: 'a.ts' }), 'invalid'],
  'sources that are none': [JSON.stringify({ ...valid, sources: [{}] }), 'invalid'],
  'names that are none': [JSON.stringify({ ...valid, names: [{}] }), 'invalid'],
  'sections that are none': [JSON.stringify({ version: 3, sections: 5 }), 'invalid'],
  'a section of null': [JSON.stringify({ version: 3, sections: [null] }), 'invalid'],
  'a section far away': [
    JSON.stringify({ version: 3, sections: [{ offset: { line: 1e9, column: 0 }, map: valid }] }),
    'too-large',
  ],
  'a section before the beginning': [
    JSON.stringify({ version: 3, sections: [{ offset: { line: -1, column: 0 }, map: valid }] }),
    'invalid',
  ],
  'too many levels': [JSON.stringify(nested(20)), 'invalid'],
  'too many levels to parse': [`${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'too-large'],
  'too many values to parse': [`[${'[],'.repeat(3e6)}[]]`, 'too-large'],
  'mappings that are none': [
    JSON.stringify({ ...valid, mappings: '!AAA,'.repeat(1e5) }),
    'invalid',
  ],
  'numbers without an end': [
    JSON.stringify({ ...valid, mappings: 'ggggggggg,'.repeat(1e5) }),
    'invalid',
  ],
  'half a segment': [JSON.stringify({ ...valid, mappings: 'AAA,'.repeat(1e5) }), 'invalid'],
  'too many lines in a section': [
    JSON.stringify({
      version: 3,
      sections: [
        { offset: { line: 0, column: 0 }, map: { ...valid, mappings: ';'.repeat(6_000_000) } },
      ],
    }),
    'too-large',
  ],
  'a source above the project': [mapTo('../../../../../../etc/passwd'), 'outside'],
  'an absolute source': [mapTo('/etc/passwd'), 'outside'],
  'a source in /proc': [mapTo('/proc/self/environ'), 'outside'],
  'a source of the network': [mapTo('http://127.0.0.1:9/a.ts'), 'outside'],
  'a root outside': [mapTo('passwd', { sourceRoot: '/etc' }), 'outside'],
};

for (const [kind, [map, reason]] of Object.entries(hostile)) {
  test(`a hostile map leaves the frames as they were: ${kind}`, async (t) => {
    const record = recordAt(frame(withMap(t, map), 2));
    const { result, failures } = await read(record);
    assert.deepEqual(failures, [reason]);
    assert.deepEqual(result, record);
  });
}

const links: Record<string, [link: string, reason: string]> = {
  'a file that is not there': ['b.js.map', 'missing'],
  'a folder': ['.', 'missing'],
  'the script itself': ['a.js', 'invalid'],
  'a file above the package': ['../../secret.map', 'outside'],
  'the same in other words': ['%2e%2e/%2e%2e/secret.map', 'outside'],
  'a link to it': ['link.map', 'outside'],
  'a file of the system': ['/etc/passwd', 'outside'],
  'a file of the system by its URL': ['file:///etc/passwd', 'outside'],
  'a device': ['/dev/zero', 'outside'],
  'the network': ['http://127.0.0.1:9/a.js.map', 'outside'],
  'the network, in short': ['//127.0.0.1:9/a.js.map', 'outside'],
  'what is no URL': ['%', 'outside'],
  'data that is no JSON': ['data:application/json;base64,AAAA', 'invalid'],
  'data that is no text': ['data:application/json,%E0%A4%A', 'invalid'],
};

for (const [kind, [link, reason]] of Object.entries(links)) {
  test(`a hostile link leaves the frames as they were: ${kind}`, async (t) => {
    const script = `x();\ny();\n//# sourceMappingURL=${link}\n`;
    const folder = project(t, { 'app/dist/a.js': script, 'secret.map': mapTo('../src/a.ts') });
    symlinkSync(join(folder, 'secret.map'), join(folder, 'app/dist/link.map'));
    const record = recordAt(frame(join(folder, 'app/dist/a.js'), 2));
    const { result, failures } = await read(record);
    assert.deepEqual(failures, [reason]);
    assert.deepEqual(result, record);
  });
}

test('code is not read through a link out of the project', async (t) => {
  const map = JSON.parse(mapTo('../src/a.ts')) as { sourcesContent?: unknown };
  delete map.sourcesContent;
  const folder = project(t, {
    'app/dist/a.js': MAPPED,
    'app/dist/a.js.map': JSON.stringify(map),
    'app/src/b.ts': '',
    secret: '1\n2\n3\na secret\n',
  });
  symlinkSync(join(folder, 'secret'), join(folder, 'app/src/a.ts'));
  const { result, context } = await read(recordAt(frame(join(folder, 'app/dist/a.js'), 2)));
  assert.equal(result.culprit?.line, 4);
  assert.equal(context(result.culprit?.file ?? null, 4), null);
});

test('a map that can not be used is not read again for each report', async (t) => {
  const script = withMap(t, 'no map');
  const failures: string[] = [];
  let asked = 0;
  const symbolicator = new Symbolicator({
    ask: async (question) => {
      asked++;
      return answer(question);
    },
    mapInMemory: async () => null,
    failed: (why) => failures.push(why),
  });
  for (let left = 3; left > 0; left--) await symbolicator.symbolicate(recordAt(frame(script, 2)));
  assert.equal(asked, 1);
  assert.deepEqual(failures, ['invalid', 'invalid', 'invalid']);
});

test('a position is looked up once', async (t) => {
  const script = withMap(t, mapTo('../src/a.ts'));
  let asked = 0;
  const symbolicator = new Symbolicator({
    ask: async (question) => {
      asked += question.positions.length;
      return answer(question);
    },
    mapInMemory: async () => null,
    failed: assert.fail,
  });
  for (let left = 3; left > 0; left--) {
    const { record } = await symbolicator.symbolicate(recordAt(frame(script, 2), frame(script, 2)));
    assert.equal(record.culprit?.line, 4);
  }
  await symbolicator.symbolicate(recordAt(frame(script, 1)));
  assert.equal(asked, 3);
});

test('any map gives what a slow and obvious decoder gives', async (t) => {
  const place = fc.record({
    line: fc.integer({ min: 1, max: 30 }),
    column: fc.integer({ min: 0, max: 60 }),
    source: fc.constantFrom('../src/a.ts', '../src/b.ts', 'c.ts'),
    original: fc.record({
      line: fc.integer({ min: 1, max: 5000 }),
      column: fc.integer({ min: 0, max: 300 }),
    }),
  });
  const folder = project(t, { 'app/dist/a.js': '' });
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(place, { maxLength: 60 }),
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 70 }),
      async (places, line, column) => {
        const map = new GenMapping({});
        for (const { line, column, source, original } of places) {
          addMapping(map, { generated: { line, column }, source, original });
        }
        const encoded = toEncodedMap(map);
        const script = join(folder, 'app/dist', `${number++}.js`);
        writeFileSync(script, '//# sourceMappingURL=map.json\n');
        writeFileSync(join(folder, 'app/dist/map.json'), JSON.stringify(encoded));
        const { result, failures } = await read(recordAt(frame(script, line, column)));
        assert.deepEqual(failures, []);
        const expected = originalOf(encoded, line, column) ?? { source: script, line, column };
        const { file, ...at } = result.culprit ?? assert.fail();
        assert.equal(file, resolve(dirname(script), expected.source));
        assert.deepEqual([at.line, at.column], [expected.line, expected.column]);
      },
    ),
    { numRuns: 200 },
  );
});
