/** Whether a watched process ended as it should have. */

/** @typedef {import('./plan.mjs').Trial} Trial */
/** @typedef {import('./process.mjs').Outcome} Outcome */

/** Exit code or signal of each ending. */
function expectedEnd({ end, code }) {
  if (end === 'sigterm') return { code: null, signal: 'SIGTERM' };
  if (end === 'exit') return { code, signal: null };
  return { code: end === 'natural' ? 0 : 1, signal: null };
}

/**
 * What of stderr must be the same. Node runs promises from other functions of its own when more
 * than one timer is due, and loopwatch has one.
 */
function comparable(stderr) {
  return stderr.replaceAll(/^ +at .*\(?node:.*\n/gm, '');
}

/** The reports in a log file's text. */
function parseLog(text) {
  const lines = text.split('\n');
  const last = lines.pop();
  return { records: lines.map((line) => JSON.parse(line).block), isWhole: last === '' };
}

/**
 * @param {Trial} trial
 * @param {Outcome} outcome
 * @param {string} plainStderr what the same ending says unwatched
 * @param {string} log what loopwatch logged
 * @returns {{ problems: string[], reports: number }}
 */
export function judge({ settings }, outcome, plainStderr, log) {
  const problems = [];
  const { code, signal, stderr, hung } = outcome;
  const expected = expectedEnd(settings);
  if (hung) problems.push('hangs');
  else if (code !== expected.code || signal !== expected.signal) {
    problems.push(`ended with ${signal ?? code} instead of ${expected.signal ?? expected.code}`);
  }
  if (stderr.includes('Waiting for the debugger')) problems.push('waited for the debugger');
  else if (!hung && comparable(stderr) !== comparable(plainStderr))
    problems.push('stderr is not as without loopwatch');
  let reports = 0;
  try {
    const { records, isWhole } = parseLog(log);
    reports = records.length;
    const ids = new Set(records.map(({ id }) => id));
    if (ids.size !== reports) problems.push('a report came twice');
    if (reports > (settings.times ?? 1)) problems.push(`${reports} reports: ${said(log)}`);
    if (!isWhole) problems.push('the log ends in half a line');
  } catch (error) {
    problems.push(`the log is broken: ${error.message}`);
  }
  return { problems, reports };
}

/** What the log says, to show where one report too many comes from. */
function said(text) {
  return [...text.matchAll(/"kind":"(\w+)".*?"durationMs":([\d.]+).*"msg":"([^"]*)"/g)]
    .map(([, kind, ms, message]) => `${kind} ${ms} '${message}'`)
    .join(', ');
}
