/** What the main thread of another process does, as the kernel sees it (Linux). */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { plain } from '../../shared/text/plain-text.js';

/** What the kernel says; null is not known. */
export interface KernelView {
  /** Share of the time in which it had a CPU, from 0 to 1. */
  readonly cpu: number | null;
  readonly state: 'running' | 'sleeping' | 'waiting for a disk' | 'stopped' | null;
  /** The system call that it sleeps in, where we may know: as its user, without Yama's restriction. */
  readonly call: string | null;
  /** The processes that it has started, which execSync and the like wait for. */
  readonly children: readonly { readonly pid: number; readonly command: string }[];
}

const NOTHING: KernelView = { cpu: null, state: null, call: null, children: [] };

/** Children named in a sentence. */
const MOST_CHILDREN = 3;

/** Long enough for a share of CPU time that is counted in 10 ms. */
const WATCH_MS = 100;

/** USER_HZ: see watchdog/thread-state.ts. */
const TICK_MS = 10;

/** The system calls that a main thread sleeps in. Numbers differ by architecture. */
const CALLS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  x64: {
    0: 'read',
    1: 'write',
    7: 'poll',
    17: 'pread64',
    18: 'pwrite64',
    23: 'select',
    35: 'nanosleep',
    42: 'connect',
    45: 'recvfrom',
    47: 'recvmsg',
    61: 'wait4',
    73: 'flock',
    74: 'fsync',
    75: 'fdatasync',
    202: 'futex',
    230: 'clock_nanosleep',
    232: 'epoll_wait',
    271: 'ppoll',
    281: 'epoll_pwait',
  },
  arm64: {
    22: 'epoll_pwait',
    32: 'flock',
    63: 'read',
    64: 'write',
    67: 'pread64',
    68: 'pwrite64',
    73: 'ppoll',
    82: 'fsync',
    83: 'fdatasync',
    98: 'futex',
    101: 'nanosleep',
    115: 'clock_nanosleep',
    203: 'connect',
    207: 'recvfrom',
    212: 'recvmsg',
    260: 'wait4',
  },
};

const STATES: Readonly<Record<string, KernelView['state']>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for a disk',
  T: 'stopped',
  t: 'stopped',
};

interface Moment {
  readonly state: string;
  readonly cpuMs: number;
}

function moment(pid: number): Moment | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1');
    // Counted from the last parenthesis: the thread's name may hold some (proc(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    return { state: fields[0] ?? '', cpuMs };
  } catch {
    return null;
  }
}

function callOf(pid: number): string | null {
  try {
    const [number] = readFileSync(`/proc/${pid}/task/${pid}/syscall`, 'latin1').split(' ');
    if (!/^\d+$/.test(number ?? '')) return null;
    return CALLS[process.arch]?.[Number(number)] ?? `system call ${number}`;
  } catch {
    return null;
  }
}

function childrenOf(pid: number): KernelView['children'] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return pids.split(/\s+/).flatMap((text) => {
      if (text === '') return [];
      const command = readFileSync(`/proc/${text}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid: Number(text), command }];
    });
  } catch {
    return [];
  }
}

/** Looks twice, 100 ms apart. */
export async function kernelView(pid: number): Promise<KernelView> {
  const before = moment(pid);
  if (before === null) return NOTHING;
  await sleep(WATCH_MS);
  const after = moment(pid);
  if (after === null) return NOTHING;
  const cpu = Math.min(1, (after.cpuMs - before.cpuMs) / WATCH_MS);
  const state = STATES[after.state] ?? null;
  const call = state === 'running' ? null : callOf(pid);
  return { cpu, state, call, children: childrenOf(pid) };
}

/** The view in words, for the end of a sentence. */
export function kernelWords({ cpu, state, call, children }: KernelView): string {
  if (state === null) return 'the system does not say what it does';
  const inside = call === null ? '' : ` in ${call}`;
  const share = cpu === null ? '' : `, ${Math.round(cpu * 100)}% of a CPU`;
  const commands = children.slice(0, MOST_CHILDREN).map(({ command }) => plain(command));
  const started = commands.length === 0 ? '' : `, child processes: ${commands.join('; ')}`;
  return `the kernel says: ${state}${inside}${share}${started}`;
}
