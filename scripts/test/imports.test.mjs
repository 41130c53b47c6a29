/**
 * @machine pure
 */
/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from '../imports.mjs';

const src = 'packages/loopwatch/src';

/** Violations of a few files of loopwatch, given by their sources. */
function found(sources) {
  const files = Object.entries(sources).map(([file, source]) => ({
    path: `${src}/${file}`,
    source,
  }));
  return violations(files);
}

/** Problems of one file, one string each. */
function problems(path, source) {
  return violations([{ path, source }]).map(({ problem }) => problem);
}

const allowed = [
  ['main/beat.ts', "import { a } from '../shared/memory.js'; import { b } from './snapshot.js';"],
  ['main/beat.ts', "import { setInterval } from 'node:timers';"],
  ['watchdog/entry.ts', "export { a } from '../shared/memory.js';"],
  ['main/start.ts', "new Worker(new URL('../watchdog/entry.js', import.meta.url));"],
  ['http/express.ts', "import type { Request } from 'express'; import '../main/context.js';"],
  ['testing/vitest.ts', "import { start } from '../main/start.js';"],
  ['cli/run.ts', "import '#src/shared/options.js'; await import(userFile);"],
  ['register.ts', "import { start } from './main/start.js';"],
  ['reporter/sinks/log/sink.ts', "import pino from 'pino';"],
  ['reporter/sinks/sentry/send.ts', "await import('@sentry/node');"],
  ['reporter/symbolicate.ts', "import { Piscina } from 'piscina';"],
  ['reporter/symbolicate/pool.ts', "import { TraceMap } from '@jridgewell/trace-mapping';"],
  ['main/beat.ts', "// import '../reporter/entry.js'\nconst text = `import 'pino'`;"],
];

for (const [file, source] of allowed) {
  test(`allowed: ${file}: ${source}`, () => {
    assert.deepEqual(problems(`${src}/${file}`, source), []);
  });
}

