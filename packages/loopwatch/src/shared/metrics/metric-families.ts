/** The metrics by name: what each is called, what it means, and its values at one moment. */

import type { Readings } from '../memory/readings.js';
import { type CountedRequests, DURATION_BOUNDS, type Durations, type Totals } from './metrics.js';

export type Labels = Readonly<Record<string, string>>;

interface Value {
  readonly labels: Labels;
  readonly value: number;
}

interface Named {
  readonly name: string;
  readonly help: string;
}

/** Numbers that only grow, or that go up and down. */
export interface Scalar extends Named {
  readonly type: 'counter' | 'gauge';
  readonly labelNames: readonly string[];
  readonly values: readonly Value[];
}

/** How many of something had which size. */
export interface Distribution extends Named {
  readonly type: 'histogram';
  /** Upper bounds; there is one more count than bounds. */
  readonly bounds: readonly number[];
  readonly durations: Durations;
}

export type Family = Scalar | Distribution;

/** One number by the values of a label. */
function byLabel(name: string, counts: Readonly<Record<string, number>>): Value[] {
  return Object.entries(counts).map(([key, value]) => ({ labels: { [name]: key }, value }));
}

/** A gauge without labels; without a value when that is not known. */
export function gauge(name: string, help: string, value: number | null): Scalar {
  const values = value === null ? [] : [{ labels: {}, value }];
  return { name, help, type: 'gauge', labelNames: [], values };
}

function counter(
  name: string,
  help: string,
  labelNames: readonly string[],
  values: readonly Value[],
): Scalar {
  return { name, help, type: 'counter', labelNames, values };
}

function requestsFamily(requests: readonly CountedRequests[]): Scalar {
  return counter(
    'loopwatch_requests_total',
    'Requests that were answered.',
    ['method', 'route'],
    requests.map(({ method, route, count }) => ({ labels: { method, route }, value: count })),
  );
}

/**
 * All metrics but those of the loop's lag.
 *
 * @param readings null while nothing is watched: what only it knows is left out
 * @param requests null while nobody counts them: there is no such metric then
 */
export function families(
  { blocks, durations, hangs, unconfirmed, delayedRequests, deadClients }: Totals,
  readings: Readings | null,
  requests: readonly CountedRequests[] | null = null,
): Family[] {
  const beatAgeMs = readings?.beatAgeMs ?? null;
  const thresholdMs = readings?.thresholdMs ?? null;
  return [
    {
      name: 'loopwatch_block_duration_seconds',
      help: 'How long the event loop was blocked, by block.',
      type: 'histogram',
      bounds: DURATION_BOUNDS,
      durations,
    },
    counter(
      'loopwatch_blocks_total',
      'Blocks that have ended, with what caused them and the route of the request that did.',
      ['kind', 'cause', 'route'],
      blocks.map(({ kind, cause, route, count }) => {
        return { labels: { kind, cause, route }, value: count };
      }),
    ),
    counter(
      'loopwatch_hangs_total',
      'Blocks that lasted hangMs or longer.',
      [],
      [{ labels: {}, value: hangs }],
    ),
    counter(
      'loopwatch_unconfirmed_total',
      'Late beats that were no blocks.',
      ['reason'],
      byLabel('reason', unconfirmed),
    ),
    counter(
      'loopwatch_delayed_requests_total',
      'Requests in flight that had to wait for a block of another one.',
      [],
      [{ labels: {}, value: delayedRequests }],
    ),
    ...(requests === null ? [] : [requestsFamily(requests)]),
    counter(
      'loopwatch_reports_dropped_total',
      'Reports held back by maxReportsPerCulprit, or dropped by a full journal.',
      ['reason'],
      byLabel('reason', readings?.dropped ?? {}),
    ),
    counter(
      'loopwatch_dead_clients_total',
      'Clients that were found dead.',
      ['cause'],
      byLabel('cause', deadClients),
    ),
    gauge(
      'loopwatch_watched_sockets',
      'Connections that are watched for dead clients.',
      readings?.watchedSockets ?? null,
    ),
    counter(
      'loopwatch_symbolication_failures_total',
      'Scripts of reports whose frames could not be led back to their sources.',
      ['reason'],
      byLabel('reason', readings?.unsymbolicated ?? {}),
    ),
    gauge(
      'loopwatch_heartbeat_age_seconds',
      'Time since the event loop last turned.',
      beatAgeMs === null ? null : beatAgeMs / 1000,
    ),
    gauge(
      'loopwatch_threshold_seconds',
      'A turn of the event loop longer than this is a block.',
      thresholdMs === null ? null : thresholdMs / 1000,
    ),
  ];
}
