/**
 * The suites of published packages that ship their tests, run with and without the gate: what fails
 * under it alone is a bug of the gate or a true block, and each one is looked at.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, must } from '../lib/command.mjs';
import { cache, root } from '../lib/paths.mjs';
import { ToolError } from '../lib/program.mjs';
import { filesUnder } from '../lib/tree.mjs';
import { sum } from '../suite/tally.mjs';

/**
 * @typedef {object} Subject
 * @property {string} name
 * @property {string} version
 * @property {string[]} needs those of its development dependencies that its tests load
 * @property {RegExp} [except] files of tests that need what is not in the package
 */

/** All have tests of node:test in `test/`. @type {Subject[]} */
const subjects = [
  {
    name: 'fastify',
    version: '5.12.8',
    needs: [
      ...['ajv', 'ajv-errors', 'ajv-formats', 'ajv-i18n', 'ajv-merge-patch', 'fast-json-body'],
      ...['fastify-plugin', 'fluent-json-schema', 'h2url', 'http-errors', 'joi', 'JSONStream'],
      ...['node-forge', 'proxyquire', 'split2', 'undici', 'vary', 'yup'],
    ],
  },
  { name: 'find-my-way', version: '9.10.1', needs: ['proxyquire', 'rfdc'] },
  {
    name: 'pino',
    version: '10.4.0',
    needs: [
      ...['@matteo.collina/tspl', 'execa', 'flush-write-stream', 'import-fresh', 'pino-pretty'],
      ...['proxyquire', 'rimraf', 'semver', 'split2', 'strip-ansi', 'tape'],
    ],
    // Those for browsers are for tape, which the gate does not know, and `jest/` is for Jest.
    except: /browser|[/\\]jest[/\\]/,
  },
  {
    name: 'light-my-request',
    version: '6.8.1',
    needs: [
      ...['@fastify/ajv-compiler', 'end-of-stream', 'express', 'form-auto-content', 'form-data'],
      ...['formdata-node', 'multer', 'undici'],
    ],
  },
];

/** For one suite, in ms: the longest takes about two minutes. */
const DEADLINE_MS = 600_000;

/** For one file of tests, in ms. */
const FILE_MS = 120_000;

const reporter = join(root, 'scripts', 'suite', 'tally-reporter.mjs');

/** @param {string} names separated by commas; empty for all */
export function chosen(names) {
  if (names === '') return subjects;
  return names.split(',').map((name) => {
    const subject = subjects.find((one) => one.name === name);
    if (subject !== undefined) return subject;
    const known = subjects.map((one) => one.name).join(', ');
    throw new ToolError(`no such package: ${name}; there are ${known}`);
  });
}

/** Fetches a package and what its tests need, once, and installs loopwatch as it is now. */
async function install({ name, version, needs }) {
  const home = join(cache, 'gate', `${name}-${version}`);
  const folder = join(home, 'package');
  if (!existsSync(join(home, 'installed'))) {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    await must('npm', ['pack', '--silent', '--pack-destination', home, `${name}@${version}`]);
    await must('tar', ['xzf', `${name}-${version}.tgz`], { cwd: home });
    const file = join(folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    const all = Object.entries(manifest.devDependencies ?? {});
    const devDependencies = Object.fromEntries(all.filter(([one]) => needs.includes(one)));
    writeFileSync(file, JSON.stringify({ ...manifest, devDependencies }, null, 2));
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    await must('npm', ['install', ...flags], { cwd: folder });
    writeFileSync(join(home, 'installed'), '');
  }
  const own = join(root, 'packages', 'loopwatch');
  const to = join(folder, 'node_modules', 'loopwatch');
  rmSync(to, { recursive: true, force: true });
  for (const part of ['package.json', 'dist']) {
    cpSync(join(own, part), join(to, part), { recursive: true });
  }
  return { home, folder };
}

/** Runs the tests once. */
async function run(node, { folder, home }, files, flags, env) {
  const tally = join(home, 'tally.json');
  rmSync(tally, { force: true });
  const args = [
    ...[...flags, '--test', '--test-concurrency=1', `--test-timeout=${FILE_MS}`],
    ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${tally}`, ...files],
  ];
  const environment = { ...process.env, ...env, NODE_OPTIONS: undefined };
  const options = { cwd: folder, env: environment, timeoutMs: DEADLINE_MS };
  const { status, output } = await command(node, args, options);
  if (!existsSync(tally)) throw new ToolError(`${output}\nthe tests did not end: ${status}`);
  const { files: tallies } = JSON.parse(readFileSync(tally, 'utf8'));
  return { ...sum(Object.values(tallies)), output };
}

const turns = join(root, 'scripts', 'gate', 'turns.cjs');

/** So often each file with a blocked test is run without the gate. */
const TURNS_RUNS = 3;

/** The longest turns of a file of tests without the gate, as `ms (CPU ms)`, one of each process with any. */
async function longestTurns(node, { folder, home }, file) {
  const path = join(home, 'turns.ndjson');
  const env = { ...process.env, TURNS: path, NODE_OPTIONS: undefined };
  rmSync(path, { force: true });
  for (let run = 1; run <= TURNS_RUNS; run++) {
    await command(node, ['--require', turns, '--test', file], {
      cwd: folder,
      env,
      timeoutMs: FILE_MS,
    });
  }
  if (!existsSync(path)) return '';
  // Children of tests are preloaded, too, and most have none.
  const runs = readFileSync(path, 'utf8').trimEnd().split('\n').map(JSON.parse);
  const longest = runs.filter((found) => found.length > 0).map(([one]) => one);
  return longest.map(([ms, cpuMs]) => `${ms} (${cpuMs})`).join(', ');
}

/**
 * What blocked, beside what another measurement says of the same files: rows of test, ms, line, cause and
 * the longest turns without the gate.
 */
async function blockedRows(node, places, report) {
  const results = report.trimEnd().split('\n').map(JSON.parse);
  const blocked = results.filter(({ verdict }) => verdict === 'blocked');
  const turnsOf = new Map();
  for (const { file } of blocked) {
    if (!turnsOf.has(file)) turnsOf.set(file, await longestTurns(node, places, file));
  }
  return blocked.map(({ file, test, blockedMs, by }) => {
    const name = test === null ? '(the file)' : test;
    const line = by?.file == null ? '' : `${by.file}:${by.line}`;
    return [file, name, blockedMs, line, by?.cause ?? '', turnsOf.get(file)];
  });
}

/**
 * Runs the suite of a package, without the gate and with it.
 *
 * @param {string} node the interpreter
 * @param {Subject} subject
 */
export async function runPackage(node, subject) {
  const places = await install(subject);
  const found = ['.test.js', '.test.mjs'].flatMap((suffix) => {
    return filesUnder(join(places.folder, 'test'), suffix);
  });
  const files = found.filter((file) => !(subject.except?.test(file) ?? false));
  const without = await run(node, places, files, [], { LOOPWATCH_TEST_THRESHOLD_MS: '0' });
  const report = join(places.home, 'report.ndjson');
  writeFileSync(report, '');
  const env = { LOOPWATCH_TEST_REPORT: report };
  const gate = ['--import', 'loopwatch/node-test'];
  const under = await run(node, places, files, gate, env);
  const text = readFileSync(report, 'utf8');
  writeFileSync(join(places.home, 'output.txt'), under.output);
  const blocked = await blockedRows(node, places, text);
  return { files: files.length, without, under, text, blocked };
}
