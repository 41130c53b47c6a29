/** `loopwatch report`: a log or a journal as pictures, in one HTML file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../shared/errors.js';
import { foldedStacks } from '../../shared/export/folded.js';
import { speedscopeDocument } from '../../shared/export/speedscope.js';
import { settingsFrom } from '../../shared/options/options.js';
import { picturesOf } from '../../shared/pictures/picture.js';
import type { Pictures } from '../../shared/pictures/pictures.js';
import type { Collected } from '../report/collect.js';
import type { Condition } from '../report/fail-on.js';
import { type Drawing, reportHtml } from '../report/html.js';
import { read, STDIN } from '../report/read.js';
import { formatDuration } from '../terminal/duration.js';
import { Exit, Unusable } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';

export const FORMATS = ['html', 'folded', 'speedscope'] as const;

type Format = (typeof FORMATS)[number];

export interface ReportOptions {
  /** A file, or `-` for stdout. */
  readonly output?: string;
  readonly format: Format;
  readonly failOn?: readonly Condition[];
  readonly json?: boolean;
}

const DEFAULT_FILE: Readonly<Record<Format, string>> = {
  html: 'loopwatch-report.html',
  folded: 'loopwatch.folded',
  speedscope: 'loopwatch.speedscope.json',
};

/** This file is bundled into dist/cli/main.js; the page's parts are in dist/page. */
function drawing(): Drawing {
  const part = (name: string) => readFileSync(new URL(`../page/${name}`, import.meta.url), 'utf8');
  return { style: part('style.css'), script: part('report.js') };
}

function sourceWords(path: string): string {
  return path === STDIN ? 'standard input' : path;
}

function documentOf(format: Format, collected: Collected, pictures: Pictures): string {
  if (format === 'html') return reportHtml(pictures, drawing());
  if (format === 'folded') return foldedStacks(collected.records);
  return `${JSON.stringify(speedscopeDocument(collected.records))}\n`;
}

function write(file: string, text: string): void {
  try {
    if (file === STDIN) process.stdout.write(text);
    else writeFileSync(file, text);
  } catch (error) {
    throw new Unusable(`${file} can't be written: ${messageOf(error)}`);
  }
}

/** For programs: the numbers and the tables, without the pictures. */
function summaryOf(pictures: Pictures, failed: readonly string[], file: string | null) {
  const { source, period, counts, reasons, routes, more } = pictures;
  const culprits = pictures.culprits.map(({ flame: _, advice, ...culprit }) => {
    return { ...culprit, hint: advice === null ? null : (pictures.advices[advice]?.hint ?? null) };
  });
  return { source, period, counts, culprits, routes, unconfirmed: reasons, more, failed, file };
}

function words({ counts }: Pictures, file: string): string {
  const { blocks, hangs, blockedMs, longestMs } = counts;
  if (blocks === 0) return `no blocks; written to ${file}`;
  const kinds = hangs === 0 ? '' : `, ${hangs} of them hangs`;
  const times = `${formatDuration(blockedMs)} in all, the longest ${formatDuration(longestMs)}`;
  return `${blocks} ${blocks === 1 ? 'block' : 'blocks'}${kinds}, ${times}; written to ${file}`;
}

/** @param path a log, a folder, `-` for standard input; else the journal that the options name */
export async function report(path: string | undefined, options: ReportOptions): Promise<number> {
  const { format, json = false, failOn = [] } = options;
  const out = new Output();
  const from = path ?? settingsFrom({}, process.env).journalDir;
  const collected = await read(from, (lines) => out.progress(`${lines} lines read`));
  const { records, unconfirmed, hints, leftOut } = collected;
  const pictures = picturesOf({ records, unconfirmed, hints, source: sourceWords(from) });
  // Numbers are what --json asks for; a file comes with them where one is named.
  const file = options.output ?? (json ? null : DEFAULT_FILE[format]);
  if (file !== null) write(file, documentOf(format, collected, pictures));
  const failed = failOn.filter(({ isMet }) => isMet(pictures.counts)).map(({ name }) => name);
  if (leftOut > 0) out.words(`${leftOut} older events were left out`);
  if (json) out.json(summaryOf(pictures, failed, file));
  else out.words(words(pictures, file === STDIN ? 'stdout' : (file as string)));
  if (failed.length > 0) out.words(`failed on: ${failed.join(', ')}`);
  return failed.length > 0 ? Exit.found : Exit.fine;
}
