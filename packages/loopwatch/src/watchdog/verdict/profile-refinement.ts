/** What a CPU profile adds to a record, as a pure function over both. */
import type { Blame, ProfileSlice } from '../../shared/record/profiler.js';
import type { BlockRecord, Culprit } from '../../shared/record/record.js';

/** A stack says `Shop.render` or `async render` where a profile says `render`. */
function isSameFunction(name: string | null, blamed: string | null): boolean {
  return (
    name === blamed ||
    (name !== null && blamed !== null && /[. ]/.test(name)
      ? name.split(/[. ]/).at(-1) === blamed
      : false)
  );
}

/**
 * The line on which the blamed function called what was busy: a capture that had to wait for a native
 * call finds the callers as they were, as long as what they had called is still on the stack.
 */
function callLine({ samples }: BlockRecord, blame: Blame): number | null {
  const lines = new Map<number, number>();
  for (const { count, frames } of samples.stacks) {
    const at = frames.findIndex((frame, index) => {
      const isIt = isSameFunction(frame.function, blame.function) && frame.file === blame.file;
      return isIt && !frame.async && frames[index - 1]?.file === blame.callee?.file;
    });
    const line = at < 1 ? null : (frames[at]?.line ?? null);
    if (line !== null) lines.set(line, (lines.get(line) ?? 0) + count);
  }
  return [...lines].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

function refinedCulprit(record: BlockRecord, blame: Blame): Culprit {
  const { culprit } = record;
  const { function: name, file, declaredLine } = blame;
  const line = blame.line ?? (blame.callee === null ? null : callLine(record, blame));
  const isSame =
    culprit !== null && isSameFunction(culprit.function, name) && culprit.file === file;
  if (isSame && line === null) return culprit;
  return {
    function: isSame ? culprit.function : name,
    file,
    line: line ?? declaredLine,
    column: isSame && culprit.line === line ? culprit.column : null,
    package: blame.package,
    precision: line === null ? 'caller' : 'exact',
  };
}

/**
 * A record with what the profile of its turn says. What was sampled while it ran stays as it is: only
 * what a native call hid is better known to the profile.
 */
export function refinedByProfile(
  record: BlockRecord,
  { blame, gcMs, file }: ProfileSlice,
): BlockRecord {
  const isKnown = record.culprit?.precision === 'exact' || blame === null;
  const isGarbage = record.cause !== 'module-load' && gcMs * 2 > record.durationMs;
  return {
    ...record,
    culprit: isKnown ? record.culprit : refinedCulprit(record, blame),
    cause: isGarbage ? 'gc' : record.cause,
    profile: file,
  };
}