const forbidden = [
  ['main/beat.ts', "import { a } from '../watchdog/detect.js';", /main may not import watchdog/],
  ['main/beat.ts', "import type { A } from '../reporter/a.js';", /main may not import reporter/],
  ['main/beat.ts', "type A = import('../reporter/a.js').A;", /main may not import reporter/],
  ['watchdog/a.ts', "export * from '../main/beat.js';", /watchdog may not import main/],
  ['reporter/a.ts', "await import('../watchdog/entry.js');", /reporter may not import watchdog/],
  ['reporter/a.ts', "import.meta.resolve('../main/a.js');", /reporter may not import main/],
  ['shared/a.ts', "const { a } = require('../main/beat.js');", /shared may not import main/],
  ['shared/a.ts', "import a = require('../main/beat.js');", /shared may not import main/],
  ['http/a.ts', "import '../watchdog/detect.js';", /http may not import watchdog/],
  ['index.ts', "import './reporter/entry.js';", /entries may not import reporter/],
  ['main/a.ts', "import '../index.js';", /main may not import entries/],
  ['main/a.ts', "import '#src/watchdog/detect.js';", /main may not import watchdog/],
  ['main/a.ts', "import '../../test/harness.js';", /outside packages\/loopwatch\/src/],
  ['other/a.ts', "import '../shared/memory.js';", /doesn't know packages\/loopwatch\/src\/other/],
  ['main/a.ts', "import { start } from 'loopwatch';", /use a relative path/],
  ['main/a.ts', "import pino from 'pino';", /main may not import a package/],
  ['watchdog/a.ts', 'await import(name);', /computed name/],
  ['reporter/a.ts', "import pino from 'pino';", /only .*sinks\/log may name 'pino'/],
  ['reporter/sinks/log/sink.ts', "await import('@sentry/node');", /only .*sinks\/sentry may name/],
  ['reporter/symbolicator.ts', "import 'piscina';", /only .*reporter\/symbolicate may name/],
  ['cli/a.ts', "import 'inspector-api';", /only packages\/profiler\/src may name/],
];

for (const [file, source, expected] of forbidden) {
  test(`forbidden: ${file}: ${source}`, () => {
    const [problem, ...more] = problems(`${src}/${file}`, source);
    assert.match(problem, expected);
    assert.deepEqual(more, []);
  });
}

test('a package of its own may name what is reserved for it', () => {
  assert.deepEqual(problems('packages/dead-client/src/load.ts', "import 'koffi';"), []);
  assert.equal(problems('packages/profiler/src/a.ts', "import 'koffi';").length, 1);
});

test('a violation says where it is', () => {
  const [{ path, line }] = found({ 'main/a.ts': "import 'node:fs';\n\nimport 'pino';\n" });
  assert.equal(path, `${src}/main/a.ts`);
  assert.equal(line, 3);
});

test('a room imports those below it in its hall', () => {
  const sources = {
    'watchdog/watchdog.ts': "import './delivery/outbox.js';",
    'watchdog/verdict/judge.ts': "import '../evidence/sampling/sample.js';",
    'watchdog/evidence/evidence.ts': "import './sampling/sample.js'; import './fold.js';",
  };
  assert.deepEqual(found(sources), []);
});

test('a sink is a room without being named, and knows nothing of the others', () => {
  const own = "import '../sink.js'; import './post.js';";
  assert.deepEqual(found({ 'reporter/sinks/carrier/sink.ts': own }), []);
  const [{ problem }] = found({ 'reporter/sinks/carrier/sink.ts': "import '../log/sink.js';" });
  assert.match(problem, /reporter\/sinks\/carrier may not import .*log, which is beside it/);
});

test('an import that runs uphill between the rooms of a hall is refused', () => {
  const source = "import 'node:fs';\nimport type { Verdict } from '../verdict/judge.js';";
  assert.deepEqual(found({ 'watchdog/evidence/fold.ts': source }), [
    {
      path: `${src}/watchdog/evidence/fold.ts`,
      line: 2,
      problem:
        "watchdog/evidence may not import watchdog/verdict, which is above it ('../verdict/judge.js')",
    },
  ]);
});

test('the files that lie in no room of their hall have their place in its order', () => {
  const uphill = "import type { Ports } from '../watchdog.js';";
  const [{ problem }] = found({ 'watchdog/delivery/outbox.ts': uphill });
  assert.match(problem, /watchdog\/delivery may not import watchdog, which is above it/);
});

test('the other packages have rooms as well', () => {
  const path = 'packages/dead-client/src/sockets/reading.ts';
  const [problem] = problems(path, "import '../client.js';");
  assert.match(problem, /dead-client\/sockets may not import dead-client, which is above it/);
});

test('a circle of files is refused at the import that begins it', () => {
  const sources = {
    'main/beat/a.ts': "import 'node:fs';\nimport { b } from './b.js';",
    'main/beat/b.ts': "export { c } from './c.js';",
    'main/beat/c.ts': "await import('./a.js');",
    'main/beat/d.ts': "import './a.js';",
  };
  assert.deepEqual(found(sources), [
    {
      path: `${src}/main/beat/a.ts`,
      line: 2,
      problem:
        'files import one another: main/beat/a.ts → main/beat/b.ts → main/beat/c.ts → main/beat/a.ts',
    },
  ]);
});

test('a circle of types is one', () => {
  const sources = {
    'shared/a.ts': "import type { B } from './b.js';",
    'shared/b.ts': "export type B = import('./a.js').A;",
  };
  const [{ problem }, ...more] = found(sources);
  assert.match(problem, /files import one another: shared\/a\.ts → shared\/b\.ts → shared\/a\.ts/);
  assert.deepEqual(more, []);
});

test('a file that imports itself is a circle', () => {
  const [{ problem }] = found({ 'shared/a.ts': "import './a.js';" });
  assert.match(problem, /files import one another: shared\/a\.ts → shared\/a\.ts/);
});

test('a circle of rooms is refused where no file is in one', () => {
  const sources = {
    'watched.ts': "import './http/pages.js';",
    'index.ts': '',
    'http/pages.ts': '',
    'http/follow.ts': "import '../index.js';",
  };
  const [{ path, problem }, ...more] = found(sources);
  assert.equal(path, `${src}/watched.ts`);
  assert.match(problem, /rooms import one another: entries → http → entries/);
  assert.deepEqual(more, []);
});

test('a folder that the rule does not know is refused, whatever it holds', () => {
  const [{ path, line, problem }, ...more] = found({ 'watchdog/cellar/wine.ts': '' });
  assert.equal(path, `${src}/watchdog/cellar/wine.ts`);
  assert.equal(line, 1);
  assert.match(problem, /doesn't know packages\/loopwatch\/src\/watchdog\/cellar/);
  assert.deepEqual(more, []);
  const path2 = 'packages/another/src/a.ts';
  assert.match(problems(path2, '')[0], /doesn't know packages\/another\/src/);
});

test('the 15th file of a folder is refused', () => {
  const crowd = (count) => {
    return Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`main/beat/file-${10 + at}.ts`, '']),
    );
  };
  assert.deepEqual(found(crowd(14)), []);
  assert.deepEqual(found(crowd(15)), [
    {
      path: `${src}/main/beat/file-24.ts`,
      line: 1,
      problem: `${src}/main/beat holds 15 files, and 14 at most are allowed`,
    },
  ]);
});

test('a file that cannot be parsed is an error, not a pass', () => {
  assert.throws(() => problems(`${src}/main/a.ts`, 'import {'), /main\/a\.ts/);
});
