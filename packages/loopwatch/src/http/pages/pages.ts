/** What strict and warn mode put into answers, from what the blocked thread knows itself. */
import { adviceOf } from '../../shared/advice/choose-advice.js';
import { frameOf, packageOf } from '../../shared/record/frames.js';
import type { Culprit } from '../../shared/record/record.js';
import { sourceContext } from '../../shared/sources/source-file.js';
import type {
  AnswerPages,
  BlamedBlock,
  BlockFacts,
  CodeLine,
} from '../../shared/text/block-facts.js';
import { banner } from './banner.js';
import { strictResponse } from './page.js';

function linesOf({ file, line }: Culprit): CodeLine[] {
  const context = sourceContext(file, line);
  if (context === null || line === null) return [];
  const texts = [...context.before, context.line, ...context.after];
  const first = line - context.before.length;
  return texts.map((text, index) => {
    return { number: first + index, text, isCulprit: first + index === line };
  });
}

function factsOf({ frames: raw, isLate, ...known }: BlamedBlock): BlockFacts {
  const frames = raw.map(frameOf);
  // What the watchdog makes of it, garbage collection for one, is in the report, which is not made yet.
  const cause = isLate ? 'unknown' : 'javascript';
  const at = frames.findIndex(({ inApp }) => inApp);
  const found = frames[at];
  let culprit: Culprit | null = null;
  if (found !== undefined) {
    const { function: name, file, line, column } = found;
    const below = frames.slice(0, at).find((frame) => packageOf(frame.file) !== null);
    const dependency = packageOf(below?.file ?? null);
    const precision = isLate ? 'caller' : 'exact';
    culprit = { function: name, file, line, column, package: dependency, precision };
  }
  const lines = culprit === null ? [] : linesOf(culprit);
  const code = lines.find(({ isCulprit }) => isCulprit)?.text;
  const samples = { count: 1, stacks: [{ count: 1, frames }] };
  const advice = adviceOf({ cause, culprit, samples, invoker: 'http-request' }, code);
  return { ...known, cause, culprit, advice, lines };
}

export const pages: AnswerPages = {
  strict: (block, accept) => strictResponse(factsOf(block), accept),
  banner: (block) => banner(factsOf(block)),
};
