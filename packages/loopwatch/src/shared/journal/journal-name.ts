/**
 * The names of journal files: whose a record is, which, and who still wants it. All of that can change
 * by a rename, which is atomic, and nothing has to be read to know it.
 *
 * ```
 * 4026531836.1234.98765-0123456789abcdef0123456789abcdef.log+sentry.json
 * └ pid namespace, pid, start time ┘ └───────── id ─────────┘ └ wants ┘
 * ```
 */
import type { SinkName } from '../sinks/rules.js';

/** A process, for as long as the machine is up: numbers of processes are used again. */
export interface Owner {
  /** Its pid namespace: every container has a process 1. `0` where there are none. */
  readonly namespace: string;
  readonly pid: number;
  /** When it was started, in the kernel's ticks since the machine was; `0` where that is not known. */
  readonly startedAt: string;
}

/**
 * `open`: the turn goes on, or its report was never decided about. Else the sinks, in the order in which
 * the name has them: also those that only another release knows, which are to find it again.
 */
export type Wants = readonly SinkName[] | 'open';

export interface JournalName {
  readonly owner: Owner;
  readonly id: string;
  readonly wants: Wants;
}

const OPEN = 'open';

/** A sink's word is a folder's name, and short: a file's name has room for eight of them. */
const NAME =
  /^(\d{1,20})\.(\d{1,10})\.(\d{1,20})-([0-9a-f]{32})\.([a-z][a-z\d]{0,15}(?:\+[a-z][a-z\d]{0,15}){0,7})\.json$/;

export function formatName({ owner, id, wants }: JournalName): string {
  const { namespace, pid, startedAt } = owner;
  const whom = wants === OPEN ? wants : wants.join('+');
  return `${namespace}.${pid}.${startedAt}-${id}.${whom}.json`;
}

/** Null for every file that is not ours. */
export function parseName(name: string): JournalName | null {
  const [, namespace, pid, startedAt, id, whom] = NAME.exec(name) ?? [];
  if (namespace === undefined || pid === undefined || startedAt === undefined) return null;
  if (id === undefined || whom === undefined) return null;
  const owner = { namespace, pid: Number(pid), startedAt };
  if (whom === OPEN) return { owner, id, wants: OPEN };
  const wants = whom.split('+');
  const isOdd = wants.includes(OPEN) || new Set(wants).size < wants.length;
  return isOdd ? null : { owner, id, wants };
}

export function isSameOwner(a: Owner, b: Owner): boolean {
  return a.namespace === b.namespace && a.pid === b.pid && a.startedAt === b.startedAt;
}
