/** The captures that somebody asks for: one at a time, had made by the main thread, gone when they are read. */
import { closeSync, fstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs } from '../../shared/clock.js';
import { messageOf } from '../../shared/errors.js';
import { claimFolder } from '../../shared/journal/journal-folder.js';
import {
  type CaptureNews,
  type CaptureWanted,
  captureFolder,
} from '../../shared/record/captures.js';
import type { CaptureRequest } from './capture-request.js';

/** The main thread begins at its next turn. */
const BEGIN_MS = 3000;

/** What a process has left that died before its file was read. */
const LEFT_MS = 3_600_000;

/** An open file that has no name any more. */
export interface CaptureFile {
  readonly descriptor: number;
  readonly bytes: number;
}

/** Why there is none, as a status of HTTP has it. */
export interface NoCapture {
  readonly status: 409 | 500 | 501 | 503;
  readonly why: string;
}

const UNDER_WAY: NoCapture = { status: 409, why: 'another capture is under way' };

const BLOCKED: NoCapture = {
  status: 503,
  why: 'the main thread does not answer: while it hangs, use `loopwatch profile PID` or `loopwatch heap PID`',
};

const MISSING: NoCapture = { status: 501, why: '@loopwatch/profiler is not installed' };

/** The one under way. */
interface UnderWay {
  readonly id: number;
  readonly begun: NodeJS.Timeout;
  settle(outcome: CaptureFile | NoCapture): void;
}

function failed(why: string): NoCapture {
  return { status: 500, why: `the capture failed: ${why}` };
}

function opened(file: string): CaptureFile {
  const descriptor = openSync(file, 'r');
  try {
    // Whatever becomes of us or of who asked, nobody else finds it.
    rmSync(file);
    return { descriptor, bytes: fstatSync(descriptor).size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function removeLeft(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const changedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
    if (Date.now() - changedMs > LEFT_MS) rmSync(file, { force: true });
  }
}

export class Captures {
  readonly #ask: (wanted: CaptureWanted) => void;
  #journalDir = '';
  #underWay: UnderWay | null = null;
  #lastId = 0;

  /** @param ask tells the main thread */
  constructor(ask: (wanted: CaptureWanted) => void) {
    this.#ask = ask;
  }

  configure(journalDir: string): void {
    this.#journalDir = journalDir;
  }

  /** Has one made. Who gets a file closes it. */
  take(request: CaptureRequest): Promise<CaptureFile | NoCapture> {
    if (this.#underWay !== null) return Promise.resolve(UNDER_WAY);
    const directory = captureFolder(this.#journalDir);
    try {
      claimFolder(this.#journalDir);
      claimFolder(directory);
      removeLeft(directory);
    } catch (error) {
      return Promise.resolve(failed(messageOf(error)));
    }
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const settle = (outcome: CaptureFile | NoCapture) => {
        clearTimeout(begun);
        this.#underWay = null;
        resolve(outcome);
      };
      const begun = setTimeout(() => settle(BLOCKED), BEGIN_MS);
      this.#underWay = { id, begun, settle };
      this.#ask({ type: 'capture-wanted', id, ...request, directory, untilMs: nowMs() + BEGIN_MS });
    });
  }

  /** The main thread has news of one. */
  hear(news: CaptureNews): void {
    const underWay = this.#underWay;
    if (underWay?.id !== news.id) {
      // It began in the very moment in which it was given up.
      if (news.state === 'done') rmSync(news.file, { force: true });
      return;
    }
    if (news.state === 'begun') clearTimeout(underWay.begun);
    else if (news.state === 'missing') underWay.settle(MISSING);
    else if (news.state === 'failed') underWay.settle(failed(news.why));
    else underWay.settle(this.#opened(news.file));
  }

  #opened(file: string): CaptureFile | NoCapture {
    try {
      return opened(file);
    } catch (error) {
      return failed(messageOf(error));
    }
  }
}
