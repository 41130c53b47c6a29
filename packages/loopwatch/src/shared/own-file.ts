/** Reads files from places where others may have put something. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/**
 * The text of a file of this user's; null for anything else.
 *
 * @param mostBytes what is larger is not read
 * @param accepts what else is asked of it
 */
export function textOfOwnFile(
  path: string,
  mostBytes: number,
  accepts: (found: Stats) => boolean = () => true,
): string | null {
  let descriptor: number | undefined;
  try {
    // A link would lead elsewhere, and a pipe would keep us waiting.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    descriptor = openSync(path, flags);
    const found = fstatSync(descriptor);
    const mine = process.getuid === undefined || found.uid === process.getuid();
    if (!found.isFile() || !mine || found.size > mostBytes || !accepts(found)) return null;
    return readFileSync(descriptor, 'utf8');
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
