/**
 * The alert rules and the dashboard of docs/ name metrics that there are, and can be loaded.
 *
 * @machine waiting
 * @run one-release
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Scope } from './harness/folder.js';
import { packageFolder, programPath } from './harness/places.js';
import { start } from './harness/run.js';
import { SERVING, statusOf } from './harness/status.js';

const docs = join(packageFolder, '../../docs');

function read(name: string): string {
  return readFileSync(join(docs, name), 'utf8');
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets: readonly { readonly expr: string }[];
}

interface Variable {
  readonly name: string;
  readonly query: string | { readonly query: string };
}

/** The metrics that an expression, or any other text, is about. */
function metricsIn(text: string): string[] {
  return text.match(/\b(?:loopwatch|nodejs)_\w+/g) ?? [];
}

/** The names of all values that a status server may render. */
async function rendered(scope: Scope): Promise<Set<string>> {
  const running = start(scope, [programPath('status.mjs')], { env: SERVING });
  const status = await statusOf(running);
  const { body } = await status.ask('/metrics');
  const names = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) => {
    return type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : name;
  });
  return new Set(names);
}

function assertRendered(texts: readonly string[], names: ReadonlySet<string>): void {
  for (const text of texts) {
    const used = metricsIn(text);
    assert.notEqual(used.length, 0, text);
    for (const name of used) assert.ok(names.has(name), `${name} in ${text}`);
  }
}

test('the alert rules are what Prometheus loads, about metrics that there are', async (t) => {
  const { groups } = parse(read('prometheus-alerts.yml')) as {
    groups: { name: string; rules: Rule[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length > 0);
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, expr, for: time, labels, annotations, ...unknown } of rules) {
    assert.match(alert, /^[A-Z]\w+$/);
    assert.match(expr, / [<>] [\d.]+$/);
    assert.match(time ?? '1m', /^\d+[smh]$/);
    assert.ok(labels.severity && annotations.summary, alert);
    assert.deepEqual(unknown, {}, alert);
  }
  assertRendered(
    rules.map(({ expr }) => expr),
    await rendered(t),
  );
});

test('the dashboard is what Grafana imports, about metrics that there are', async (t) => {
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
    id: null;
    title: string;
    schemaVersion: number;
    panels: Panel[];
    templating: { list: Variable[] };
  };
  assert.equal(dashboard.id, null, 'a new one, wherever it is imported');
  assert.ok(dashboard.title !== '' && dashboard.schemaVersion >= 36);
  const { panels, templating } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { title, gridPos, targets } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24 && targets.length > 0, title);
  }
  const names = await rendered(t);
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assertRendered(expressions, names);
  const known = new Set([...templating.list.map(({ name }) => name), '__range', '__rate_interval']);
  for (const expression of expressions) {
    for (const [, name = ''] of expression.matchAll(/\$(\w+)/g)) {
      assert.ok(known.has(name), `$${name} in ${expression}`);
    }
  }
  const queries = templating.list.flatMap(({ query }) => {
    return typeof query === 'string' ? [] : [query.query];
  });
  assertRendered(queries, names);
});

test('docs/metrics.md names every metric, and none that there is not', async (t) => {
  const names = await rendered(t);
  const plain = new Set([...names].map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
  const table = read('metrics.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const written = table.flatMap((line) => metricsIn(line.split('|')[1] ?? ''));
  assert.deepEqual(written.sort(), [...plain].sort());
});
