/** What the watch over a thread needs of the watchdog of the process. */
import type { Settings } from '../shared/option-schema.js';
import type { BlockRecord, Unconfirmed } from '../shared/record.js';
import type { DebuggerQuestion } from './debugger-question.js';
import type { PressureGauge } from './pressure.js';

export interface Desk {
  readonly settings: Settings;
  /** Makes a record that is not finished safe. */
  note(record: BlockRecord): void;
  forget(id: string): void;
  /** @param startup whether the main module was loading */
  report(record: BlockRecord, startup: boolean): void;
  tell(event: Unconfirmed): void;
  readonly gauge: PressureGauge;
  /** 1 for a few threads, more for many: what is done for each is done that much less often. */
  readonly crowd: number;
  /** Whether a debugger may be asked for; only for the main thread. */
  readonly debuggers: DebuggerQuestion | null;
}
