/** One of the user's pino transports, on a thread of its own that may do what it likes. */
import type { EventEmitter } from 'node:events';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { type DestinationStream, type Logger, levels, pino, transport } from 'pino';
import { messageOf } from '../../../shared/errors.js';
import { methodOf } from '../../../shared/levels.js';
import type { LogTarget } from '../../../shared/log-options.js';
import type { Home } from '../../../shared/messages.js';
import type { Settings } from '../../../shared/option-schema.js';
import type { Line } from './log.js';

/** How long a transport may take to start, or to flush a line, in ms. */
const FLUSH_MS = 10_000;

/** The part of `exitFlushMs` that it has when the process exits; the rest is for `log` instead. */
const EXIT_SHARE = 0.7;

/**
 * How long a line that was flushed is not yet taken for safe, in ms. Few targets have a flush that
 * means it: thread-stream takes all others for flushed when they have room for more. Only a target
 * that was ended and has closed has surely written; an exit in this time ends it.
 */
const SETTLING_MS = 500;

/** Targets that would write to the program's stdout unless told otherwise. */
const TO_STDOUT = ['pino/file', 'pino-pretty'];

type Done = (taken: boolean) => void;

interface Waiting {
  readonly done: Done;
  isFlushed: boolean;
  timer: NodeJS.Timeout;
}

/** What `pino.transport()` gives, a thread-stream; pino's own type says less of it. */
interface TransportStream extends DestinationStream, EventEmitter {
  end(): void;
  flush(done: (error?: Error | null) => void): void;
  readonly worker: { terminate(): Promise<number> };
}

interface Open {
  readonly stream: TransportStream;
  readonly logger: Logger;
}

/** Where a target's name is resolved from: never from where loopwatch is installed. */
function callersFrom({ mainScript, directory }: Home): string[] {
  const callers: string[] = [];
  if (mainScript !== null) {
    try {
      // A bin of node_modules is a link to where its dependencies are.
      callers.push(realpathSync(mainScript));
    } catch {
      // Not a file: `node -e`, or an argument of it.
    }
  }
  return [...callers, join(directory, 'loopwatch')];
}

/** @throws Error when there is no such module */
function resolved(target: string, home: Home): string {
  const isFound = target === 'pino/file' || target.startsWith('file:') || isAbsolute(target);
  if (isFound) return target;
  for (const caller of callersFrom(home)) {
    try {
      return createRequire(caller).resolve(target);
    } catch {
      // The next one may know it.
    }
  }
  throw new Error(`there is no such module for ${home.mainScript ?? home.directory}`);
}

function lowestOf(level: LogTarget['level'], { logLevel }: Settings): Settings['logLevel'] {
  const numberOf = (name: string) => levels.values[name] ?? Number.POSITIVE_INFINITY;
  return level !== undefined && numberOf(level) > numberOf(logLevel) ? level : logLevel;
}

/** Starts the thread with the first line. A transport that has failed is not started again. */
export class Transport {
  readonly #target: LogTarget;
  readonly #settings: Settings;
  readonly #home: Home;
  readonly #complain: (text: string) => void;
  readonly #waiting = new Set<Waiting>();
  #open: Open | undefined;
  #failed = false;
  #finishing = false;
  #isEnding = false;

  /** @param complain says one line to the person who runs the program */
  constructor(target: LogTarget, settings: Settings, home: Home, complain: (text: string) => void) {
    this.#target = target;
    this.#settings = settings;
    this.#home = home;
    this.#complain = complain;
  }

  /** @param done called with whether the transport has the line for sure, or never will */
  write({ level, fields, text }: Line, done: Done): void {
    if (this.#failed) {
      done(false);
      return;
    }
    try {
      this.#open ??= this.#start();
    } catch (error) {
      this.#fail(messageOf(error));
      done(false);
      return;
    }
    const { stream, logger } = this.#open;
    const waiting: Waiting = { done, isFlushed: false, timer: this.#deadline() };
    this.#waiting.add(waiting);
    logger[methodOf(level)](fields, text);
    stream.flush((error) => {
      if (error == null) this.#flushed(waiting);
      // Otherwise its error or its end is told, too.
    });
  }

  /** Ends it as soon as what it was given is flushed: that is when everything is written. */
  finish(): void {
    this.#finishing = true;
    for (const waiting of this.#waiting) {
      clearTimeout(waiting.timer);
      waiting.timer = this.#deadline();
    }
    this.#endIfFlushed();
  }

  #deadline(): NodeJS.Timeout {
    const { exitFlushMs } = this.#settings;
    const ms = this.#finishing ? Math.min(FLUSH_MS, exitFlushMs * EXIT_SHARE) : FLUSH_MS;
    return setTimeout(() => this.#fail(`it has not taken a line for ${ms} ms`), ms);
  }

  #flushed(waiting: Waiting): void {
    if (!this.#waiting.has(waiting)) return;
    waiting.isFlushed = true;
    if (this.#finishing) {
      this.#endIfFlushed();
      return;
    }
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#taken(waiting), SETTLING_MS);
  }

  #taken(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    if (this.#waiting.delete(waiting)) waiting.done(true);
  }

  /** Not before: thread-stream's end waits for the target, and holds up this thread meanwhile. */
  #endIfFlushed(): void {
    if (this.#open === undefined || this.#isEnding || this.#waiting.size === 0) return;
    if (![...this.#waiting].every(({ isFlushed }) => isFlushed)) return;
    this.#isEnding = true;
    this.#open.stream.end();
  }

  #start(): Open {
    const { target, options = {}, level } = this.#target;
    const fallback = TO_STDOUT.includes(target) ? { destination: 2 } : {};
    const stream = transport({
      target: resolved(target, this.#home),
      options: { ...fallback, ...options },
      // Without the preload, and without pipes through the main thread.
      worker: { execArgv: [], env: this.#home.environment, stdout: true, stderr: true },
    }) as unknown as TransportStream;
    stream.on('error', (error: unknown) => this.#fail(messageOf(error)));
    stream.on('close', () => this.#closed());
    const logger = pino({ name: 'loopwatch', level: lowestOf(level, this.#settings) }, stream);
    return { stream, logger };
  }

  #closed(): void {
    if (this.#failed) return;
    if (!this.#isEnding) {
      this.#fail('it has ended');
      return;
    }
    this.#open = undefined;
    this.#isEnding = false;
    for (const waiting of this.#waiting) this.#taken(waiting);
  }

  #fail(why: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#complain(`the log transport ${this.#target.target} failed: ${why}`);
    void this.#open?.stream.worker.terminate();
    this.#open = undefined;
    for (const waiting of this.#waiting) {
      clearTimeout(waiting.timer);
      waiting.done(false);
    }
    this.#waiting.clear();
  }
}
