/** Asks the kernel about a socket with getsockopt and ioctl, through koffi: 3 to 9 µs each. */
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import type { Backend, Handle, Reading } from '../sockets/reading.js';

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const SO_COOKIE = 57;
/** SIOCINQ, the same number as FIONREAD. */
const SIOCINQ = 0x541b;

/** Where the fields lie in struct tcp_info (include/uapi/linux/tcp.h), the same on every CPU. */
const Offset = {
  state: 0,
  probes: 3,
  unacked: 24,
  bytesAcked: 120,
  notSent: 144,
  delivered: 192,
  bytesSent: 200,
  bytesRetransmitted: 208,
} as const;

/** Up to and with bytes_retrans, which Linux 4.19 has brought. */
const LEAST_INFO = 216;

/** Probes of a closed window are answered by a live kernel: this many in a row are not. */
const UNANSWERED_PROBES = 3;

const require = createRequire(import.meta.url);

type Getsockopt = (fd: number, level: number, name: number, into: Buffer, size: Buffer) => number;
type Setsockopt = (fd: number, level: number, name: number, value: Buffer, size: number) => number;
type Ioctl = (fd: number, request: number, into: Buffer) => number;

/**
 * Loads koffi and finds libc's functions.
 *
 * @throws whatever says that they are not there: koffi is not installed, or may not be loaded
 */
export function koffiBackend(): Backend {
  if (process.platform !== 'linux') throw new Error(`no TCP_INFO on ${process.platform}`);
  if (endianness() !== 'LE') throw new Error('a big-endian CPU');
  const koffi = require('koffi') as typeof import('koffi');
  // The process itself: whichever libc it runs on.
  const libc = koffi.load(null);
  const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)') as Getsockopt;
  const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint)') as Setsockopt;
  const ioctl = libc.func('int ioctl(int, ulong, void *)') as Ioctl;

  const info = Buffer.alloc(256);
  const size = Buffer.alloc(4);
  const word = Buffer.alloc(8);
  const lingerZero = Buffer.alloc(8);
  lingerZero.writeInt32LE(1, 0);

  const u64 = (offset: number) =>
    info.readUInt32LE(offset) + info.readUInt32LE(offset + 4) * 2 ** 32;

  return {
    name: 'koffi',
    begin() {},
    read({ fd }: Handle): Reading | null {
      if (fd < 0) return null;
      size.writeInt32LE(info.length, 0);
      if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, size) !== 0) return null;
      if (size.readInt32LE(0) < LEAST_INFO) return null;
      if (ioctl(fd, SIOCINQ, word) !== 0) return null;
      const acked = u64(Offset.bytesAcked);
      const sent = u64(Offset.bytesSent) - u64(Offset.bytesRetransmitted);
      const probes = info.readUInt8(Offset.probes);
      return {
        state: info.readUInt8(Offset.state),
        queued: Math.max(0, info.readUInt32LE(Offset.notSent) + sent - acked),
        acked,
        delivered: info.readUInt32LE(Offset.delivered),
        unread: word.readInt32LE(0),
        isUnanswered: info.readUInt32LE(Offset.unacked) > 0 || probes >= UNANSWERED_PROBES,
      };
    },
    identity({ fd }: Handle): bigint | null {
      size.writeInt32LE(word.length, 0);
      if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_COOKIE, word, size) !== 0) return null;
      return word.readBigUInt64LE(0);
    },
    linger({ fd }: Handle): boolean {
      return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, lingerZero, lingerZero.length) === 0;
    },
  };
}
