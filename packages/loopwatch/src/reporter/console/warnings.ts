/** Warn mode's boxes on the console: one for a block, and for each culprit one a minute. */
import { adviceOf } from '../../shared/advice/choose-advice.js';
import { nowMs } from '../../shared/clock.js';
import { writeToStderr } from '../../shared/notice.js';
import type { Readable } from '../symbolicate/readable.js';
import { warnBlock } from './warn-block.js';
import { WarnLimiter } from './warn-limiter.js';

export class Warnings {
  readonly #limiter = new WarnLimiter();

  /** The box, line break included; null when there was one for the same culprit within the minute. */
  box({ record, context }: Pick<Readable, 'record' | 'context'>): string | null {
    const { culprit, cause, durationMs, request } = record;
    const { file = null, line = null } = culprit ?? {};
    const key = `${cause} ${culprit?.function} ${file}`;
    if (!this.#limiter.shouldWarn(key, nowMs())) return null;
    const { method = null, route = null, path = null, id: requestId = null } = request ?? {};
    const advice = adviceOf(record, context(file, line)?.line);
    const about = { method, route, path, requestId, lines: [] };
    return warnBlock({ durationMs, culprit, cause, advice, ...about });
  }

  /** Writes the box, unless it was shown already. */
  show(readable: Readable): void {
    const box = this.box(readable);
    if (box !== null) writeToStderr(box);
  }
}
