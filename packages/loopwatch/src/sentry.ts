/**
 * `loopwatch/sentry`: for those who configure everything inside `Sentry.init`.
 *
 * @packageDocumentation
 */
import type { Options } from './shared/options/option-schema.js';
import { tryToWatch, watched } from './watched.js';

/** The part of a Sentry integration that Sentry's clients 8 to 11 call. */
export interface LoopwatchIntegration {
  readonly name: 'Loopwatch';
  setup(client: unknown): void;
}

/**
 * A Sentry integration that starts loopwatch with the client it is set up for, and makes that the one
 * that sends blocks, whatever scope they happened in. Where the preload has started loopwatch already,
 * the options are added to its own.
 *
 * ```js
 * Sentry.init({ dsn, integrations: [loopwatchIntegration({ thresholdMs: 50 })] });
 * ```
 *
 * A bad option does not stop `Sentry.init`: as with the preload, it is one line on stderr, and the
 * program runs unwatched.
 *
 * @param options as of `start`
 */
export function loopwatchIntegration(options: Options = {}): LoopwatchIntegration {
  return {
    name: 'Loopwatch',
    setup(client) {
      tryToWatch(() => {
        const api = watched();
        api.start(options);
        api.useSentry(client as Parameters<typeof api.useSentry>[0]);
      });
    },
  };
}
