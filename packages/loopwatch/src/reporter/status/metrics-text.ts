/** Metrics as text: Prometheus's format 0.0.4, and OpenMetrics 1.0.0. */
import type { Distribution, Family, Labels, Scalar } from '../../shared/metrics/metric-families.js';

export type Format = 'prometheus' | 'openmetrics';

/** The media type of each. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What a scraper wants, by its Accept header. */
export function formatFor(accept: string | undefined): Format {
  return /application\/openmetrics-text(?![^,]*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accept ?? '')
    ? 'openmetrics'
    : 'prometheus';
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function labelText(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => ESCAPED[char] as string);
}

/** Prometheus leaves quotes alone in a HELP, OpenMetrics may have them escaped or not. */
function helpText(value: string): string {
  return value.replace(/[\\\n]/g, (char) => ESCAPED[char] as string);
}

/** A value, or a bound. */
function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** OpenMetrics writes bounds with a fraction, which makes another series of them without. */
function boundText(value: number, format: Format): string {
  const text = numberText(value);
  return format === 'openmetrics' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${labelText(text)}"`);
  const shown = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${name}${shown} ${numberText(value)}`;
}

function distributionLines({ name, bounds, durations }: Distribution, format: Format): string[] {
  const { counts, sumSeconds } = durations;
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const bound = bounds[index] ?? Number.POSITIVE_INFINITY;
    return line(`${name}_bucket`, { le: boundText(bound, format) }, total);
  });
  return [...buckets, line(`${name}_sum`, {}, sumSeconds), line(`${name}_count`, {}, total)];
}

function scalarLines({ name, values }: Scalar): string[] {
  return values.map(({ labels, value }) => line(name, labels, value));
}

function familyLines(family: Family, format: Format): string[] {
  const { type, help } = family;
  const isOpen = format === 'openmetrics';
  // There, a counter is named without the ending that its values have.
  const name = isOpen && type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  return [
    `# HELP ${name} ${helpText(help)}`,
    `# TYPE ${name} ${type}`,
    ...(isOpen && name.endsWith('_seconds') ? [`# UNIT ${name} seconds`] : []),
    ...(family.type === 'histogram' ? distributionLines(family, format) : scalarLines(family)),
  ];
}

/** All of them as one text. */
export function metricsText(families: readonly Family[], format: Format): string {
  const lines = families.flatMap((family) => familyLines(family, format));
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}
