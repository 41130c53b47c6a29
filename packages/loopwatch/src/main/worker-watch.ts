/** The watch over a worker thread's loop: it finds the process's watchdog and joins it. */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import * as threads from 'node:worker_threads';
import {
  type Setup,
  type ThreadsMessage,
  threadsChannel,
  type WatchedThread,
} from '../shared/messages.js';
import { leave } from './exit.js';
import { Loop } from './loop.js';
import { countListener, type OneWatch } from './watch.js';

/** What the kernel calls this thread: `/proc/thread-self` is a link to `PID/task/ID`. */
function taskId(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return null;
  }
}

/** The name that this Worker was given; only newer releases tell (22.20, 24.6). */
function ownName(): string {
  const { threadName } = threads as { threadName?: string };
  return threadName || `worker ${threads.threadId}`;
}

/**
 * Watches this worker thread. Without a watchdog in the process it makes beats that nobody counts;
 * one that starts later finds it.
 */
export class WorkerWatch implements OneWatch {
  readonly loop = new Loop();
  readonly #channel = new threads.BroadcastChannel(threadsChannel(process.pid));
  readonly #thread: WatchedThread = {
    id: threads.threadId,
    name: ownName(),
    buffer: this.loop.memory.buffer,
    taskId: taskId(),
  };

  constructor({ settings }: Setup) {
    this.loop.configure(settings);
    this.#channel.onmessage = ({ data }) => this.#hear(data as ThreadsMessage);
    // It must not keep the worker alive.
    (this.#channel as unknown as { unref(): void }).unref();
    this.#say({ type: 'watch', thread: this.#thread });
    countListener(1);
    process.prependListener('exit', this.#exit);
  }

  configure({ settings }: Setup): void {
    this.loop.configure(settings);
  }

  async stop(): Promise<void> {
    this.#say({ type: 'leave', id: this.#thread.id });
    this.#channel.close();
    this.loop.stop();
    process.removeListener('exit', this.#exit);
    countListener(-1);
  }

  #say(message: ThreadsMessage): void {
    this.#channel.postMessage(message);
  }

  #hear(message: ThreadsMessage): void {
    if (message.type !== 'setup') return;
    // A watchdog that has just started, or that has new options.
    this.loop.configure(message.settings);
    this.#say({ type: 'watch', thread: this.#thread });
  }

  readonly #exit = (): void => {
    try {
      // The process goes on, and with it the delivery: only the inspector's session is waited for.
      leave(this.loop.memory, { thresholdMs: 0, exitFlushMs: 0 }, () => this.loop.beat());
    } catch {
      // An embedder may forbid Atomics.wait here.
    }
  };
}
