/** What watching takes on the watched thread itself, whichever thread that is. */
import { memory } from '../shared/memory.js';
import type { Settings } from '../shared/option-schema.js';
import { Beat } from './beat.js';
import { expose } from './carrier.js';
import { GarbageWitness } from './garbage.js';
import { Pauses } from './pauses.js';
import { RequestContext } from './request-context.js';
import { Scopes } from './scopes.js';
import { snapshotFunction } from './snapshot.js';

/** One event loop that makes beats and can be asked for its stack. */
export class Loop {
  readonly memory = memory();
  readonly pauses = new Pauses(this.memory);
  readonly scopes = new Scopes(this.memory);
  readonly #beat = new Beat(this.memory);
  readonly #requests = new RequestContext();
  readonly #garbage = new GarbageWitness(this.memory);
  readonly #snapshot = snapshotFunction(this.memory, {
    requests: this.#requests,
    scopes: this.scopes,
  });
  #hide: (() => void) | undefined;
  #beatMs = 0;

  /** Begins, or changes its settings. */
  configure(settings: Settings): void {
    if (this.#hide === undefined) this.#garbage.start();
    this.#hide ??= expose('snapshot', this.#snapshot);
    if (settings.beatMs !== this.#beatMs) this.#beat.start(settings.beatMs);
    this.#beatMs = settings.beatMs;
    this.#requests.configure(settings);
  }

  /**
   * A beat out of turn.
   *
   * @returns the time since the beat before, in ms
   */
  beat(): number {
    return this.#beat.now();
  }

  stop(): void {
    this.#beat.stop();
    this.#requests.stop();
    this.#garbage.stop();
    this.#hide?.();
    this.#hide = undefined;
  }
}
