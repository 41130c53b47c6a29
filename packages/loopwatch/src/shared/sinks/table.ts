/**
 * The sinks: one entry each, in the order in which a report is handed to them and the names of journal
 * files have them. The rest of a sink is its folder in the reporter, `reporter/sinks/NAME/`.
 */
import { hasLog, isLogged } from '../options/levels.js';
import { isEnded } from '../record/reported.js';
import { isParcel } from '../sentry/parcel-check.js';
import { parcelOf, targetFromEnvironment, targetOf } from '../sentry/sentry-route.js';
import { PLAIN_SINK, type SinkName, type SinkRules } from './rules.js';

export const SINKS: readonly SinkRules[] = [
  {
    ...PLAIN_SINK,
    name: 'log',
    hearsEnd: true,
    // Each has its line: a network that fails has hundreds of them, and a log can be searched.
    capsDeadClients: false,
    isServed: ({ setup }) => hasLog(setup),
    wants: ({ level }, { setup }) => isLogged(level, setup),
    isForProgram({ record, level }, _, { setup }) {
      // The program's logger was called at once, when the client was found.
      const wasAsked = record.kind === 'dead-client' && !record.previousProcess;
      // Who hangs can't log it; the line about the end is for the program again.
      const isOver = isEnded(record) || record.previousProcess;
      return setup.hasLogger && isOver && !wasAsked && isLogged(level, setup);
    },
  },
  {
    ...PLAIN_SINK,
    name: 'sentry',
    target: ({ sentry }, environment) => {
      return sentry === 'off' ? null : targetFromEnvironment(environment);
    },
    isServed: (context) => targetOf(context) !== null,
    parcelOf,
    isParcel,
    wants: ({ parcel, isQuiet }) => parcel !== null && !isQuiet,
    isForProgram: (_, { beat, evidence }) => evidence.sentry !== null && beat !== null,
  },
];

/** The entry of a sink; undefined for one that only another release has. */
export function rulesOf(name: SinkName): SinkRules | undefined {
  return SINKS.find((sink) => sink.name === name);
}
