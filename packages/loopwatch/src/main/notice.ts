/** The few lines that loopwatch itself may have to say, on stderr. */
import { writeSync } from 'node:fs';

const said = new Set<string>();

/**
 * Writes one line, once a process. Directly to the descriptor: `process.stderr` would be created
 * by the first use, and the program may have replaced it.
 */
export function notice(text: string): void {
  const line = `loopwatch: ${text.replaceAll('\n', ' ')}\n`;
  if (said.has(line)) return;
  said.add(line);
  try {
    writeSync(2, line);
  } catch {
    // A closed or full stderr is the program's affair.
  }
}
