/** Captures of this thread, which the status server wants: `@loopwatch/profiler` makes them. */

import { nowMs } from '../../shared/clock.js';
import { messageOf } from '../../shared/errors.js';
import type { CaptureNews, CaptureWanted } from '../../shared/record/captures.js';
import { optionalPackage } from './optional-package.js';

const PACKAGE = '@loopwatch/profiler';

interface Options {
  readonly storage: { readonly type: 'disk'; readonly directory: string };
}

interface Captured {
  readonly file: string | null;
}

/** What is used of the package. */
interface Package {
  captureCpuProfile(seconds: number, options: Options): Promise<Captured>;
  captureHeapSnapshot(options: Options): Promise<Captured>;
}

/** @param send tells the watchdog */
export async function capture(
  { id, kind, seconds, directory, untilMs }: CaptureWanted,
  send: (news: CaptureNews) => void,
): Promise<void> {
  // Nobody waits for it any more.
  if (nowMs() >= untilMs) return;
  const news = { type: 'capture', id } as const;
  try {
    const found = (await optionalPackage(PACKAGE)) as Package | null;
    if (found === null) {
      send({ ...news, state: 'missing' });
      return;
    }
    send({ ...news, state: 'begun' });
    const options: Options = { storage: { type: 'disk', directory } };
    const { file } =
      kind === 'cpu-profile'
        ? await found.captureCpuProfile(seconds, options)
        : await found.captureHeapSnapshot(options);
    send({ ...news, state: 'done', file: file ?? '' });
  } catch (error) {
    send({ ...news, state: 'failed', why: messageOf(error) });
  }
}
