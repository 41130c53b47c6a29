/** The few lines that loopwatch itself may have to say, on stderr; any thread may say them. */
import { writeSync } from 'node:fs';

const said = new Set<string>();

/**
 * Writes text as it is. Directly to the descriptor: on main `process.stderr` would be created by the
 * first use, and may be the program's own; in a worker it goes through the main loop, which may be
 * blocked or about to exit.
 */
export function writeToStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // A closed or full stderr is the program's affair.
  }
}

/** Writes one line, once a thread. */
export function notice(text: string): void {
  try {
    const line = `loopwatch: ${text.replaceAll('\n', ' ')}\n`;
    if (said.has(line)) return;
    said.add(line);
    writeToStderr(line);
  } catch {
    // The program may have replaced what Set and String have: a line less, but no end of a thread.
  }
}
