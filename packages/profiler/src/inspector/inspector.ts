/** inspector-api: a session of a thread with its own inspector, and its exporters. No port is opened. */
import * as inspector from 'node:inspector';
import Inspector from 'inspector-api';
import { codeOf } from '../options/errors.js';
import type { CpuProfile } from '../profile/cpu-profile.js';
import type { ProfileSource } from './windows.js';

/** What inspector-api's own types leave open. */
interface Session {
  post(method: string, parameters?: object, done?: (error: Error | null) => void): void;
  on(event: string, listener: (message: never) => void): void;
  disconnect(): void;
}

export interface InspectorApi {
  readonly session: Session;
  readonly profiler: {
    enable(): Promise<void>;
    start(): Promise<void>;
    stop(): Promise<CpuProfile>;
  };
  readonly heap: { takeSnapshot(): Promise<object> };
  destroy(): Promise<void>;
}

/** @param config as inspector-api's documentation has it; it only loads the AWS SDK for S3 */
export function connect(config: object): InspectorApi {
  return new Inspector(config) as unknown as InspectorApi;
}

/** Sets how often V8 takes the stack: only between profiles. */
export function setInterval({ session }: InspectorApi, ms: number): void {
  session.post('Profiler.setSamplingInterval', { interval: ms * 1000 });
}

/** `console.profile` of V8's own console, which prints nothing. */
const { console: v8Console } = inspector as unknown as {
  readonly console: { profile(title: string): void; profileEnd(title: string): void };
};

/**
 * Profiles that overlap in one session, as `console.profile` makes them. The first one is dear, since
 * V8 looks through the heap for all functions that there are (10 to 150 ms, measured); the next ones
 * share what it found (0.1 ms).
 *
 * A session with its own thread does not make Node wait at the exit, as one from a worker would.
 */
export class OverlappingProfiles implements ProfileSource {
  readonly #api: InspectorApi;
  readonly #finished = new Map<string, CpuProfile>();
  #wanted: string | null = null;

  constructor(intervalMs: number) {
    this.#api = connect({ storage: { type: 'raw' } });
    const { session } = this.#api;
    type Finished = { readonly params: { readonly title: string; readonly profile: CpuProfile } };
    session.on('Profiler.consoleProfileFinished', ({ params }: Finished) => {
      // The program may use console.profile itself.
      if (params.title === this.#wanted) this.#finished.set(params.title, params.profile);
    });
    session.post('Profiler.enable');
    setInterval(this.#api, intervalMs);
  }

  begin(title: string): void {
    v8Console.profile(title);
  }

  finish(title: string): CpuProfile | null {
    this.#wanted = title;
    // In a session with its own thread, the answer is there when the call returns.
    v8Console.profileEnd(title);
    this.#wanted = null;
    const found = this.#finished.get(title) ?? null;
    this.#finished.delete(title);
    return found;
  }

  /** Gives back what V8 holds. */
  close(): void {
    try {
      this.#api.session.disconnect();
    } catch (error) {
      if (codeOf(error) !== 'ERR_INSPECTOR_NOT_CONNECTED') throw error;
    }
  }
}
