/** The command line, as users start it. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { join } from 'node:path';
import type { Scope } from './folder.js';
import { packageFolder } from './places.js';
import { unwatched } from './preload.js';
import { type Ended, type Running, type RunOptions, start } from './run.js';
import { until } from './until.js';

const CLI = join(packageFolder, 'dist', 'cli', 'main.js');

/** SIGUSR1 opens the inspector on a port that is free: other tests may have Node's default. */
export const anyPort = ['--inspect-port=0'];

/** Starts a command of the command line. */
export function startCli(scope: Scope, args: readonly string[], options?: RunOptions): Running {
  return start(scope, [CLI, ...args], { preload: unwatched, ...options });
}

/** Runs one to its end. */
export function cli(scope: Scope, args: readonly string[], options?: RunOptions): Promise<Ended> {
  return startCli(scope, args, options).endInput();
}

/** Without those that tests have otherwise: for an attach they would be options. */
export const noOptions = { LOOPWATCH_JOURNAL_DIR: '', LOOPWATCH_PROFILER: '' };

/** The result of a command that must succeed. */
// biome-ignore lint/suspicious/noExplicitAny: each command's own shape
export async function cliJson(scope: Scope, ...args: string[]): Promise<any> {
  const ended = await cli(scope, [...args, '--json'], { env: noOptions });
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stderr, '');
  return JSON.parse(ended.stdout);
}

/** The ports on which a process has said that its inspector listens. */
function inspectorPorts({ stderr }: Pick<Running, 'stderr'>): number[] {
  const found = stderr.matchAll(/^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//gm);
  return [...found].map(([, port]) => Number(port));
}

function isInspector(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/json/version' }, (response) => {
      response.resume();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

/** Waits until no inspector of a process listens any more. */
export async function inspectorIsClosed(running: Running): Promise<void> {
  await until(
    'the inspector is closed',
    async () => {
      const open = await Promise.all(inspectorPorts(running).map(isInspector));
      return !open.includes(true);
    },
    { seen: () => running.shown() },
  );
}

/** What it has said besides of the inspector, which Node can't be kept from. */
export function withoutInspector(stderr: string): string {
  const words = /^(?:Debugger (?:listening on|attached|ending on)|For help, see:).*\n/gm;
  return stderr.replaceAll(words, '');
}
