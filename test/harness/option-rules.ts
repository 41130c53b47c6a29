/** The rule of every option, and the tests that break it in code and in the environment. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Options } from 'loopwatch';
import type { Scope } from './folder.js';
import { programPath } from './places.js';
import { unwatched } from './preload.js';
import { run } from './run.js';
import { variableOf } from './ways.js';

interface Rule {
  /** The rule as the error gives it. */
  readonly says: string;
  /** Values, as JavaScript source, that break it in code. */
  readonly badInCode: readonly string[];
  /** Texts that break it in the environment; none where any text will do. */
  readonly badInEnvironment: readonly string[];
  /** Good values at the edge of what is allowed, as source. */
  readonly good: readonly string[];
}

const milliseconds = (min: number, max: number) => ({
  says: `a number of ms from ${min} to ${max}`,
  badInCode: [String(min - 1), String(max + 1), 'NaN', 'Infinity', "'100'", 'null', '{}', '[100]'],
  badInEnvironment: [String(min - 1), String(max + 1), 'soon', '1s', ' '],
});

export const rules: Readonly<Record<keyof Options, Rule>> = {
  enabled: {
    says: 'true or false',
    badInCode: ["'true'", '1', 'null'],
    badInEnvironment: ['maybe', '2'],
    good: ['true', 'false'],
  },
  thresholdMs: { ...milliseconds(1, 2_147_483_647), good: ['40', '4999.5'] },
  beatMs: { ...milliseconds(1, 1000), good: ['1', '50'] },
  sampleMs: { ...milliseconds(1, 60_000), good: ['1', '60000'] },
  hangMs: { ...milliseconds(2, 2_147_483_647), good: ['100.5', '2147483647'] },
  onHang: {
    says: "'report', 'abort'",
    badInCode: ["'restart'", 'true', 'null'],
    badInEnvironment: ['restart'],
    good: ["'report'", "'abort'"],
  },
  abortAfterMs: { ...milliseconds(0, 2_147_483_647), good: ['0', '2147483647'] },
  adaptive: {
    says:
      'true, false, or an object of windowSize (a number of beats from 1 to 100000; 1000), ' +
      'percentile (a number from 0.5 to 0.99; 0.95), ' +
      'minSamples (a number of beats from 1 to 100000; 100), ' +
      'multiplier (a number from 1 to 1000; 5), updateMs (a number of ms from 1 to 3600000; 1000)',
    badInCode: ['1', 'null', '[]', '{ percentile: 0.4 }', '{ percentile: 1 }', '{ window: 5 }'],
    badInEnvironment: ['maybe', '5', '{"percentile":0.4}', '{"percentile":', '[]'],
    good: ['true', 'false', '{}', '{ percentile: 0.5, windowSize: 200, updateMs: 1 }'],
  },
  cumulative: {
    says:
      'true, false, or an object of thresholdMs (a number of ms from 1 to 2147483647; 200), ' +
      'windowMs (a number of ms from 1 to 3600000; 1000)',
    badInCode: ['200', 'null', '[]', '{ windowMs: 0 }', '{ thresholdMs: Infinity }'],
    badInEnvironment: ['maybe', '200', '{"windowMs":0}'],
    good: ['true', 'false', '{ thresholdMs: 500, windowMs: 2000 }'],
  },
  sourceMaps: {
    says: 'true or false',
    badInCode: ["'true'", '1', 'null'],
    badInEnvironment: ['maybe', '2'],
    good: ['true', 'false'],
  },
  handleSigterm: {
    says: 'true or false',
    badInCode: ["'true'", '1', 'null'],
    badInEnvironment: ['maybe', '2'],
    good: ['true', 'false'],
  },
  workers: {
    says: 'true or false',
    badInCode: ["'true'", '1', 'null'],
    badInEnvironment: ['maybe', '2'],
    good: ['true', 'false'],
  },
  startup: {
    says: "'report', 'log', 'ignore'",
    badInCode: ["'loud'", "'Log'", 'true', 'null'],
    badInEnvironment: ['loud', 'LOG'],
    good: ["'report'", "'log'", "'ignore'"],
  },
  ignorePrograms: {
    says: 'a list of program names',
    badInCode: ["'npm'", '[1]', "['']", 'null'],
    badInEnvironment: [],
    good: ['[]', "['npm', 'mytool']"],
  },
  context: {
    says: "'auto', 'on', 'off'",
    badInCode: ["'always'", 'true'],
    badInEnvironment: ['always'],
    good: ["'auto'", "'on'", "'off'"],
  },
  mode: {
    says: "'log', 'warn', 'strict'",
    badInCode: ["'error'", 'true', 'null'],
    badInEnvironment: ['error'],
    good: ["'log'", "'warn'", "'strict'"],
  },
  banner: {
    says: 'true or false',
    badInCode: ["'true'", '1', 'null'],
    badInEnvironment: ['maybe', '2'],
    good: ['true', 'false'],
  },
  serverTiming: {
    says: 'true or false',
    badInCode: ["'true'", '1', 'null'],
    badInEnvironment: ['maybe', '2'],
    good: ['true', 'false'],
  },
  queueHeader: {
    says: 'the name of a header',
    badInCode: ["''", "'x y'", "'x\\r\\n'", '1', 'null'],
    badInEnvironment: ['x y', ' '],
    good: ["'X-Queue-Start'"],
  },
  excludePaths: {
    says: 'a list of paths that begin with /',
    badInCode: ["'/health'", "['health']", '[1]', 'null'],
    badInEnvironment: ['health', '/a,b'],
    good: ['[]', "['/', '/up']"],
  },
  log: {
    says: "'stderr', 'off', or a file path",
    badInCode: ["''", '5', 'false', "'a\\0b'"],
    badInEnvironment: [],
    good: ["'stderr'", "'off'"],
  },
  logLevel: {
    says: "'trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'",
    badInCode: ["'loud'", '40', "'WARN'"],
    badInEnvironment: ['loud', '40'],
    good: ["'trace'", "'silent'"],
  },
  logFormat: {
    says: "'auto', 'json', 'pretty'",
    badInCode: ["'xml'", 'null'],
    badInEnvironment: ['xml'],
    good: ["'auto'", "'json'", "'pretty'"],
  },
  journalDir: {
    says: 'a directory path',
    badInCode: ["''", '5', 'null', "'a\\0b'"],
    badInEnvironment: [],
    good: ["'somewhere'"],
  },
  sentry: {
    says: "'auto', 'off'",
    badInCode: ["'on'", 'true', 'null'],
    badInEnvironment: ['on', 'https://key@host/1'],
    good: ["'auto'", "'off'"],
  },
  maxReportsPerCulprit: {
    says: 'a number of reports from 1 to 1000000000',
    badInCode: ['0', "'10'", 'Infinity', 'null'],
    badInEnvironment: ['0', 'many'],
    good: ['1', '1000000000'],
  },
  exitFlushMs: { ...milliseconds(0, 60_000), good: ['0', '60000'] },
  logTransport: {
    says:
      '{ target, options, level }, { targets: [...] } or a list of targets: target a text, ' +
      "options an object that can be cloned, level one of pino's; JSON in the environment",
    badInCode: [
      ...["'pino/file'", 'null', '5', '{}', "{ target: '' }", "{ target: 'x', options: [] }"],
      ...["{ target: 'x', options: { fn() {} } }", "{ target: 'x', level: 'loud' }"],
      ...["{ target: 'x', worker: {} }", "{ targets: 'x' }", "{ targets: [], target: 'x' }"],
      "[{ target: 'x' }, {}]",
    ],
    badInEnvironment: ['pino-pretty', '{"target":', '{"target":5}', '[{}]'],
    good: ['[]', "{ target: 'x' }", "{ targets: [{ target: 'x', options: {}, level: 'error' }] }"],
  },
  logger: {
    says: 'an object with the methods debug, info, warn and error',
    badInCode: ['{}', 'null', "'pino'", '{ warn() {}, error() {}, info() {}, debug: true }'],
    badInEnvironment: [],
    good: ['console'],
  },
  serve: {
    says: "'off', a port, or host:port",
    badInCode: ["''", '65536', "'localhost'", "'a b:80'", "'::1:80'", '1.5', 'true', 'null'],
    badInEnvironment: ['65536', 'localhost', 'http://localhost:80', 'on'],
    good: ["'off'", '0', "'0'", "'127.0.0.1:0'", "'[::1]:0'", "'localhost:0'"],
  },
  serveToken: {
    says: 'a text of 16 to 256 visible ASCII characters',
    badInCode: ["'0123456789abcde'", "'0123456789 abcdef'", "'\u00e4'.repeat(20)", '5', 'null'],
    badInEnvironment: ['secret', 'a token with blanks'],
    good: ["'0123456789abcdef'", "'~'.repeat(256)"],
  },
  profiler: {
    says: "'auto', 'on', 'off'",
    badInCode: ['true', "'always'", 'null'],
    badInEnvironment: ['1', 'true'],
    good: ["'auto'", "'on'", "'off'"],
  },
  deadClients: {
    says: "'off', 'report', 'reset'",
    badInCode: ['true', "'on'", 'null'],
    badInEnvironment: ['on', '1'],
    good: ["'off'", "'report'", "'reset'"],
  },
  deadClientGraceMs: {
    says: 'a number of ms from 1 to 86400000',
    badInCode: ['0', "'30000'", 'NaN'],
    badInEnvironment: ['0', 'soon'],
    good: ['1', '86400000'],
  },
  redact: {
    says: 'a list of strings or regular expressions',
    badInCode: ["'secret'", '[5]', "['']", '/x/'],
    badInEnvironment: [],
    good: ['[]', "['secret', /\\d+/g]"],
  },
};

