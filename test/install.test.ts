/**
 * The packages as their users get them: packed, installed by npm into an empty project, and preloaded.
 *
 * @machine waiting
 * @run once
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { blockArguments, onlyReport } from './harness/block.js';
import { cleanEnvironment } from './harness/environment.js';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { deadClientFolder, packageFolder, programPath, programsFolder } from './harness/places.js';
import { byImport, byRequire, unwatched } from './harness/preload.js';
import { reportsFrom } from './harness/reports.js';
import { run, start } from './harness/run.js';

/** Enough for a registry that is far away. */
const NPM_TIMEOUT_MS = 120_000;

/** npm, without what `npm test` tells its children. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const env = cleanEnvironment();
  for (const name of Object.keys(env)) {
    if (/^npm_(?:package|lifecycle|command|config_local_prefix)/.test(name)) delete env[name];
  }
  const { stdout } = await promisify(execFile)('npm', args, { cwd, env, timeout: NPM_TIMEOUT_MS });
  return stdout;
}

/** @returns the path of the tarball of the package in a folder */
async function pack(scope: Scope, folder: string): Promise<string> {
  const packed = temporaryFolder(scope);
  await npm(folder, 'pack', '--pack-destination', packed);
  const [tarball, ...more] = readdirSync(packed);
  assert.deepEqual(more, []);
  return join(packed, tarball as string);
}

function emptyProject(scope: Scope): string {
  const project = temporaryFolder(scope);
  writeFileSync(join(project, 'package.json'), '{ "name": "app", "private": true }');
  return project;
}

async function install(project: string, ...what: string[]): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  await npm(project, 'install', ...quiet, ...what);
}

/** Nobody needs our sources, nor may anything run because we were installed. */
function assertClean(project: string, name: string): void {
  const installed = join(project, 'node_modules', name);
  const sources = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) => {
    return !file.startsWith('node_modules') && /(?<!\.d)\.[cm]?ts$|\.test\.|tsbuildinfo/.test(file);
  });
  assert.deepEqual(sources, [], 'neither sources nor tests are published');
  const { scripts } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.equal(scripts?.postinstall ?? scripts?.install, undefined);
}

describe('the packed package', () => {
  test('works in an empty project that npm installed it into', async (t) => {
    const project = emptyProject(t);
    await install(project, await pack(t, packageFolder));
    assertClean(project, 'loopwatch');

    cpSync(join(programsFolder, 'lib'), join(project, 'lib'), { recursive: true });
    copyFileSync(programPath('block.mjs'), join(project, 'app.mjs'));
    const args = ['app.mjs', ...blockArguments({ kind: 'wait', ms: 400 })];
    for (const preload of [byImport(), byRequire()]) {
      const ended = await run(t, args, { preload, cwd: project });
      const { block } = onlyReport(ended);
      assert.equal(block.culprit?.function, 'wait');
      assert.equal(block.culprit?.file, join(project, 'app.mjs'));
    }

    const logs = ['pino/file', './lib/log-target.mjs'].map((target, index) => {
      const file = join(project, `${index}.ndjson`);
      return { file, target, options: { file, destination: file } };
    });
    const targets = logs.map(({ target, options }) => ({ target, options }));
    const env = { LOOPWATCH_LOG_TRANSPORT: JSON.stringify(targets) };
    const ended = await run(t, args, { cwd: project, env });
    assert.equal(ended.stderr, '');
    for (const { file, target } of logs) assert.equal(reportsFrom(file).length, 1, target);
  });
});

describe('the packed @loopwatch/dead-client', () => {
  const name = '@loopwatch/dead-client';
  const state = `
    import { createClientWatchdog } from '${name}';
    const watchdog = createClientWatchdog();
    await watchdog.ready;
    const { active, backend } = watchdog.status;
    console.log(active, backend);
  `;
  const backendIn = async (t: Scope, cwd: string) => {
    writeFileSync(join(cwd, 'state.mjs'), state);
    const { stdout, stderr } = await run(t, ['state.mjs'], { preload: unwatched, cwd });
    assert.equal(stderr, '');
    return stdout;
  };

  test('works by itself without koffi, with koffi, and with loopwatch', async (t) => {
    const project = emptyProject(t);
    await install(project, await pack(t, deadClientFolder));
    assertClean(project, name);
    assert.deepEqual(readdirSync(join(project, 'node_modules', '@loopwatch')), ['dead-client']);
    assert.equal(await backendIn(t, project), 'true proc\n');

    const { devDependencies } = JSON.parse(
      readFileSync(join(deadClientFolder, 'package.json'), 'utf8'),
    );
    await install(project, '--ignore-scripts', `koffi@${devDependencies.koffi}`);
    assert.equal(await backendIn(t, project), 'true koffi\n');

    await install(project, await pack(t, packageFolder));
    copyFileSync(programPath('dead-client/unaware.mjs'), join(project, 'unaware.mjs'));
    const running = start(t, ['unaware.mjs', 'http'], {
      cwd: project,
      env: { LOOPWATCH_DEAD_CLIENTS: 'reset', LOOPWATCH_DEAD_CLIENT_GRACE_MS: '2000' },
      deadlineMs: 60_000,
    });
    await running.says('stdout', /^closed$/m);
    await running.says('stderr', /"deadClient":.*"backend":"koffi"/);
  });
});
