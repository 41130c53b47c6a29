/** The findings for a person at a terminal. */
import { styleText } from 'node:util';
import { shortPath } from './short-path.mjs';

/** Fits a terminal of 80 columns, which is what most open with. */
const columns = 80;

/**
 * @param {object} result
 * @param {import('./findings.mjs').Finding[]} result.findings
 * @param {import('./findings.mjs').LogLine[]} result.others
 * @param {number[]} result.healthyMs how long each healthy request took
 * @param {string[]} result.trouble empty when everything was caught as expected
 * @param {{ colours: boolean }} options
 * @returns {string} without a newline at its end
 */
export function summary({ findings, others, healthyMs, trouble }, { colours }) {
  const paint = (style, text) => (colours ? styleText(style, text) : text);
  const verdict =
    trouble.length === 0
      ? paint('green', 'ok: each block was caught, with its line, its request and one Sentry event')
      : paint('red', 'FAILED');
  return [
    '',
    ...findings.flatMap((finding) => [...blockLinesOf(finding, paint), '']),
    ...others.map(({ msg }) => paint('dim', `also seen: ${msg}`)),
    healthyLine(healthyMs),
    verdict,
    ...trouble.map((line) => `  ${line}`),
    paint('dim', 'next: node --import loopwatch/register YOUR-APP.js'),
  ].join('\n');
}

function blockLinesOf({ scenario, record, event }, paint) {
  const heading = (right) => {
    return `${scenario.title}${right.padStart(columns - scenario.title.length)}`;
  };
  if (record === undefined) return [paint('red', heading('not caught'))];
  const { culprit, request, delayed } = record;
  const rows = [
    ['request', `${request.method} ${request.route}`],
    ['function', culprit.function],
    ['line', `${shortPath(culprit.file)}:${culprit.line} (precision: ${culprit.precision})`],
    ['code', paint('cyan', codeOf(event, culprit) ?? 'not known')],
    ['cause', record.cause],
    ['delayed', delayed === null ? 'not known' : requests(delayed.requests)],
    ['sentry', event === undefined ? 'no event arrived' : `event ${event.event_id}`],
  ];
  return [
    paint('bold', heading(`blocked ${Math.round(record.durationMs)} ms`)),
    ...rows.map(([name, value]) => `  ${paint('dim', name.padEnd(9))} ${value}`),
  ];
}

/** The blamed line's text, as it was sent to Sentry. */
function codeOf(event, { file, line }) {
  const frames = event?.exception.values[0].stacktrace.frames ?? [];
  return frames
    .find(({ filename, lineno }) => filename === file && lineno === line)
    ?.context_line?.trim();
}

function healthyLine(healthyMs) {
  const sorted = healthyMs.toSorted((a, b) => a - b);
  const [p50, max] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const times = sorted.length === 0 ? '' : `: p50 ${p50.toFixed(0)} ms, max ${max.toFixed(0)} ms`;
  return `${sorted.length} healthy requests meanwhile${times}`;
}

function requests(count) {
  return `${count} ${count === 1 ? 'request' : 'requests'}`;
}
