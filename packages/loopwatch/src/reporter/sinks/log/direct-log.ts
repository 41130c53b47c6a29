/** pino NDJSON, or the same for people, straight to a descriptor or a file. */
import { isatty } from 'node:tty';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { methodOf } from '../../../shared/options/levels.js';
import type { Settings } from '../../../shared/options/option-schema.js';
import type { Line } from './line.js';

const STDERR = 2;

function isPretty({ log, logFormat }: Settings): boolean {
  return logFormat === 'pretty' || (logFormat === 'auto' && log === 'stderr' && isatty(STDERR));
}

/**
 * Writes synchronously, since the process may be on its way out; never through `process.stderr`,
 * which in a worker goes through the blocked main loop.
 */
export class DirectLog {
  readonly #stream: DestinationStream;
  readonly #logger: Logger;
  readonly #pretty: boolean;
  readonly #colours: boolean;

  /** @throws Error when the log file can't be opened */
  constructor(settings: Settings) {
    const { log, logLevel } = settings;
    const dest = log === 'stderr' ? STDERR : log;
    this.#stream = destination({ dest, sync: true, mkdir: true, append: true });
    this.#pretty = isPretty(settings);
    this.#colours = this.#pretty && dest === STDERR && isatty(STDERR);
    this.#logger = pino({ name: 'loopwatch', level: logLevel }, this.#stream);
  }

  write({ level, fields, text, pretty }: Line): void {
    if (this.#pretty) this.#stream.write(pretty(this.#colours));
    else this.#logger[methodOf(level)](fields, text);
  }
}
