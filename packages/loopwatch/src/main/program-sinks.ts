/** What the program itself has for a sink, its logger or its Sentry client, and reports for it. */
import { CLAIMS_AT, Claim } from '../shared/memory/memory.js';
import type { SinkClaim } from '../shared/messages/messages.js';
import type { Reported } from '../shared/record/reported.js';
import type { SinkName } from '../shared/sinks/rules.js';
import type { Code } from '../shared/sources/source-context.js';
import type { ProgramLog } from './partners/program-log.js';
import type { SentryCapture } from './sentry/sentry-capture.js';

/** A report that may be claimed. */
interface Claimable {
  readonly record: Reported;
  /** What source maps say of it. */
  readonly code: Readonly<Code>;
  readonly claim: SinkClaim;
}

/**
 * Has the program deliver a report. What becomes of it is answered once: at once where it is known, so
 * that an exit that follows knows, too.
 */
type ProgramSink = (report: Claimable, answer: (isDelivered: boolean) => void) => void;

/** By the names of the sinks; most have nothing on the program's side. */
export type ProgramSinks = Readonly<Partial<Record<SinkName, ProgramSink>>>;

export function programSinks(log: ProgramLog, sentry: SentryCapture): ProgramSinks {
  return {
    log: ({ record, code, claim }, answer) => log.write(record, code, claim.level, answer),
    sentry({ record, code, claim }, answer) {
      const isDeadClient = record.kind === 'dead-client';
      const sending = isDeadClient
        ? sentry.sendDeadClient(record)
        : sentry.send(record, code, claim.beat);
      void sending.then(answer);
    },
  };
}

/** Claims a report, unless it is too late for that, and has the program deliver it. */
export function claim(words: Int32Array, sinks: ProgramSinks, report: Claimable): void {
  const { slot, number, sink } = report.claim;
  const [open, taken] = [Claim.open(number), Claim.taken(number)];
  if (Atomics.compareExchange(words, CLAIMS_AT + slot, open, taken) !== open) return;
  const answer = (isDelivered: boolean) => {
    const next = isDelivered ? Claim.settled(number) : Claim.givenBack(number);
    // By then it may have taken too long, and the slot be another claim's.
    Atomics.compareExchange(words, CLAIMS_AT + slot, taken, next);
  };
  const deliver = sinks[sink];
  if (deliver === undefined) answer(false);
  else deliver(report, answer);
}
