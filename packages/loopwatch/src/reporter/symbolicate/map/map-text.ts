/** Gets at the text of a script's source map: in the script, beside it, or by its debug id. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isReallyInside, packageFolder } from './folders.js';
import { MapFailure, type Question } from './question.js';

/** Larger ones have been seen only of several applications in one file. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A map's text, and the folder that its sources are relative to. */
export interface MapText {
  readonly text: string;
  readonly folder: string;
}

/** @throws MapFailure `missing`, `too-large` */
export function readBounded(file: string): string {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new MapFailure('missing');
    if (stat.size > MOST_BYTES) throw new MapFailure('too-large');
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw error instanceof MapFailure ? error : new MapFailure('missing');
  }
}

/** @throws MapFailure `invalid` */
function decodeDataUrl(url: string): string {
  const [, type = '', data = ''] = /^data:([^,]*),(.*)$/s.exec(url) ?? [];
  try {
    if (/;base64$/i.test(type)) return Buffer.from(data, 'base64').toString('utf8');
    return decodeURIComponent(data);
  } catch {
    throw new MapFailure('invalid');
  }
}

function inlineText(script: string): string {
  const text = readBounded(script);
  const mark = 'sourceMappingURL=data:';
  const at = text.lastIndexOf(mark);
  if (at === -1) throw new MapFailure('missing');
  const start = at + mark.length - 'data:'.length;
  const [url = ''] = /^\S*/.exec(text.slice(start)) ?? [];
  return decodeDataUrl(url.replace(/\*\/$/, ''));
}

/** @throws MapFailure `outside` for what is no file of this machine */
function pathFrom(script: string, url: string): string {
  try {
    if (url.startsWith('file:')) return fileURLToPath(url);
    if (/^(?:[a-z][\w+.-]*:|\/\/)/i.test(url)) throw new MapFailure('outside');
    const [path = ''] = url.split(/[?#]/);
    return resolve(dirname(script), decodeURIComponent(path));
  } catch {
    throw new MapFailure('outside');
  }
}

function fileText(script: string, path: string): MapText {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    throw new MapFailure('missing');
  }
  if (!isReallyInside(packageFolder(script), real)) throw new MapFailure('outside');
  return { text: readBounded(real), folder: dirname(path) };
}

/**
 * The text of a script's map.
 *
 * @throws MapFailure `missing`, `outside`, `too-large`, `invalid`
 */
export function mapText({ script, link, memory }: Question): MapText {
  const folder = dirname(script);
  if (memory !== null) {
    return { text: new TextDecoder().decode(memory), folder };
  }
  if (link === null) throw new MapFailure('missing');
  if (link.inline) return { text: inlineText(script), folder };
  // Without a comment that names it, a map is where bundlers put it; its id says whether it is the one.
  return fileText(script, link.url === null ? `${script}.map` : pathFrom(script, link.url));
}
