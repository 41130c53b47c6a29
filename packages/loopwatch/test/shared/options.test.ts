/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgnored } from '#src/main/host/program.js';
import { SCHEMA_OF_OPTIONS } from '#src/shared/options/option-schema.js';
import { requireObject, settingsFrom, variableOf } from '#src/shared/options/options.js';

function refuses(options: object, environment: Record<string, string>, ...says: string[]) {
  assert.throws(
    () => settingsFrom(options, environment),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'LOOPWATCH_E_OPTION');
      for (const part of says) assert.ok(error.message.includes(part), error.message);
      return true;
    },
  );
}

test('every option has a default that its own rule allows', () => {
  const settings = settingsFrom({}, {});
  assert.equal(settings.thresholdMs, 100);
  assert.equal(settings.beatMs, 20);
  assert.equal(settings.startup, 'log');
  assert.ok(settings.ignorePrograms.includes('npm'));
  assert.ok(Object.isFrozen(settings));
  assert.deepEqual(Object.keys(settings).sort(), Object.keys(SCHEMA_OF_OPTIONS).sort());
});

test('code wins over the environment, which wins over the default', () => {
  const environment = { LOOPWATCH_THRESHOLD_MS: '250', LOOPWATCH_BEAT_MS: '10' };
  const settings = settingsFrom({ thresholdMs: 300 }, environment);
  assert.equal(settings.thresholdMs, 300);
  assert.equal(settings.beatMs, 10);
  assert.equal(settings.hangMs, 5000);
});

test('an empty variable and an undefined option are as good as none', () => {
  assert.equal(settingsFrom({ beatMs: undefined } as object, { LOOPWATCH_BEAT_MS: '' }).beatMs, 20);
});

test('names of variables follow from the options', () => {
  assert.equal(variableOf('thresholdMs'), 'LOOPWATCH_THRESHOLD_MS');
  assert.equal(variableOf('log'), 'LOOPWATCH_LOG');
});

test('a bad value is refused by option, rule and value', () => {
  const cases: [string, unknown, string][] = [
    ['enabled', 'yes', 'true or false'],
    ['thresholdMs', 0, 'from 1'],
    ['thresholdMs', Number.NaN, 'NaN'],
    ['thresholdMs', '100', "'100'"],
    ['beatMs', 1001, '1001'],
    ['sampleMs', 0, 'from 1'],
    ['hangMs', 1, 'from 2'],
    ['onHang', 'restart', "'abort'"],
    ['abortAfterMs', -1, 'from 0'],
    ['adaptive', { percentile: 2 }, 'percentile (a number from 0.5 to 0.99; 0.95)'],
    ['cumulative', 200, 'true, false, or an object'],
    ['workers', 1, 'true or false'],
    ['startup', 'quiet', "'report', 'log', 'ignore'"],
    ['ignorePrograms', 'npm', 'list'],
    ['context', true, "'auto', 'on', 'off'"],
    ['mode', 'error', "'log', 'warn', 'strict'"],
    ['banner', 1, 'true or false'],
    ['serverTiming', 1, 'true or false'],
    ['queueHeader', 'a b', 'the name of a header'],
    ['excludePaths', ['health'], 'begin with /'],
    ['log', '', 'file path'],
    ['logLevel', 'loud', "'warn'"],
    ['logFormat', 'xml', "'json'"],
    ['journalDir', 7, 'directory'],
    ['logTransport', { target: 5 }, '{ target, options, level }'],
    ['logger', {}, 'an object with the methods debug, info, warn and error'],
    ['sentry', 'on', "'auto', 'off'"],
    ['maxReportsPerCulprit', 0, 'from 1'],
    ['handleSigterm', 'yes', 'true or false'],
    ['sourceMaps', 'yes', 'true or false'],
    ['exitFlushMs', -1, 'from 0'],
    ['profiler', 'always', "'auto', 'on', 'off'"],
    ['deadClients', true, "'off', 'report', 'reset'"],
    ['deadClientGraceMs', 0, 'from 1 to 86400000'],
    ['redact', [7], 'regular expressions'],
    ['serve', 'localhost', "'off', a port, or host:port"],
    ['serveToken', 'short', '16 to 256'],
  ];
  for (const [name, value, says] of cases) refuses({ [name]: value }, {}, name, says);
  const tested = new Set(cases.map(([name]) => name));
  assert.deepEqual(
    Object.keys(SCHEMA_OF_OPTIONS).filter((name) => !tested.has(name)),
    [],
  );
});

test('a bad variable is named as the variable', () => {
  refuses({}, { LOOPWATCH_THRESHOLD_MS: 'fast' }, 'LOOPWATCH_THRESHOLD_MS', 'number of ms');
  refuses({}, { LOOPWATCH_ENABLED: 'maybe' }, 'LOOPWATCH_ENABLED', 'true or false', 'maybe');
});

test('rules between options are kept', () => {
  refuses({ thresholdMs: 30 }, {}, 'thresholdMs', '2 x beatMs', '30');
  refuses({ hangMs: 100 }, {}, 'hangMs', 'more than thresholdMs', '100');
});

