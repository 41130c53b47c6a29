/** What watching takes on the watched thread itself, whichever thread that is. */

import type { Memory } from '../shared/memory/memory.js';
import type { Settings } from '../shared/options/option-schema.js';
import type { LoadPages } from '../shared/text/block-facts.js';
import { AnswerChanges } from './answers/answer-changes.js';
import { Answers } from './answers/answers.js';
import { Beat } from './beat/beat.js';
import { GarbageWitness } from './beat/garbage.js';
import { Pauses } from './beat/pauses.js';
import { Scopes } from './beat/scopes.js';
import { expose } from './host/global-registry.js';
import { Blocking } from './requests/blocking.js';
import { CatchUp } from './requests/catch-up.js';
import { RequestContext } from './requests/request-context.js';
import { SentryCapture } from './sentry/sentry-capture.js';
import { type SnapshotFunction, snapshotFunction } from './stack/snapshot.js';

/** One event loop that makes beats and can be asked for its stack. */
export class Loop {
  readonly memory: Memory;
  readonly pauses: Pauses;
  readonly scopes: Scopes;
  readonly sentry = new SentryCapture();
  readonly #beat: Beat;
  readonly requests: RequestContext;
  readonly #garbage: GarbageWitness;
  readonly #snapshot: SnapshotFunction;
  #hide: (() => void) | undefined;
  #beatMs = 0;

  /**
   * @param own where its beats go
   * @param loadPages loads what the modes put into answers
   */
  constructor(own: Memory, loadPages: LoadPages) {
    this.memory = own;
    this.pauses = new Pauses(own);
    this.scopes = new Scopes(own);
    const catchUp = new CatchUp(own);
    const blocking = new Blocking(own, catchUp);
    const answers = new AnswerChanges(new Answers(blocking, loadPages));
    this.requests = new RequestContext({ catchUp, blocking, answers });
    this.#beat = new Beat(own, () => this.requests.turned());
    this.#garbage = new GarbageWitness(own);
    const { requests, scopes, sentry } = this;
    this.#snapshot = snapshotFunction(own, { requests, scopes, sentry });
  }

  /** Begins, or changes its settings. */
  configure(settings: Settings): void {
    if (this.#hide === undefined) this.#garbage.start();
    this.#hide ??= expose('snapshot', this.#snapshot);
    if (settings.beatMs !== this.#beatMs) this.#beat.start(settings.beatMs);
    this.#beatMs = settings.beatMs;
    this.requests.configure(settings);
    this.sentry.configure(settings);
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
    this.requests.stop();
    this.#garbage.stop();
    this.#hide?.();
    this.#hide = undefined;
  }
}
