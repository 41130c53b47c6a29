/** The package as its users get it: packed, installed by npm into an empty project, and preloaded. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { blockArguments, onlyReport } from './harness/block.js';
import { cleanEnvironment } from './harness/environment.js';
import { temporaryFolder } from './harness/folder.js';
import { packageFolder, programPath, programsFolder } from './harness/places.js';
import { byImport, byRequire } from './harness/preload.js';
import { reportsFrom } from './harness/reports.js';
import { run } from './harness/run.js';

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

describe('the packed package', () => {
  test('works in an empty project that npm installed it into', async (t) => {
    const packed = temporaryFolder(t);
    await npm(packageFolder, 'pack', '--pack-destination', packed);
    const [tarball, ...more] = readdirSync(packed);
    assert.deepEqual(more, []);

    const project = temporaryFolder(t);
    writeFileSync(join(project, 'package.json'), '{ "name": "app", "private": true }');
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
    await npm(project, 'install', ...quiet, join(packed, tarball as string));

    const installed = join(project, 'node_modules', 'loopwatch');
    const sources = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) => {
      return (
        !name.startsWith('node_modules') && /(?<!\.d)\.[cm]?ts$|\.test\.|tsbuildinfo/.test(name)
      );
    });
    assert.deepEqual(sources, [], 'neither sources nor tests are published');
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    assert.equal(manifest.scripts?.postinstall ?? manifest.scripts?.install, undefined);

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
