/** What the system and this Node.js allow. */
import { readFileSync } from 'node:fs';
import { type Finding, fail, ok, warn } from './finding.js';

/** Releases that can `require` an ES module, which is what loopwatch is. */
const LEAST: Readonly<Record<number, number>> = { 20: 19, 22: 12 };

/** Whether a release is supported. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 22 ? major !== 23 || minor >= 3 : minor >= (LEAST[major] ?? Infinity);
}

export function nodeVersion(): Finding {
  const { version, platform, arch } = process;
  const what = `${version} on ${platform} ${arch}`;
  if (!isSupported(version)) return fail('node', `${what}; 20.19, 22.12 or later is needed`);
  return ok('node', what);
}

export function inspector(): Finding {
  if (process.features.inspector) return ok('inspector', 'built in');
  return fail('inspector', 'this Node.js was built without; there are no stacks');
}

interface Permission {
  has(scope: string): boolean;
}

export function permissions(): Finding {
  const { permission } = process as { permission?: Permission };
  const flags = process.env.NODE_OPTIONS?.includes('--permission') === true;
  if (permission === undefined && !flags) return ok('permission model', 'off');
  return warn(
    'permission model',
    'on: the program needs --allow-worker and, from Node 25 on, --allow-inspector',
  );
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What each file of /proc is for. */
const FILES: readonly (readonly [name: string, path: string, without: string])[] = [
  ['thread state', '/proc/self/task/PID/stat', 'causes are not told apart (native, sync-io)'],
  ['system call', '/proc/self/task/PID/syscall', 'stack does not name the call a thread sleeps in'],
  ['schedstat', '/proc/thread-self/schedstat', 'starvation is told from less'],
  ['CPU pressure', '/proc/pressure/cpu', 'unconfirmed blocks do not say how busy the machine was'],
];

export function procFiles(): Finding[] {
  if (process.platform !== 'linux') {
    return [warn('/proc', `there is none on ${process.platform}: causes are less certain`)];
  }
  return FILES.map(([name, path, without]) => {
    const file = path.replace('PID', String(process.pid));
    return isReadable(file) ? ok(name, file) : warn(name, `no ${file}: ${without}`);
  });
}

/** Yama's scope (Linux): whether a process may look at those that it did not start. */
export function ptrace(): Finding {
  try {
    const scope = readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim();
    if (scope === '0' || process.getuid?.() === 0) return ok('ptrace', `scope ${scope}`);
    return warn('ptrace', `scope ${scope}: stack does not name system calls; all else works`);
  } catch {
    return ok('ptrace', 'not restricted by Yama');
  }
}
