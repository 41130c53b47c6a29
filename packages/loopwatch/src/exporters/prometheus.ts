/**
 * loopwatch's metrics in the application's own prom-client registry.
 *
 * @packageDocumentation
 */
import client, { type Metric, type Registry, type RegistryContentType } from 'prom-client';
import type { Distribution, Family, Scalar } from '../shared/metrics/metric-families.js';
import { currentFamilies } from './feed.js';

/** One value as prom-client has it; the bound of a bucket is a number there. */
interface Shown {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

function distributionValues({ name, bounds, durations }: Distribution): Shown[] {
  let total = 0;
  const buckets = durations.counts.map((count, index) => {
    total += count;
    return { labels: { le: bounds[index] ?? '+Inf' }, value: total, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { labels: {}, value: durations.sumSeconds, metricName: `${name}_sum` },
    { labels: {}, value: total, metricName: `${name}_count` },
  ];
}

function scalarValues({ values }: Scalar): Shown[] {
  return [...values];
}

/**
 * What a registry asks a metric for. prom-client's own classes count themselves: their histograms
 * can't be given counts, and their gauges are 0 while nothing is known.
 */
class CurrentMetric {
  readonly name: string;
  readonly help: string;
  readonly type: Family['type'];
  /** How a cluster's primary puts those of its workers together. */
  readonly aggregator: 'sum' | 'max';
  readonly #name: string;

  constructor({ name, help, type }: Family) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.aggregator = type === 'gauge' ? 'max' : 'sum';
    // A registry for OpenMetrics changes the other one.
    this.#name = name;
  }

  async get() {
    const { name, help, type, aggregator } = this;
    const family = currentFamilies().find((one) => one.name === this.#name);
    const values =
      family?.type === 'histogram' ? distributionValues(family) : family && scalarValues(family);
    return { name, help, type, aggregator, values: values ?? [] };
  }

  /** Nothing: the numbers are loopwatch's. */
  reset(): void {}
}

/**
 * Registers loopwatch's metrics, which count from the first call on. Those that are registered
 * already stay as they are, so that calling it twice is harmless.
 *
 * @param registry default: prom-client's own
 */
export function register(registry: Registry<RegistryContentType> = client.register): void {
  for (const family of currentFamilies()) {
    if (registry.getSingleMetric(family.name) !== undefined) continue;
    registry.registerMetric(new CurrentMetric(family) as unknown as Metric);
  }
}
