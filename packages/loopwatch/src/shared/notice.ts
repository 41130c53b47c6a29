/** The few lines that loopwatch itself may have to say, on stderr; any thread may say them. */
import { writeSync } from 'node:fs';

const said = new Set<string>();

/**
 * Writes one line, once a thread. Directly to the descriptor: on main `process.stderr` would be
 * created by the first use, and may be the program's own; in a worker it goes through the main loop,
 * which may be blocked or about to exit.
 */
export function notice(text: string): void {
  try {
    const line = `loopwatch: ${text.replaceAll('\n', ' ')}\n`;
    if (said.has(line)) return;
    said.add(line);
    writeSync(2, line);
  } catch {
    // A closed or full stderr is the program's affair, as is a Set of its own making.
  }
}
