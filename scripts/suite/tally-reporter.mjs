/**
 * A reporter for `node --test` that writes, as JSON, what became of each test file: its tally, what each
 * failed test said, and how long its tests took. It counts events itself because Node.js 20 has no
 * summary event. A todo counts as skipped, whatever its result. A test file without a test in it is
 * reported by Node.js as one passed test named after the file: that is no test, and isn't counted; a file
 * that crashed is reported the same way, and is.
 */
import { readFileSync } from 'node:fs';

/** What `/proc/self/stat` counts in. It is 100 on every Linux that Node.js runs on. */
const TICKS_A_SECOND = 100;

/** CPU time of this process and of all its children that have ended, in seconds; null off Linux. */
function cpuSeconds() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), the third being the first after the name.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return ticks / TICKS_A_SECOND;
  } catch {
    return null;
  }
}

/** A name of its own for a file that tests share: none where a suite failed before its first test. */
function tallyOf(files, file) {
  files[file] ??= { passed: 0, failed: 0, skipped: 0, failures: [], slowest: null };
  return files[file];
}

export default async function* tallyReporter(events) {
  const files = {};
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type === 'suite') continue;
    const tally = tallyOf(files, data.file ?? '');
    const ms = data.details.duration_ms ?? 0;
    if (data.skip !== undefined || data.todo !== undefined) tally.skipped++;
    else if (type === 'test:fail') {
      tally.failed++;
      const { error } = data.details;
      tally.failures.push(`${data.name}: ${error?.cause?.message ?? error}`);
    } else if (data.name !== data.file) tally.passed++;
    if (ms > (tally.slowest?.ms ?? 0)) tally.slowest = { name: data.name, ms: Math.round(ms) };
  }
  yield JSON.stringify({ files, cpuSeconds: cpuSeconds() });
}
