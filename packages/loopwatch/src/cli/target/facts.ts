/** What the system says of another process, before anything is done to it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from '../../shared/errors.js';

/** Null is not known: another system than Linux, or a `/proc` that keeps it to itself. */
export interface Facts {
  readonly pid: number;
  /** The user it runs as. */
  readonly uid: number | null;
  /** `R` runs, `S` and `D` sleep, `T` and `t` are stopped, `Z` has ended. */
  readonly state: string | null;
  /** The program file, without its folder. */
  readonly program: string | null;
  readonly args: readonly string[];
  readonly nodeOptions: string;
  /** Whether it has a handler for SIGUSR1; a Node process has from its start on. */
  readonly takesSigusr1: boolean | null;
  /** Whether its network is ours: a container's is its own. */
  readonly sharesNetwork: boolean | null;
  /** Its number in its own pid namespace. */
  readonly innerPid: number;
}

const SIGUSR1 = 10n;

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function field(status: string | null, name: string): string | null {
  return new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(status ?? '')?.[1] ?? null;
}

/** Whether a set of signals, as `status` writes it, has SIGUSR1. */
export function hasSigusr1(set: string): boolean {
  return ((BigInt(`0x${set}`) >> (SIGUSR1 - 1n)) & 1n) === 1n;
}

/** Whether a process is there: a number, its being someone else's, or null for nobody. */
export function presence(pid: number): 'ours' | 'foreign' | null {
  try {
    process.kill(pid, 0);
    return 'ours';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'foreign' : null;
  }
}

export function factsOf(pid: number): Facts {
  const at = `/proc/${pid}`;
  const status = read(`${at}/status`);
  const caught = field(status, 'SigCgt');
  const uid = field(status, 'Uid')?.split(/\s+/)[0];
  const environment = read(`${at}/environ`)?.split('\0') ?? [];
  const options = environment.find((entry) => entry.startsWith('NODE_OPTIONS='));
  // An upgrade of Node while the process runs leaves ` (deleted)`.
  const program = link(`${at}/exe`)?.replace(/ \(deleted\)$/, '');
  const network = link(`${at}/ns/net`);
  return {
    pid,
    uid: uid === undefined ? null : Number(uid),
    state: field(status, 'State')?.[0] ?? null,
    program: program === undefined ? null : basename(program),
    args: read(`${at}/cmdline`)?.split('\0').slice(0, -1) ?? [],
    nodeOptions: options?.slice('NODE_OPTIONS='.length) ?? '',
    takesSigusr1: caught === null ? null : hasSigusr1(caught),
    sharesNetwork: network === null ? null : network === link('/proc/self/ns/net'),
    innerPid: Number(field(status, 'NSpid')?.split(/\s+/).at(-1) ?? pid),
  };
}

/** The name that Node 24 and later give the thread which opens the inspector at a SIGUSR1. */
const SIGNAL_THREAD = 'SignalInspector';

/**
 * How often that thread has gone to sleep: it has once more when Node itself took a SIGUSR1. Null where
 * the thread can't be told from others.
 */
export function signalThreadSleeps(pid: number): number | null {
  const tasks = `/proc/${pid}/task`;
  const names = listed(tasks);
  const task = names.find((name) => read(`${tasks}/${name}/comm`)?.trim() === SIGNAL_THREAD);
  if (task === undefined) return null;
  const count = field(read(`${tasks}/${task}/status`), 'voluntary_ctxt_switches');
  return count === null ? null : Number(count);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
