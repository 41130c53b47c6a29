/** The life cycle of the process's one watch: started, reconfigured, stopped, started again. */
import { isMainThread } from 'node:worker_threads';
import type { SentryTarget, Setup } from '../shared/messages.js';
import { notice } from '../shared/notice.js';
import type { Options } from '../shared/option-schema.js';
import { requireObject, settingsFrom } from '../shared/options.js';
import { type Api, exposeSnapshot, shared } from './carrier.js';
import { Verdicts } from './verdicts.js';
import { Watch } from './watch.js';

function sentryFrom(environment: NodeJS.ProcessEnv): SentryTarget | null {
  const { SENTRY_DSN: dsn, SENTRY_RELEASE: release, SENTRY_ENVIRONMENT: name } = environment;
  if (dsn === undefined || dsn === '') return null;
  return {
    dsn,
    release: release || null,
    environment: name || environment.NODE_ENV || 'production',
  };
}

function createApi(watchdogEntry: URL): Api {
  const verdicts = new Verdicts(notice);
  let watch: Watch | undefined;
  let chosen: Options = {};
  let stopping: Promise<void> | undefined;

  function setupFor(options: Options): Setup {
    const settings = settingsFrom(options, process.env);
    return { settings, sentry: settings.sentry === 'off' ? null : sentryFrom(process.env) };
  }

  return {
    start(options) {
      requireObject(options);
      // Later calls add to what earlier ones chose; a bad value leaves everything as it was.
      const merged = { ...chosen, ...options };
      const setup = setupFor(merged);
      chosen = merged;
      // Only the process's first event loop is watched.
      if (!isMainThread) return;
      if (!setup.settings.enabled) {
        if (watch !== undefined) void this.stop();
      } else if (watch === undefined) {
        watch = new Watch(watchdogEntry, setup, verdicts);
        exposeSnapshot(watch.snapshot);
      } else {
        watch.configure(setup);
      }
    },
    stop() {
      chosen = {};
      if (watch === undefined) return stopping ?? Promise.resolve();
      const ending = watch;
      watch = undefined;
      stopping = ending.stop().then(() => {
        if (watch === undefined) exposeSnapshot(undefined);
        stopping = undefined;
      });
      return stopping;
    },
    onBlock: (listener) => verdicts.onBlock(listener),
    blocks: () => verdicts.blocks(),
    unconfirmed: () => verdicts.unconfirmed(),
  };
}

/**
 * The API of this process's loopwatch.
 *
 * @param watchdogEntry the file that the watchdog thread runs
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` when another copy speaks another protocol
 */
export function processWatch(watchdogEntry: URL): Api {
  return shared(() => createApi(watchdogEntry));
}
