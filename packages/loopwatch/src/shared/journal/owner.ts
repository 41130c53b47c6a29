/** Who owns a journal file, and whether that process is still there. */
import { readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from '../errors.js';
import type { Owner } from './journal-name.js';

/**
 * Field 22 of /proc/PID/stat, counted from the last parenthesis: see thread-state.ts. Null for a
 * process that is gone, also when nobody has fetched its end yet (a zombie).
 */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return /^[ZXx]$/.test(fields[0] ?? '') ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function namespaceNow(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** This process. */
export function ownerNow(): Owner {
  const { pid } = process;
  return { namespace: namespaceNow(), pid, startedAt: startOf(pid) ?? '0' };
}

/**
 * Whether the owner runs; null when that can't be known from here, since it has another pid
 * namespace (a container that shares the folder).
 */
export function isAlive(owner: Owner, here: Owner): boolean | null {
  if (owner.namespace !== here.namespace) return null;
  if (owner.startedAt !== '0' && here.startedAt !== '0') {
    return startOf(owner.pid) === owner.startedAt;
  }
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return codeOf(error) === 'EPERM';
  }
}
