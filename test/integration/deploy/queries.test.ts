import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '@reindeer/runtime';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const deploy = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url)), 'utf8');

interface Known {
  readonly labels: ReadonlySet<string>;
  readonly histogram: boolean;
}

const known = new Map<string, Known>(
  createMetrics('test')
    .registry.getMetricsAsArray()
    .map((metric) => {
      const {
        name,
        labelNames = [],
        buckets,
      } = metric as unknown as {
        name: string;
        labelNames?: string[];
        buckets?: unknown;
      };
      return [name, { labels: new Set([...labelNames, 'app', 'instance', 'job']), histogram: buckets !== undefined }];
    }),
);

/** What Prometheus makes itself. */
const OWN = new Set(['up', 'ALERTS']);

/** The metrics of a PromQL expression with the labels that are asked of each. */
function selectors(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b([a-z_][a-z0-9_]*)(?:\{([^}]*)\})?(?=$|[^a-z0-9_(])/g)]
    .filter(([, name]) => /^(reindeer|process|nodejs)_|^up$/.test(name ?? ''))
    .map(([, name = '', matchers = '']) => ({
      name,
      labels: [...matchers.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }));
}

function problemsOf(expr: string): string[] {
  const found = selectors(expr);
  if (found.length === 0) return [`asks for no metric: ${expr}`];
  return found.flatMap(({ name, labels }) => {
    if (OWN.has(name)) return [];
    const metric = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ''));
    if (metric === undefined) return [`there is no ${name}`];
    if (!known.has(name) && !metric.histogram) return [`${name}: is no histogram`];
    return labels.filter((label) => !metric.labels.has(label)).map((label) => `${name} has no label ${label}`);
  });
}

test('the check itself finds what is not there', () => {
  expect(problemsOf('sum(reindeer_leader)')).toEqual([]);
  expect(problemsOf('rate(reindeer_batch_seconds_bucket{stage="read"}[5m])')).toEqual([]);
  expect(problemsOf('max(reindeer_lead) > 1')).toEqual(['there is no reindeer_lead']);
  expect(problemsOf('reindeer_leader{index="a"}')).toEqual(['reindeer_leader has no label index']);
  expect(problemsOf('reindeer_workers_bucket')).toEqual(['reindeer_workers_bucket: is no histogram']);
});

test('every query of the Grafana dashboard asks for metrics and labels that exist', () => {
  const { panels, templating } = JSON.parse(deploy('grafana/dashboards/reindeer.json')) as {
    panels: { title: string; datasource: { uid: string }; targets: { expr: string }[] }[];
    templating: { list: { definition: string }[] };
  };
  expect(panels.length).toBeGreaterThan(10);
  const exprs = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(exprs.flatMap(problemsOf)).toEqual([]);
  expect(templating.list.flatMap(({ definition }) => problemsOf(definition))).toEqual([]);
  const { datasources } = parse(deploy('grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: { uid: string }[];
  };
  expect(new Set(panels.map(({ datasource }) => datasource.uid))).toEqual(new Set([datasources[0]?.uid]));
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const { groups } = parse(deploy('prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

test.each(rules.map((rule) => [rule.alert, rule] as const))(
  '%s asks for what exists and says what to do',
  (_, rule) => {
    expect(problemsOf(rule.expr)).toEqual([]);
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe('');
    expect(rule.annotations.description.length).toBeGreaterThan(60);
  },
);

test('every alert is tried in alerts.test.yml', () => {
  const tried = deploy('prometheus/alerts.test.yml');
  expect(rules.filter(({ alert }) => tried.split(alert).length < 3).map(({ alert }) => alert)).toEqual([]);
});
