/** Compares what loopwatch reported with what the demo did. */
import { shortPath } from './short-path.mjs';

/**
 * @typedef {import('loopwatch').BlockRecord} BlockRecord
 * @typedef {import('./scenarios.mjs').Scenario} Scenario
 * @typedef {import('./sentry-receiver.mjs').SentryEvent} SentryEvent
 *
 * @typedef {{ level: number, msg: string, block: BlockRecord }} LogLine
 *
 * @typedef {object} Finding what was reported for one scenario
 * @property {Scenario} scenario
 * @property {BlockRecord | undefined} record the one that says what was expected
 * @property {SentryEvent | undefined} event the one for that record
 *
 * @typedef {object} Findings
 * @property {Finding[]} findings one for each scenario
 * @property {LogLine[]} others blocks that nobody planned
 * @property {string[]} problems empty when everything was caught as expected
 */

/** pino's number for a warning. What is below it, like a slow start of the shop, is no report. */
const warning = 40;

/**
 * @param {string} log what loopwatch logged, as NDJSON
 * @returns {{ lines: LogLine[], remarks: string[] }} the latest line of each reported block, since
 *   a hang is logged when it begins and ends; and what loopwatch says about late beats that it took
 *   for no block
 */
export function readLog(log) {
  const all = log.split('\n').filter((text) => text !== '');
  const entries = all.map((text) => JSON.parse(text));
  const blocks = entries.filter(({ level, block }) => block !== undefined && level >= warning);
  return {
    lines: [...new Map(blocks.map((line) => [line.block.id, line])).values()],
    remarks: entries.filter(({ unconfirmed }) => unconfirmed !== undefined).map(({ msg }) => msg),
  };
}

/**
 * @param {Scenario[]} scenarios
 * @param {LogLine[]} lines
 * @param {SentryEvent[]} events
 * @returns {Findings}
 */
export function compare(scenarios, lines, events) {
  const problems = [];
  const findings = scenarios.map((scenario) => {
    const records = lines.map(({ block }) => block);
    const caught = records.filter((record) => isExactly(record, scenario.expected));
    if (caught.length !== 1) problems.push(missed(scenario.expected, caught, records));
    const [record] = caught;
    return { scenario, record, event: events.find(({ event_id }) => event_id === record?.id) };
  });
  for (const { block } of lines) {
    const count = events.filter(({ event_id }) => event_id === block.id).length;
    if (count !== 1) problems.push(`${count} Sentry events for ${summed(block)}, expected 1`);
  }
  const ids = new Set(lines.map(({ block }) => block.id));
  for (const { event_id } of events.filter(({ event_id }) => !ids.has(event_id))) {
    problems.push(`Sentry event ${event_id} is for no block in the log`);
  }
  const planned = new Set(findings.map(({ record }) => record?.id));
  return { findings, others: lines.filter(({ block }) => !planned.has(block.id)), problems };
}

function isExactly({ culprit, request }, expected) {
  const { function: name, file, line, method, route } = expected;
  const here = culprit?.function === name && culprit.file === file && culprit.line === line;
  return here && request?.method === method && request.route === route;
}

/** Says what was expected, and what came nearest to it. */
function missed(expected, caught, records) {
  const wanted = `${placeOf(expected)} during ${expected.method} ${expected.route}`;
  if (caught.length > 1) return `${caught.length} blocks reported in ${wanted}, expected 1`;
  const near = records.filter(({ culprit, request }) => {
    return request?.route === expected.route || culprit?.function === expected.function;
  });
  const instead = near.length === 0 ? 'nothing like it' : near.map(summed).join('\n    and ');
  return `expected a block in ${wanted},\n    but found ${instead}`;
}

function summed({ id, durationMs, culprit, request }) {
  const place = culprit === null ? 'no culprit' : placeOf(culprit);
  const during = request === null ? 'no request' : `${request.method} ${request.route}`;
  return `block ${id} of ${Math.round(durationMs)} ms in ${place} during ${during}`;
}

function placeOf({ function: name, file, line }) {
  return `${name} (${shortPath(file)}:${line})`;
}
