/** Stacks and flame graphs as text. */
import { homedir } from 'node:os';
import { relative } from 'node:path';
import type { FlameNode } from '../../shared/export/flame-tree.js';
import type { Frame, RequestInfo } from '../../shared/record/record.js';
import { plain } from '../../shared/text/plain-text.js';
import { type KernelView, kernelWords } from '../target/kernel.js';
import { formatDuration } from '../terminal/duration.js';
import type { Output } from '../terminal/output.js';
import type { Flame } from './flame.js';
import type { SourceMaps } from './source-maps.js';
import { isLate, type ProcessView, type Taken, type ThreadStack } from './take.js';

/** Lines of code shown on each side. */
const AROUND = 2;

/** What takes less of the time than this is not worth a line. */
const LEAST_SHARE = 0.01;

/** Node's own frames below the program's say where its callbacks come from, and are always the same. */
function isNode({ file }: Frame): boolean {
  return file?.startsWith('node:') === true;
}

function fileOf(file: string): string {
  const here = relative(process.cwd(), file);
  if (file.startsWith('/') && !here.startsWith('..')) return here;
  return file.startsWith(`${homedir()}/`) ? `~${file.slice(homedir().length)}` : file;
}

function place({ file, line, column }: Frame): string {
  if (file === null) return '(native)';
  return [fileOf(file), line, column].filter((part) => part !== null).join(':');
}

function nameOf({ function: name, async }: Frame): string {
  return `${async ? 'async ' : ''}${name || '(anonymous)'}`;
}

function codeLines(frame: Frame, maps: SourceMaps, out: Output): string[] {
  const context = maps.context(frame.file, frame.line);
  if (context === null || frame.line === null) return [];
  const before = context.before.slice(-AROUND);
  const first = frame.line - before.length;
  const lines = [...before, context.line, ...context.after.slice(0, AROUND)];
  const width = String(first + lines.length).length;
  return lines.map((text, index) => {
    const isIt = first + index === frame.line;
    const line = `${isIt ? '>' : ' '} ${String(first + index).padStart(width)} | ${plain(text)}`;
    return `      ${out.paint(isIt ? 'bold' : 'dim', line)}`;
  });
}

function requestLine({ method, path, route }: RequestInfo, inFlight: number | null): string {
  const which = [method, route ?? path].filter(Boolean).join(' ');
  const others = inFlight === null || inFlight < 2 ? '' : `, ${inFlight - 1} more in flight`;
  return `  request  ${plain(which)}${others}`;
}

function stateOf(stack: ThreadStack): string {
  const { frames, waitedMs } = stack;
  const waited = formatDuration(waitedMs);
  if (frames === null)
    return `did not answer for ${waited}: it is in a native call, or gets no CPU`;
  if (isLate(stack)) {
    const seen = `answered after ${waited}: it was in a native call, or got no CPU`;
    return frames.length === 0
      ? `${seen}; nothing of that is on its stack any more`
      : `${seen}; the callers are certain, the innermost line may be what came next`;
  }
  return frames.length === 0 ? 'runs no JavaScript: it waits for events' : 'runs';
}

function threadLines(stack: ThreadStack, maps: SourceMaps, out: Output): string[] {
  const { thread, frames, request } = stack;
  const title = thread.id === 0 ? 'main' : `worker ${thread.id}`;
  const name = thread.name === title ? '' : ` (${plain(thread.name)})`;
  const lines = [`${out.paint('bold', `${title}${name}`)}: ${stateOf(stack)}`];
  if (request !== null) lines.push(requestLine(request, stack.requestsInFlight));
  const shown = frames ?? [];
  const culprit = shown.find(({ inApp }) => inApp);
  for (const frame of shown) {
    const line = plain(`${nameOf(frame)}  ${place(frame)}`);
    lines.push(`    ${isNode(frame) ? out.paint('dim', line) : line}`);
    if (frame === culprit) lines.push(...codeLines(frame, maps, out));
  }
  return lines;
}

function heading({ pid, node, script, uptimeMs }: ProcessView): string {
  return plain(
    `process ${pid}  ${script ?? '(no script)'}  ${node}, up ${formatDuration(uptimeMs)}`,
  );
}

/** All threads of a process, as text. */
export function stacksText(
  { process: view, threads, kernel }: Taken & { readonly kernel: KernelView },
  maps: SourceMaps,
  out: Output,
): string {
  const parts = threads.map((stack) => {
    const lines = threadLines(stack, maps, out);
    if (stack.thread.id === 0 && isLate(stack)) lines.splice(1, 0, `  ${kernelWords(kernel)}`);
    return lines.join('\n');
  });
  return [heading(view), ...parts].join('\n\n');
}

function percent(ms: number, of: number): string {
  return `${Math.round((100 * ms) / of)}%`.padStart(4);
}

function childrenLines(node: FlameNode, totalMs: number, depth: number): string[] {
  const children = [...node.children.values()]
    .filter(({ ms }) => ms >= LEAST_SHARE * totalMs)
    .sort((a, b) => b.ms - a.ms);
  return children.flatMap((child) => {
    const { frame, ms } = child;
    const label = frame === null ? '' : plain(`${nameOf(frame)}  ${place(frame)}`);
    const line = `${percent(ms, totalMs)}  ${'  '.repeat(depth)}${label}`;
    return [line, ...childrenLines(child, totalMs, depth + 1)];
  });
}

/** One thread's flame graph, outermost function first: who called whom, with shares of the time. */
export function flameText(flame: Flame, out: Output): string {
  const { thread, root, samples, idleMs } = flame;
  const title = thread.id === 0 ? 'main' : `worker ${thread.id} (${plain(thread.name)})`;
  const head = `${out.paint('bold', title)}: ${samples} samples in ${formatDuration(root.ms)}`;
  const idle =
    idleMs >= LEAST_SHARE * root.ms ? [`${percent(idleMs, root.ms)}  (no JavaScript)`] : [];
  return [head, ...childrenLines(root, root.ms, 0), ...idle].join('\n');
}
