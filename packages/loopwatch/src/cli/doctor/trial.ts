/** Tries the whole of it on processes of our own: a block that must be caught, a stack that must be had. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../shared/errors.js';
import { SourceMaps } from '../stack/source-maps.js';
import { takeAll } from '../stack/take.js';
import { Unreachable, withTarget } from '../target/with-target.js';
import { type Finding, fail, ok, warn } from './finding.js';

/** As a URL, which has no spaces; this file is bundled into dist/cli/main.js. */
const REGISTER = new URL('../register.js', import.meta.url).href;

/** Longer than a start takes on a machine that is busy. */
const LONGEST_MS = 15_000;

/** Takes no CPU: on a busy machine what computes may be starved, which is no block. */
const BLOCK = `setTimeout(() => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  setTimeout(() => {}, 100);
}, 300)`;

/** Ends by itself with our end of its standard input. */
const IDLE = `process.stdin.resume(); console.log('up')`;

/** Without what would change how it is watched. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => {
    return !/^(?:LOOPWATCH_|SENTRY_|NODE_OPTIONS$)/.test(name);
  });
  return { ...Object.fromEntries(kept), ...extra };
}

async function over(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(timer);
}

/** A child that blocks for 400 ms. */
export async function catchesBlock(): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-doctor-'));
  const log = join(folder, 'log.ndjson');
  try {
    const env = environment({ LOOPWATCH_LOG: log, LOOPWATCH_JOURNAL_DIR: join(folder, 'journal') });
    const args = ['--import', REGISTER, '-e', BLOCK];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
    await over(child);
    const said = /"msg":"([^"]+)"/.exec(read(log))?.[1];
    if (said !== undefined) return ok('a block is caught', said);
    return fail('a block is caught', words.trim().split('\n')[0] || 'no report of it');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A child that does nothing, asked for its stack. */
export async function reachesProcess(): Promise<Finding> {
  const check = 'stack, attach, detach';
  const child = spawn(process.execPath, ['-e', IDLE], {
    env: environment({}),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  try {
    if (child.stdout !== null) await once(child.stdout, 'data');
    const { pid = 0 } = child;
    await withTarget(pid, LONGEST_MS, ({ target, askedMs }) =>
      takeAll(target, askedMs, LONGEST_MS, new SourceMaps()),
    );
    return ok(check, 'a process of this user was looked into, and left as it was');
  } catch (error) {
    if (error instanceof Unreachable) return warn(check, 'a process did not open its inspector');
    return warn(check, messageOf(error));
  } finally {
    child.stdin?.end();
    await over(child);
  }
}
