/** Records as a document for https://www.speedscope.app, by its file format schema. */
import { type BlockRecord, type Frame, sentence } from '../record/record.js';
import { frameName, sampleMs } from './frame-name.js';

interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly col?: number;
}

/** One record: which stacks, and how long each. */
interface SpeedscopeProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'milliseconds';
  readonly startValue: number;
  readonly endValue: number;
  /** Indexes into the frames, outermost first. */
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** A file that speedscope opens. */
export interface SpeedscopeDocument {
  readonly $schema: 'https://www.speedscope.app/file-format-schema.json';
  readonly exporter: 'loopwatch';
  readonly name: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly SpeedscopeFrame[] };
  readonly profiles: readonly SpeedscopeProfile[];
}

/** Numbers each distinct frame. */
class FrameTable {
  readonly frames: SpeedscopeFrame[] = [];
  readonly #indexes = new Map<string, number>();

  index(frame: Frame): number {
    const { file, line, column } = frame;
    const name = frameName(frame);
    const key = JSON.stringify([name, file, line, column]);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const index = this.frames.push({
      name,
      ...(file === null ? {} : { file }),
      ...(line === null ? {} : { line }),
      ...(column === null ? {} : { col: column }),
    });
    this.#indexes.set(key, index - 1);
    return index - 1;
  }
}

/** One profile for each record that has stacks, on a time axis of its own blocked time, in ms. */
export function speedscopeDocument(
  records: readonly BlockRecord[],
  name = 'loopwatch',
): SpeedscopeDocument {
  const table = new FrameTable();
  const profiles = records.flatMap((record): SpeedscopeProfile[] => {
    const stacks = record.samples.stacks.filter(({ frames }) => frames.length > 0);
    if (stacks.length === 0) return [];
    const each = sampleMs(record);
    return [
      {
        type: 'sampled',
        name: sentence(record),
        unit: 'milliseconds',
        startValue: 0,
        endValue: record.durationMs,
        samples: stacks.map(({ frames }) => frames.map((frame) => table.index(frame)).reverse()),
        weights: stacks.map(({ count }) => count * each),
      },
    ];
  });
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'loopwatch',
    name,
    activeProfileIndex: 0,
    shared: { frames: table.frames },
    profiles,
  };
}