export interface Tried {
  readonly threw: boolean;
  readonly isOurs?: boolean;
  readonly code?: string;
  readonly message?: string;
}

/** What start() makes of each value. `afresh` as the first says that each is on its own. */
export async function tried(scope: Scope, values: readonly string[]): Promise<Tried[]> {
  const { stdout, stderr, code } = await run(scope, [programPath('try-start.mjs'), ...values], {
    preload: unwatched,
    env: { LOOPWATCH_LOG: 'off' },
  });
  assert.deepEqual([code, stderr], [0, '']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Tried);
}

export const program = ['-e', 'console.log("runs"); process.exitCode = 6'];

/** The error in whole, as far as the value can be foreseen. */
function refusal(what: string, says: string): RegExp {
  return new RegExp(`^${what} must be ${escaped(says)}, but is .+`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Tests the rules of some options. */
export function testRules(options: readonly (keyof Options)[]): void {
  for (const option of options) testRule(option, rules[option]);
}

function testRule(option: string, { says, badInCode, badInEnvironment, good }: Rule): void {
  describe(option, { concurrency: 8 }, () => {
    test('a bad value in code is an error that names option, rule and value', async (t) => {
      const expressions = badInCode.map((value) => `{ ${option}: ${value} }`);
      const results = await tried(t, expressions);
      results.forEach((result, index) => {
        const { threw, isOurs, code, message = '' } = result;
        assert.ok(threw, `${expressions[index]} is refused`);
        assert.equal(isOurs, true);
        assert.equal(code, 'LOOPWATCH_E_OPTION');
        assert.match(message, refusal(`option ${option}`, says));
        if (/^\d+$/.test(badInCode[index] as string)) {
          assert.ok(message.endsWith(`but is ${badInCode[index]}`), message);
        }
      });
    });

    test('good values, and undefined, are taken', async (t) => {
      const expressions = [...good, 'undefined'].map((value) => `{ ${option}: ${value} }`);
      const results = await tried(t, ['afresh', ...expressions]);
      assert.deepEqual(
        results,
        expressions.map(() => ({ threw: false })),
      );
    });

    for (const text of badInEnvironment) {
      const variable = variableOf(option);
      test(`${variable}='${text}' is one line on stderr, and the program runs`, async (t) => {
        const { code, stdout, stderr } = await run(t, program, { env: { [variable]: text } });
        assert.deepEqual([code, stdout], [6, 'runs\n']);
        const [line = '', ...more] = stderr.split('\n');
        assert.deepEqual(more, ['']);
        assert.match(line, /^loopwatch: .*; this process is not watched$/);
        assert.match(line.slice('loopwatch: '.length), refusal(variable, says));
      });
    }
  });
}

/** An option of each kind of rule: numbers, switches, words, lists, objects, and so on. */
export const representative: readonly (keyof Options)[] = [
  ...(['enabled', 'thresholdMs', 'onHang', 'adaptive', 'ignorePrograms', 'queueHeader'] as const),
  ...(['excludePaths', 'log', 'maxReportsPerCulprit', 'logTransport', 'logger'] as const),
  ...(['serve', 'serveToken', 'redact'] as const),
];
