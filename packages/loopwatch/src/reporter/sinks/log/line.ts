/** One line of the log, in both forms. */
import type { LogFields } from '../../../shared/options/log-options.js';

export interface Line {
  /** pino's number. */
  readonly level: number;
  /** Nothing more in a line about loopwatch itself. */
  readonly fields: LogFields | Record<string, never>;
  readonly text: string;
  /** The same for people, line break included. */
  readonly pretty: (colours: boolean) => string;
}
