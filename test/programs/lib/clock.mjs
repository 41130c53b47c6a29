/** How programs measure their blocks. All of it is taken before any program can replace it. */

/** Real time in ms. */
export const nowMs = performance.now.bind(performance);
const cpuUsage = process.cpuUsage.bind(process);

const { timeOrigin } = performance;

/** What a program says as the last it does: when that was, as test/harness/run.ts reads it. */
export const leftNow = () => `left at ${timeOrigin + nowMs()}`;

/** A moment: real time, and the CPU time that the process has used. */
export function now() {
  const { user, system } = cpuUsage();
  return { ms: nowMs(), cpuMs: (user + system) / 1000 };
}

/** `measured <ms> cpu <ms>` since a moment, as test/harness/block.ts reads it. */
export function measured(since, wantsCpu = true) {
  const { ms, cpuMs } = now();
  const text = `measured ${ms - since.ms}`;
  return wantsCpu ? `${text} cpu ${cpuMs - since.cpuMs}` : text;
}
