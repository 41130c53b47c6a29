/** Where a process listens, by `/proc` (Linux). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP port that someone listens on. */
export interface Listening {
  /** As one connects to it: an address that stands for all becomes the loopback's. */
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

/** TCP_LISTEN, as /proc/net/tcp writes it. */
const LISTEN = '0A';

/** `0100007F` is 127.0.0.1: the bytes of each 32 bits are the machine's, which is little-endian. */
function hostOf(hex: string): string {
  if (/^0+$/.test(hex)) return hex.length === 8 ? '127.0.0.1' : '::1';
  const bytes = hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  if (bytes.length === 4) return bytes.reverse().join('.');
  const words = [0, 4, 8, 12].map((at) => hex.slice(at * 2, at * 2 + 8).match(/../g) ?? []);
  const text = words.map((word) => word.reverse().join('')).join('');
  return text.match(/.{4}/g)?.join(':') ?? '::1';
}

/** Reads the text of /proc/net/tcp or tcp6. */
export function parseListening(text: string): Listening[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address, port] = local.split(':');
    if (state !== LISTEN || address === undefined || inode === undefined) return [];
    return [{ host: hostOf(address), port: Number.parseInt(port ?? '', 16), inode }];
  });
}

/** All that listen in the network that a process sees; null where that can't be read. */
export function allListening(pid: number): Listening[] | null {
  try {
    return ['tcp', 'tcp6'].flatMap((name) => {
      return parseListening(readFileSync(`/proc/${pid}/net/${name}`, 'latin1'));
    });
  } catch {
    return null;
  }
}

/** The sockets of a process, whatever they are; null where that can't be known. */
export function inodesOf(pid: number): Set<string> | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return null;
  }
  const inodes = names.flatMap((name) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? [];
    } catch {
      // Closed since.
      return [];
    }
  });
  return new Set(inodes);
}

/** The ports that a process listens on; null where that can't be known. */
export function listeningOf(pid: number): Listening[] | null {
  const inodes = inodesOf(pid);
  if (inodes === null) return null;
  return allListening(pid)?.filter(({ inode }) => inodes.has(inode)) ?? null;
}

/** Which process has a socket, among those that we may look at. */
export function ownerOf(inode: string): number | null {
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && inodesOf(Number(name))?.has(inode)) return Number(name);
  }
  return null;
}