test('an address that others can reach needs a token, which is never shown', () => {
  for (const serve of ['0.0.0.0:80', '[::]:80', '10.0.0.7:80', 'example.org:80', '128.0.0.1:80']) {
    refuses({ serve }, {}, 'serve', 'serveToken', serve);
    assert.equal(settingsFrom({ serve, serveToken: 'x'.repeat(16) }, {}).serve, serve);
  }
  for (const serve of ['80', 80, '127.0.0.1:80', '127.9.9.9:80', '[::1]:80', 'LocalHost:80']) {
    assert.equal(settingsFrom({ serve }, {}).serve, String(serve));
  }
  const secret = 'nearly the secret token';
  for (const tried of [
    () => settingsFrom({ serveToken: secret }, {}),
    () => settingsFrom({}, { LOOPWATCH_SERVE_TOKEN: secret }),
  ]) {
    assert.throws(tried, ({ message }: Error) => !message.includes('nearly'));
  }
});

test('an unknown option is refused, a foreign variable is none of our business', () => {
  refuses({ treshold: 1 }, {}, 'treshold', 'thresholdMs');
  for (const what of [null, 5, [], 'x']) assert.throws(() => requireObject(what), /object/);
  assert.doesNotThrow(() => settingsFrom({}, { LOOPWATCH_REQUIRED: '1', LOOPWATCH_TEST: 'x' }));
});

test('booleans and lists can be written in the environment', () => {
  for (const text of ['0', 'false', 'OFF', 'no']) {
    assert.equal(settingsFrom({}, { LOOPWATCH_ENABLED: text }).enabled, false);
  }
  const environment = { LOOPWATCH_IGNORE_PROGRAMS: ' a, b ,' };
  assert.deepEqual(settingsFrom({}, environment).ignorePrograms, ['a', 'b']);
});

test('paths are those of the directory at the start', () => {
  const settings = settingsFrom({ log: 'x.log', journalDir: 'j' }, {});
  assert.equal(settings.log, resolve('x.log'));
  assert.equal(settings.journalDir, resolve('j'));
  assert.equal(settingsFrom({ log: 'off' }, {}).log, 'off');
});

test('no text in the environment does anything but work or be refused with the code', () => {
  const variables = Object.keys(SCHEMA_OF_OPTIONS).map(variableOf);
  fc.assert(
    fc.property(fc.constantFrom(...variables), fc.string(), (variable, text) => {
      try {
        settingsFrom({}, { [variable]: text });
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'LOOPWATCH_E_OPTION');
      }
    }),
  );
});

test('build tools are left alone, unless the command line asks for them', () => {
  const npm = { argv: ['node', '/usr/local/bin/npm'], execArgv: [], env: {} };
  assert.equal(isIgnored(npm), true);
  assert.equal(isIgnored({ ...npm, argv: ['node', '/x/npm-cli.js'] }), true);
  assert.equal(isIgnored({ ...npm, argv: ['node', '/x/server.js'] }), false);
  assert.equal(isIgnored({ ...npm, argv: ['node'] }), false);
  for (const execArgv of [
    ['--import', 'loopwatch/register'],
    ['--import=file:///a/node_modules/loopwatch/dist/register.js'],
    ['-r', 'loopwatch/register'],
  ]) {
    assert.equal(isIgnored({ ...npm, execArgv }), false, execArgv.join(' '));
  }
  assert.equal(isIgnored({ ...npm, execArgv: ['--import', './other.js'] }), true);
  assert.equal(isIgnored({ ...npm, env: { LOOPWATCH_IGNORE_PROGRAMS: 'yarn' } }), false);
});

test('an option that is an object takes its fields, its defaults, or nothing', () => {
  const whole = {
    windowSize: 1000,
    percentile: 0.95,
    minSamples: 100,
    multiplier: 5,
    updateMs: 1000,
  };
  assert.equal(settingsFrom({}, {}).adaptive, false);
  assert.deepEqual(settingsFrom({ adaptive: true }, {}).adaptive, whole);
  assert.deepEqual(settingsFrom({ adaptive: { multiplier: 2 } }, {}).adaptive, {
    ...whole,
    multiplier: 2,
  });
  const environment = { LOOPWATCH_ADAPTIVE: '{"updateMs":50}', LOOPWATCH_CUMULATIVE: 'off' };
  const settings = settingsFrom({}, environment);
  assert.deepEqual(settings.adaptive, { ...whole, updateMs: 50 });
  assert.equal(settings.cumulative, false);
  assert.deepEqual(settingsFrom({}, {}).cumulative, { thresholdMs: 200, windowMs: 1000 });
  refuses(
    { cumulative: { thresholdMs: 1000 } },
    {},
    'cumulative.thresholdMs',
    'less than windowMs',
  );
  refuses({ adaptive: { windowSize: 50 } }, {}, 'adaptive.minSamples', 'at most windowSize (50)');
});

test('a server that tests have started tells them of its blocks, unless it is told otherwise', () => {
  const told = (environment: Record<string, string>, options = {}) => {
    const { serverTiming, thresholdMs, context } = settingsFrom(options, environment);
    return [serverTiming, thresholdMs, context];
  };
  const limit = (value: string) => ({ LOOPWATCH_TEST_THRESHOLD_MS: value });
  assert.deepEqual(told(limit('50')), [true, 50, 'on']);
  assert.deepEqual(told(limit('400')), [true, 100, 'on']);
  assert.deepEqual(told({ ...limit('50'), LOOPWATCH_BEAT_MS: '30' }), [true, 60, 'on']);
  assert.deepEqual(told({ ...limit('50'), LOOPWATCH_THRESHOLD_MS: '200' }), [true, 200, 'on']);
  assert.deepEqual(told(limit('50'), { serverTiming: false }), [false, 50, 'on']);
  for (const off of ['0', '', 'nonsense'])
    assert.deepEqual(told(limit(off)), [null, 100, 'auto'], off);
});
