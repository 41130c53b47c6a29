/**
 * A reporter for `node --test` that writes nothing but the final tally, as JSON, and what each failed
 * test said in `failures`. It counts events itself because Node.js 20 has no summary event. A todo counts as skipped, whatever its result. A
 * test file without a test in it is reported by Node.js as one passed test named after the file:
 * that is no test, and isn't counted; a file that crashed is reported the same way, and is.
 */
export default async function* tallyReporter(events) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type === 'suite') continue;
    if (data.skip !== undefined || data.todo !== undefined) tally.skipped++;
    else if (type === 'test:fail') {
      tally.failed++;
      failures.push(`${data.name}: ${data.details.error?.cause?.message ?? data.details.error}`);
    } else if (data.name !== data.file) tally.passed++;
  }
  yield JSON.stringify({ ...tally, failures });
}
