/** What a run of the suite says to people: a line a file, and at its end what took long, and why. */
import { table } from '../lib/table.mjs';

/** @typedef {import('./suite.mjs').Result} Result */

const SLOWEST = 10;

/** How many of a file's waits are named. */
const NAMED_WAITS = 3;

/** Waits shorter than this are not worth a word, in ms. */
const LEAST_WAIT_MS = 300;

/** @param {number} seconds e.g. '5 min 12 s' */
export function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** @param {Result} result */
export function fileLine({ name, tally: { passed, failed, skipped }, seconds, cpuSeconds }) {
  const mark = failed > 0 ? 'FAILED' : 'ok';
  const counts = [
    `${passed} passed`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
  ];
  const cpu = cpuSeconds === null ? '' : `, ${cpuSeconds.toFixed(1)} s of CPU`;
  const took = `${seconds.toFixed(1).padStart(6)} s`;
  return `${mark.padEnd(6)} ${took}  ${name} (${counts.filter(Boolean).join(', ')}${cpu})`;
}

/** What a file waited for: the longest of the harness's waits, else its slowest test. */
function waitedFor({ waits, tallies }) {
  const named = Object.entries(waits)
    .filter(([, ms]) => ms >= LEAST_WAIT_MS)
    .sort(([, a], [, b]) => b - a)
    .slice(0, NAMED_WAITS)
    .map(([what, ms]) => `${what} (${(ms / 1000).toFixed(1)} s)`);
  if (named.length > 0) return named.join(', ');
  const [slowest] = Object.values(tallies)
    .flatMap((tally) => tally.slowest ?? [])
    .sort((a, b) => b.ms - a.ms);
  return slowest === undefined ? '' : `${slowest.name} (${(slowest.ms / 1000).toFixed(1)} s)`;
}

/** The slowest files, with what each waited for: waits side by side add up to more than the file took. */
export function slowestTable(results) {
  const slowest = [...results].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  const rows = slowest.map((result) => {
    const { name, machine, seconds, cpuSeconds } = result;
    return [seconds.toFixed(1), cpuSeconds?.toFixed(1) ?? '', machine, name, waitedFor(result)];
  });
  return table([['seconds', 'CPU', 'class', 'the slowest files', 'waited for'], ...rows]);
}

/** How long a run took, in all and by class: the sum over the class's files. */
export function runLine({ results, seconds, cpuSeconds, others }) {
  const sums = new Map();
  for (const result of results) {
    sums.set(result.machine, (sums.get(result.machine) ?? 0) + result.seconds);
  }
  const classes = [...sums].map(([machine, sum]) => `${machine} ${Math.round(sum)} s`).join(', ');
  const busy =
    others === null ? '' : `; other programs had ${Math.round(others * 100)} % of the CPUs`;
  const cpu = cpuSeconds === null ? '' : `, ${Math.round(cpuSeconds)} s of CPU`;
  return `${duration(seconds)} (${classes})${cpu}${busy}`;
}
