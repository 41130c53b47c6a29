/** Projects with tests, as their runners find them: loopwatch and one runner installed, nothing else. */
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Scope, temporaryFolder } from './folder.js';
import { packageFolder, programPath } from './places.js';
import { unwatched } from './preload.js';
import { type Ended, run } from './run.js';

/** A runner, and how it is told to run under the gate. */
export interface Runner {
  readonly name: string;
  /** Its package in test/package.json, and the name under which tests import it. */
  readonly installed?: readonly [alias: string, name: string];
  /** Files of test/programs/gate that hold its suite. */
  readonly suites: readonly string[];
  /** Its configuration, by file name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The command line, without the interpreter. */
  readonly args: (suites: readonly string[], folder: string) => readonly string[];
  /** The oldest release of Node.js that it runs on. Default: 20. */
  readonly since?: number;
}

/** Long enough for Jest to start on a machine that is busy. */
const DEADLINE_MS = 240_000;

const resolver = createRequire(programPath('gate/'));

function folderOf(name: string, from: NodeJS.Require): string {
  const folders = from.resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      return realpathSync(join(folder, name));
    } catch {
      // In the next one.
    }
  }
  throw new Error(`${name} is not installed`);
}

function install(project: string, name: string, from: string): void {
  const to = join(project, 'node_modules', name);
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(from, to);
}

/** Copies the package: a link to it would lead runners to its sources, and away from node_modules. */
function installLoopwatch(project: string): void {
  const to = join(project, 'node_modules', 'loopwatch');
  for (const part of ['package.json', 'dist']) {
    cpSync(join(packageFolder, part), join(to, part), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const from = createRequire(join(packageFolder, 'package.json'));
  for (const name of Object.keys(manifest.dependencies)) install(to, name, folderOf(name, from));
}

/** Makes the project of a runner. */
export function testProject(scope: Scope, { installed, files = {} }: Runner): string {
  const project = temporaryFolder(scope);
  writeFileSync(join(project, 'package.json'), '{ "name": "app", "private": true }');
  installLoopwatch(project);
  if (installed !== undefined) {
    const [alias, name] = installed;
    install(project, name, folderOf(alias, resolver));
  }
  install(project, '@sinonjs/fake-timers', folderOf('@sinonjs/fake-timers', resolver));
  cpSync(programPath('gate'), project, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return project;
}

/** What the gate says of one run of a test. */
export interface GateResult {
  readonly type: 'test';
  readonly file: string | null;
  readonly test: string | null;
  readonly verdict: 'clean' | 'blocked' | 'unmeasured';
  readonly reason: string | null;
  readonly fails: boolean;
  readonly blockedMs: number;
  readonly by: {
    readonly request: string | null;
    readonly function: string | null;
    readonly line: number | null;
  } | null;
}

export interface TestRun {
  readonly ended: Ended;
  /** The report as it is. */
  readonly text: string;
  readonly results: readonly GateResult[];
  readonly all: string;
}

/** Runs tests under the gate. */
export async function runTests(
  scope: Scope,
  runner: Runner,
  env: Readonly<Record<string, string | undefined>> = {},
  project = testProject(scope, runner),
): Promise<TestRun> {
  const report = join(project, 'report.ndjson');
  writeFileSync(report, '');
  const ended = await run(scope, runner.args(runner.suites, project), {
    ...{ preload: unwatched, cwd: project, deadlineMs: DEADLINE_MS },
    env: { LOOPWATCH_TEST_REPORT: report, CI: 'true', NO_COLOR: '1', ...env },
  });
  const text = readFileSync(report, 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const results = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'test');
  return { ended, text, results, all: `${ended.stdout}\n${ended.stderr}` };
}
