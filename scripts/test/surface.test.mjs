/**
 * What the package publishes: the files that its users may load, and no others.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';

const folder = join(root, 'packages', 'loopwatch');
const dist = join(folder, 'dist');

function built() {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dist.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** The files that a value of `exports` leads to. */
function targets(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targets);
}

test('all that the package exports is there', () => {
  const { exports, bin, sideEffects } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const files = [...targets(exports), ...targets(bin), ...sideEffects];
  assert.deepEqual(
    files.filter((file) => !existsSync(join(folder, file))),
    [],
  );
});

test('the built files are these', () => {
  assert.deepEqual(built(), [
    'cli/main.js',
    'exporters/opentelemetry.js',
    'exporters/prometheus.js',
    'http/express.js',
    'http/fastify.js',
    'http/hono.js',
    'http/instrument.js',
    'http/koa.js',
    'http/pages.js',
    'index.js',
    'page/live.js',
    'page/report.js',
    'page/style.css',
    'register.js',
    'reporter/direct.js',
    'reporter/entry.js',
    'reporter/symbolicate/worker.js',
    'sentry.js',
    'sinks/log.js',
    'sinks/sentry.js',
    'testing/jest-adapter.js',
    'testing/jest.cjs',
    'testing/mocha.js',
    'testing/node-test-adapter.js',
    'testing/node-test.js',
    'testing/testing.js',
    'testing/vitest.js',
    'watchdog/entry.js',
  ]);
});

test('a bundle that tells its own frames from those of the program is one folder deep at most', () => {
  const deep = built().filter((file) => file.split('/').length > 2);
  const telling = deep.filter((file) => {
    return readFileSync(join(dist, file), 'utf8').includes('OWN_FOLDER');
  });
  assert.deepEqual(telling, []);
});
