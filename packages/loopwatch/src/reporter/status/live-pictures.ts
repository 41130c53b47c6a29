/** What the status page is told, as server-sent events; drawn when it has changed and somebody looks. */
import type { LiveEvent, Now } from '../../shared/pictures/now.js';
import { picturesOf, type UnconfirmedAt } from '../../shared/pictures/picture.js';
import type { Pictures } from '../../shared/pictures/pictures.js';
import type { BlockRecord, Unconfirmed } from '../../shared/record/record.js';
import type { Version } from './answers.js';

/** Late beats kept for the timeline, as many as blocks. */
const KEPT = 100;

/** The thread whose state is shown. */
const MAIN = 0;

function textOf(event: LiveEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

function draw(records: readonly BlockRecord[], unconfirmed: readonly UnconfirmedAt[]): Pictures {
  const source = `process ${process.pid}`;
  return picturesOf({ records, unconfirmed, hints: new Map(), source });
}

export class LivePictures {
  #unconfirmed: UnconfirmedAt[] = [];
  #turn: BlockRecord | null = null;
  #version: Version = 0;
  #drawn: { readonly version: Version; readonly text: string } | undefined;

  addUnconfirmed(event: Unconfirmed): void {
    const atMs = Date.now() - event.durationMs;
    this.#unconfirmed = [...this.#unconfirmed, { atMs, event }].slice(-KEPT);
    this.changed();
  }

  /** What it shows is to be drawn anew. */
  changed(): void {
    this.#version++;
  }

  /** Takes what is known of a turn that goes on. */
  turn(record: BlockRecord): void {
    if (record.thread.id !== MAIN) return;
    this.#turn = record;
    this.changed();
  }

  /** Replaces what is known of that turn by something better. */
  improveTurn(record: BlockRecord): void {
    if (record.id !== this.#turn?.id || record.ended) return;
    // Older than what has been told since then.
    if (record.durationMs < this.#turn.durationMs) return;
    this.turn(record);
  }

  /**
   * @param records the latest blocks
   * @param since what the reader has been told already
   */
  events(
    now: Now,
    records: readonly BlockRecord[],
    since: Version,
  ): { text: string; version: Version } {
    if (this.#turn !== null && (now.state === 'beating' || now.state === 'starting')) {
      this.#turn = null;
      this.changed();
    }
    const present = textOf({ type: 'now', now });
    const version = this.#version;
    if (since === version) return { text: present, version };
    if (this.#drawn?.version !== version) {
      const pictures = draw(records, this.#unconfirmed);
      const turn = this.#turn === null ? null : draw([this.#turn], []);
      const text = textOf({ type: 'pictures', pictures }) + textOf({ type: 'turn', turn });
      this.#drawn = { version, text };
    }
    return { text: present + this.#drawn.text, version };
  }
}
