/** Texts of records as the pages show them: on one line, and not longer than a person reads. */

import type { BlockRecord, Culprit } from '../record/record.js';
import { plain } from '../text/plain-text.js';

/** Paths may be 4096 long, names anything. */
const MOST_TEXT = 300;

export function shown(text: string): string {
  const line = plain(text);
  return line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT)}…` : line;
}

export function shownOrNull(text: string | null): string | null {
  return text === null ? null : shown(text);
}

export function nameOf(culprit: Culprit | null): string {
  return culprit === null ? '(unknown)' : shown(culprit.function ?? '(anonymous)');
}

/** `/srv/app/src/report.ts:88` */
export function placeOf(culprit: Culprit | null): string | null {
  if (culprit?.file == null) return null;
  return shown(culprit.line === null ? culprit.file : `${culprit.file}:${culprit.line}`);
}

/** `GET /report/:id`. */
export function routeOf({ request }: BlockRecord): string | null {
  if (request === null) return null;
  const { method, route, path } = request;
  return shown([method, route ?? path].filter(Boolean).join(' ')) || null;
}

/** What a reader of a block may want to know besides of where it was. */
export function factsOf(record: BlockRecord): [string, string][] {
  const { cpu, gc, delayed, request, process, thread, scope, suppressed, trace } = record;
  const facts: [string, string | null][] = [
    ['path', request?.path ?? null],
    ['request id', request?.id ?? null],
    ['trace', trace?.traceId ?? null],
    ['requests delayed', delayed === null ? null : String(delayed.requests)],
    ['invoked by', record.invoker === 'unknown' ? null : record.invoker],
    ['CPU time', cpu === null ? null : `${Math.round(cpu.userMs + cpu.systemMs)} ms`],
    ['garbage collection', gc === null ? null : `${gc.count} times, ${Math.round(gc.ms)} ms`],
    ['samples', String(record.samples.count)],
    ['precision', record.culprit?.precision ?? null],
    ['threshold', `${record.thresholdMs} ms`],
    ['scope', scope],
    ['not reported since', suppressed === 0 ? null : `${suppressed} more like it`],
    ['thread', thread.id === 0 ? null : `${thread.name} (${thread.id})`],
    ['process', processOf(process)],
    ['id', record.id],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, shown(value)]]));
}

export function processOf({ pid, host, node }: BlockRecord['process']): string {
  return shown(`process ${pid} on ${host}, ${node}`);
}
