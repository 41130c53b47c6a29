/** The log: pino NDJSON, or the same for people, straight to a descriptor or a file. */
import { isatty } from 'node:tty';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { UNCONFIRMED_LEVEL } from '../../shared/levels.js';
import type { Settings } from '../../shared/option-schema.js';
import { type BlockRecord, sentence, type Unconfirmed } from '../../shared/record.js';
import { pretty } from './pretty.js';

const STDERR = 2;

/** pino's methods by level number, for the levels that we write. */
const METHODS = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' } as const;

function isPretty({ log, logFormat }: Settings): boolean {
  return logFormat === 'pretty' || (logFormat === 'auto' && log === 'stderr' && isatty(STDERR));
}

/**
 * Writes synchronously, since the process may be on its way out; never through `process.stderr`,
 * which in a worker goes through the blocked main loop.
 */
export class LogSink {
  readonly #stream: DestinationStream;
  readonly #logger: Logger;
  readonly #pretty: boolean;
  readonly #colours: boolean;

  /** @throws Error when the log file can't be opened */
  constructor(settings: Settings) {
    const { log, logLevel } = settings;
    const dest = log === 'stderr' || log === 'off' ? STDERR : log;
    this.#stream = destination({ dest, sync: true, mkdir: true, append: true });
    this.#pretty = isPretty(settings);
    this.#colours = this.#pretty && dest === STDERR && isatty(STDERR);
    this.#logger = pino({ name: 'loopwatch', level: logLevel }, this.#stream);
  }

  write(record: BlockRecord, level: number): void {
    if (this.#pretty) this.#stream.write(pretty(record, this.#colours));
    else this.#line(level, { block: record }, sentence(record));
  }

  writeUnconfirmed(unconfirmed: Unconfirmed): void {
    const { reason, durationMs, thread } = unconfirmed;
    const where = thread.id === 0 ? '' : ` of ${thread.name}`;
    const text = `late beat of ${Math.round(durationMs)} ms${where} was no block: ${reason}`;
    if (this.#pretty) this.#stream.write(`loopwatch: ${text}\n`);
    else this.#line(UNCONFIRMED_LEVEL, { unconfirmed }, text);
  }

  /** Says something of loopwatch itself. */
  writeNote(level: number, text: string): void {
    if (this.#pretty) this.#stream.write(`loopwatch: ${text}\n`);
    else this.#line(level, {}, text);
  }

  #line(level: number, fields: object, text: string): void {
    const method = METHODS[level as keyof typeof METHODS] ?? 'warn';
    this.#logger[method](fields, text);
  }
}
