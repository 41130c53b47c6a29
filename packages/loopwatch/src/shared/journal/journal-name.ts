/**
 * The names of journal files: whose a record is, which, and who still wants it. All of that can change
 * by a rename, which is atomic, and nothing has to be read to know it.
 *
 * ```
 * 4026531836.1234.98765-0123456789abcdef0123456789abcdef.log+sentry.json
 * └ pid namespace, pid, start time ┘ └───────── id ─────────┘ └ wants ┘
 * ```
 */

/** The places that a report is delivered to. */
export type SinkName = 'log' | 'sentry';

/** A process, for as long as the machine is up: numbers of processes are used again. */
export interface Owner {
  /** Its pid namespace: every container has a process 1. `0` where there are none. */
  readonly namespace: string;
  readonly pid: number;
  /** When it was started, in the kernel's ticks since the machine was; `0` where that is not known. */
  readonly startedAt: string;
}

/** `open`: the turn goes on, or its report was never decided about. */
export type Wants = readonly SinkName[] | 'open';

export interface JournalName {
  readonly owner: Owner;
  readonly id: string;
  readonly wants: Wants;
}

const SINKS: readonly SinkName[] = ['log', 'sentry'];

const NAME =
  /^(\d{1,20})\.(\d{1,10})\.(\d{1,20})-([0-9a-f]{32})\.(open|log|sentry|log\+sentry)\.json$/;

export function formatName({ owner, id, wants }: JournalName): string {
  const { namespace, pid, startedAt } = owner;
  const whom = wants === 'open' ? wants : SINKS.filter((sink) => wants.includes(sink)).join('+');
  return `${namespace}.${pid}.${startedAt}-${id}.${whom}.json`;
}

/** Null for every file that is not ours. */
export function parseName(name: string): JournalName | null {
  const [, namespace, pid, startedAt, id, whom] = NAME.exec(name) ?? [];
  if (namespace === undefined || pid === undefined || startedAt === undefined) return null;
  if (id === undefined || whom === undefined) return null;
  const wants = whom === 'open' ? whom : (whom.split('+') as SinkName[]);
  return { owner: { namespace, pid: Number(pid), startedAt }, id, wants };
}

export function isSameOwner(a: Owner, b: Owner): boolean {
  return a.namespace === b.namespace && a.pid === b.pid && a.startedAt === b.startedAt;
}
