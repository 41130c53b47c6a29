/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from '../imports.mjs';

const src = 'packages/loopwatch/src';

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
  ['other/a.ts', "import '../shared/memory.js';", /doesn't know the folder 'other'/],
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
    const found = problems(`${src}/${file}`, source);
    assert.equal(found.length, 1);
    assert.match(found[0], expected);
  });
}

test('a package of its own may name what is reserved for it', () => {
  assert.deepEqual(problems('packages/dead-client/src/load.ts', "import 'koffi';"), []);
  assert.equal(problems('packages/profiler/src/a.ts', "import 'koffi';").length, 1);
});

test('a violation says where it is', () => {
  const source = "import 'node:fs';\n\nimport 'pino';\n";
  const [found] = violations([{ path: `${src}/main/a.ts`, source }]);
  assert.equal(found.path, `${src}/main/a.ts`);
  assert.equal(found.line, 3);
});

test('a file that cannot be parsed is an error, not a pass', () => {
  assert.throws(() => problems(`${src}/main/a.ts`, 'import {'), /main\/a\.ts/);
});
