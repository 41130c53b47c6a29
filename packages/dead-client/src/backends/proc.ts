/**
 * Reads /proc/net/tcp and tcp6, which hold every socket of the network namespace: no dependency, and
 * a cost that grows with all of them (about 6 µs each), whether they are watched or not.
 */
import { fstatSync, readFileSync } from 'node:fs';
import { type Backend, type Handle, type Reading, TcpState } from '../sockets/reading.js';

/** What a row says; see Documentation/networking/proc_net_tcp.rst. */
export interface Row {
  readonly state: number;
  readonly queued: number;
  readonly unread: number;
  readonly isUnanswered: boolean;
}

/** In the column `tr`: which timer runs. */
const RETRANSMIT_TIMER = 1;

/** Probes of a closed window are answered by a live kernel: this many in a row are not. */
const UNANSWERED_PROBES = 3;

/** What only a row of a connection in time-wait has, which belongs to no process. */
const TIME_WAIT = ' 06 00000000:00000000 ';

const hex = (text: string | undefined) => Number.parseInt(text ?? '', 16);

/** The rows of such a file, by inode. What belongs to no process has none; listeners are left out. */
export function parseTable(text: string, rows = new Map<number, Row>()): Map<number, Row> {
  const LISTEN = 10;
  for (const line of text.split('\n')) {
    // A busy server has tens of thousands of these, and none is of interest.
    if (line.includes(TIME_WAIT)) continue;
    const columns = line.trim().split(/\s+/);
    const inode = Number(columns[9]);
    const state = hex(columns[3]);
    if (!(inode > 0) || Number.isNaN(state) || state === LISTEN) continue;
    const [queued, unread] = (columns[4] ?? '').split(':');
    const probes = Number(columns[8]);
    rows.set(inode, {
      state,
      queued: hex(queued),
      unread: hex(unread),
      isUnanswered:
        hex(columns[5]?.split(':')[0]) === RETRANSMIT_TIMER || probes >= UNANSWERED_PROBES,
    });
  }
  return rows;
}

function readTables(): Map<number, Row> {
  const rows = parseTable(readFileSync('/proc/net/tcp', 'latin1'));
  try {
    parseTable(readFileSync('/proc/net/tcp6', 'latin1'), rows);
  } catch {
    // A kernel without IPv6.
  }
  return rows;
}

/** @throws when there is no such file, or the permission model forbids it */
export function procBackend(): Backend {
  let rows: Map<number, Row> | undefined;
  readTables();

  /** Handles are of one socket for life, so each is looked up once. */
  const inodes = new WeakMap<Handle, number>();
  const inodeNow = ({ fd }: Handle): number | null => {
    try {
      return fd < 0 ? null : fstatSync(fd).ino;
    } catch {
      return null;
    }
  };
  const inodeOf = (handle: Handle): number | null => {
    const known = inodes.get(handle);
    if (known !== undefined && handle.fd >= 0) return known;
    const inode = inodeNow(handle);
    if (inode !== null) inodes.set(handle, inode);
    return inode;
  };

  return {
    name: 'proc',
    begin() {
      rows = undefined;
    },
    read(handle: Handle): Reading | null {
      const inode = inodeOf(handle);
      if (inode === null) return null;
      rows ??= readTables();
      // The kernel takes a socket that was reset out of its tables.
      const row = rows.get(inode) ?? {
        state: TcpState.close,
        queued: 0,
        unread: 0,
        isUnanswered: false,
      };
      const acked = handle.bytesWritten - handle.writeQueueSize - row.queued;
      return { ...row, acked, delivered: null };
    },
    // Not the one that is remembered: that would be no check.
    identity: inodeNow,
    linger: () => false,
  };
}
