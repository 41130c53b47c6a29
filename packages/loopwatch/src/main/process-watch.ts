/** The life cycle of the process's one watch: started, reconfigured, stopped, started again. */
import { isMainThread } from 'node:worker_threads';
import { TALLY_VARIABLE } from '../shared/journal/tally.js';
import { readingsOf } from '../shared/memory/readings.js';
import type { Home, Scope, Setup } from '../shared/messages/messages.js';
import { notice } from '../shared/notice.js';
import type { ProgramLogger } from '../shared/options/log-options.js';
import { LONGEST_MS, type Options, type Settings } from '../shared/options/option-schema.js';
import { refuse, requireObject, settingsFrom } from '../shared/options/options.js';
import { SINKS } from '../shared/sinks/table.js';
import type { LoadPages } from '../shared/text/block-facts.js';
import { type Api, sharedApi, type WatchOptions } from './api.js';
import type { SdkClient } from './sentry/sentry-sdk.js';
import { Verdicts } from './verdicts.js';
import { type OneWatch, Watch } from './watch.js';
import { WorkerWatch } from './worker-watch.js';

const PROXY = /^(https?|all|no)_proxy$/i;

/** The environment variables by which proxies are chosen. */
function proxiesFrom(environment: NodeJS.ProcessEnv): Record<string, string> {
  const found = Object.entries(environment).filter(([name]) => PROXY.test(name));
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? '']));
}

/** Without what would preload or configure loopwatch in the thread of a log transport. */
function homeOf({ argv, env }: NodeJS.Process): Home {
  const kept = Object.entries(env).filter(([name]) => name !== 'NODE_OPTIONS');
  return {
    mainScript: argv[1] ?? null,
    directory: process.cwd(),
    environment: Object.fromEntries(kept) as Record<string, string>,
  };
}

function requireFunction(name: string, fn: unknown): void {
  if (typeof fn !== 'function') refuse(`the argument of ${name}`, 'a function', fn);
}

function scopeFrom(options: WatchOptions, fallback: string, { beatMs }: Settings): Scope {
  requireObject(options);
  const { thresholdMs, name = fallback } = options;
  const least = 2 * beatMs;
  if (!(typeof thresholdMs === 'number' && thresholdMs >= least && thresholdMs <= LONGEST_MS)) {
    const rule = `a number of ms from 2 x beatMs (${least}) to ${LONGEST_MS}`;
    refuse('thresholdMs of watch', rule, thresholdMs);
  }
  if (typeof name !== 'string') refuse('name of watch', 'a string', name);
  return { name: name || '(anonymous)', thresholdMs };
}

function createApi(watchdogEntry: URL, loadPages: LoadPages): Api {
  const verdicts = new Verdicts(notice);
  let watch: OneWatch | undefined;
  let chosen: Options = {};
  let home: Home | null = null;
  let stopping: Promise<void> | undefined;
  let sentryClient: SdkClient | undefined;

  function setupFor(options: Options): { setup: Setup; logger: ProgramLogger | null } {
    const { logger, ...settings } = settingsFrom(options, process.env);
    const targets = Object.fromEntries(
      SINKS.map((sink) => [sink.name, sink.target(settings, process.env)]),
    );
    // Once: the program may change its directory.
    if (settings.logTransport.length > 0) home ??= homeOf(process);
    const proxies = proxiesFrom(process.env);
    const forked = process.connected === true;
    const hasLogger = logger !== null;
    const tally = process.env[TALLY_VARIABLE] || null;
    return { setup: { settings, targets, hasLogger, home, proxies, forked, tally }, logger };
  }

  return {
    start(options) {
      requireObject(options);
      // Later calls add to what earlier ones chose; a bad value leaves everything as it was.
      const merged = { ...chosen, ...options };
      const { setup, logger } = setupFor(merged);
      chosen = merged;
      if (!setup.settings.enabled) {
        if (watch !== undefined) void this.stop();
      } else if (watch !== undefined) {
        watch.configure(setup, logger);
      } else {
        // A process has one watchdog, which its first thread starts and the others join.
        watch = isMainThread
          ? new Watch(watchdogEntry, setup, logger, verdicts, loadPages, stopping === undefined)
          : (WorkerWatch.join(loadPages) ?? undefined);
        if (sentryClient !== undefined) watch?.loop.sentry.use(sentryClient);
      }
    },
    stop() {
      chosen = {};
      if (watch === undefined) return stopping ?? Promise.resolve();
      const ending = watch;
      watch = undefined;
      // With the stop before it, which may still be under way when the watch was started in between.
      const stopped = Promise.all([ending.stop(), stopping]).then(() => {
        if (stopping === stopped) stopping = undefined;
      });
      stopping = stopped;
      return stopped;
    },
    pause: (fn) => {
      requireFunction('pause', fn);
      return watch === undefined ? fn() : watch.loop.pauses.run(fn);
    },
    watch: (fn, options) => {
      requireFunction('watch', fn);
      const scope = scopeFrom(options, fn.name, setupFor(chosen).setup.settings);
      return watch === undefined ? fn() : watch.loop.scopes.run(fn, scope);
    },
    useSentry(client) {
      sentryClient = client;
      watch?.loop.sentry.use(client);
    },
    onBlock: (listener) => verdicts.onBlock(listener),
    blocks: () => verdicts.blocks(),
    unconfirmed: () => verdicts.unconfirmed(),
    findRoute(response, find) {
      watch?.loop.requests.findRoute(response, find);
    },
    requests: () => watch?.loop.requests.counts() ?? null,
    gateway: () => watch?.gatePort ?? null,
    readings: () => (watch === undefined ? null : readingsOf(watch.loop.memory)),
    requestNow: () => watch?.loop.requests.now() ?? null,
  };
}

/**
 * The API of this process's loopwatch.
 *
 * @param watchdogEntry the file that the watchdog thread runs
 * @param loadPages loads what the modes put into answers
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` when another copy speaks another protocol
 */
export function processWatch(watchdogEntry: URL, loadPages: LoadPages): Api {
  return sharedApi(() => createApi(watchdogEntry, loadPages));
}
