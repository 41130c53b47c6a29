/** One of the user's pino transports, on a thread of its own that may do what it likes. */
import type { EventEmitter } from 'node:events';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { type DestinationStream, type Logger, levels, pino, transport } from 'pino';
import { messageOf } from '../../../shared/errors.js';
import type { Home } from '../../../shared/messages/messages.js';
import { methodOf } from '../../../shared/options/levels.js';
import type { LogTarget } from '../../../shared/options/log-options.js';
import type { Settings } from '../../../shared/options/option-schema.js';
import type { Line } from './line.js';

/** How long the error that has ended a transport may come after its end, in ms. */
const ERROR_MS = 100;

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
  /** From when its thread is gone, or has failed. */
  readonly destroyed: boolean;
  readonly worker: { terminate(): Promise<number> };
}

/** One life of the target. */
interface Life {
  readonly stream: TransportStream;
  readonly logger: Logger;
  /** Lines that it may not have written yet. */
  readonly waiting: Set<Waiting>;
  isEnding: boolean;
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
  /** Those that have not closed: the current one, and at the end also earlier ones. */
  readonly #lives = new Set<Life>();
  #current: Life | undefined;
  #failed = false;
  #finishing = false;

  /** @param complain says one line to the person who runs the program */
  constructor(target: LogTarget, settings: Settings, home: Home, complain: (text: string) => void) {
    this.#target = target;
    this.#settings = settings;
    this.#home = home;
    this.#complain = complain;
  }

  /** @param done called with whether the transport has the line for sure, or never will */
  write({ level, fields, text }: Line, done: Done): void {
    const life = this.#life();
    if (life === null) {
      done(false);
      return;
    }
    const waiting: Waiting = { done, isFlushed: false, timer: this.#deadline() };
    life.waiting.add(waiting);
    // It would only say that its thread is gone, and not why: that is on its way, see #closed.
    if (life.stream.destroyed) return;
    life.logger[methodOf(level)](fields, text);
    life.stream.flush((error) => {
      // An error is told as an event, too.
      if (error == null) this.#flushed(life, waiting);
    });
  }

  /** Ends it as soon as what it was given is flushed: that is when everything is written. */
  finish(): void {
    this.#finishing = true;
    if (this.#current === undefined) return;
    for (const waiting of this.#current.waiting) {
      clearTimeout(waiting.timer);
      waiting.timer = this.#deadline();
    }
    this.#endIfFlushed(this.#current);
  }

  #deadline(): NodeJS.Timeout {
    // An exit that does not wait leaves it all to the journal.
    const exitMs = this.#settings.exitFlushMs * EXIT_SHARE || FLUSH_MS;
    const ms = this.#finishing ? Math.min(FLUSH_MS, exitMs) : FLUSH_MS;
    return setTimeout(() => this.#fail(`it has not taken a line for ${Math.round(ms)} ms`), ms);
  }

  #flushed(life: Life, waiting: Waiting): void {
    if (!life.waiting.has(waiting)) return;
    waiting.isFlushed = true;
    if (this.#finishing) {
      this.#endIfFlushed(life);
      return;
    }
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => {
      life.waiting.delete(waiting);
      waiting.done(true);
    }, SETTLING_MS);
  }

  /** Not before: thread-stream's end waits for the target, and holds up this thread meanwhile. */
  #endIfFlushed(life: Life): void {
    if (life.isEnding || [...life.waiting].some(({ isFlushed }) => !isFlushed)) return;
    life.isEnding = true;
    // What comes now begins another life.
    this.#current = undefined;
    life.stream.end();
  }

  #life(): Life | null {
    if (this.#failed) return null;
    try {
      this.#current ??= this.#start();
      return this.#current;
    } catch (error) {
      this.#fail(messageOf(error));
      return null;
    }
  }

  #start(): Life {
    const { target, options = {}, level } = this.#target;
    const fallback = TO_STDOUT.includes(target) ? { destination: 2 } : {};
    const stream = transport({
      target: resolved(target, this.#home),
      options: { ...fallback, ...options },
      // Without the preload, and without pipes through the main thread.
      worker: { execArgv: [], env: this.#home.environment, stdout: true, stderr: true },
    }) as unknown as TransportStream;
    const logger = pino({ name: 'loopwatch', level: lowestOf(level, this.#settings) }, stream);
    const life: Life = { stream, logger, waiting: new Set(), isEnding: false };
    this.#lives.add(life);
    stream.on('error', (error: unknown) => this.#fail(messageOf(error)));
    stream.on('close', () => this.#closed(life));
    return life;
  }

  #closed(life: Life): void {
    if (this.#failed) return;
    if (!life.isEnding) {
      // What ended it may be said only after its end.
      setTimeout(() => this.#fail('it has ended'), ERROR_MS);
      return;
    }
    this.#lives.delete(life);
    for (const { done, timer } of life.waiting) {
      clearTimeout(timer);
      done(true);
    }
  }

  #fail(why: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#complain(`the log transport ${this.#target.target} failed: ${why}`);
    for (const { stream, waiting } of this.#lives) {
      void stream.worker.terminate();
      for (const { done, timer } of waiting) {
        clearTimeout(timer);
        done(false);
      }
    }
    this.#lives.clear();
    this.#current = undefined;
  }
}
