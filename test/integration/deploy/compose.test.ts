import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@reindeer/config';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const repository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const text = readFileSync(repository('docker-compose.yml'), 'utf8');

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly mem_limit?: string;
  readonly container_name?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly stop_grace_period?: string;
  readonly healthcheck?: unknown;
}

const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const config = (env: NodeJS.ProcessEnv) => loadConfig({ path: repository('deploy/reindeer.config.ts'), env });

test('only official images are named', () => {
  const images = Object.values(services).map(({ image }) => image.replace(/:[\w.-]+$/, ''));
  expect([...new Set(images)].filter((image) => !image.startsWith('${REINDEER_IMAGE')).sort()).toEqual(
    ['grafana/grafana', 'opensearchproject/opensearch', 'postgres', 'prom/prometheus', 'redis'].sort(),
  );
  const bases = [...readFileSync(repository('Dockerfile'), 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases)).toEqual(new Set(['node:24-bookworm-slim']));
});

test('ports are published on 127.0.0.1 alone, by the dashboard and, where it is asked for, Grafana', () => {
  const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
  expect(published.map(([name]) => name).sort()).toEqual(['dashboard', 'grafana']);
  for (const [, { ports = [] }] of published) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(services.grafana?.profiles).toEqual(['observability']);
});

test('everything has a limit of memory, and nothing a name that would keep it from being scaled', () => {
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.mem_limit]).toEqual([name, expect.stringMatching(/^\d+[mg]$/)]);
    expect([name, service.container_name]).toEqual([name, undefined]);
  }
});

test('nothing has a capability that it does not need, or can get one', () => {
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.cap_drop, service.privileged]).toEqual([name, ['ALL'], undefined]);
    expect([name, service.security_opt]).toEqual([name, ['no-new-privileges:true']]);
  }
});

test('no file that may hold a token of a registry gets into the image', () => {
  const stages = readFileSync(repository('Dockerfile'), 'utf8').split(/^FROM /m);
  expect(stages.find((stage) => stage.includes('npm ci'))).toContain('rm .npmrc');
  expect(stages.at(-1)).not.toMatch(/npmrc|COPY \. |manifests/);
});

test('no password that stands in this file opens a port that is published', () => {
  expect(services.grafana?.environment).toMatchObject({ GRAFANA_PASSWORD: null });
  expect(text).not.toMatch(/PASSWORD:-admin/);
});

test('a worker is given longer than its drain takes', async () => {
  const { worker } = (await config({})).config;
  expect(Number.parseInt(services.worker?.stop_grace_period ?? '', 10) * 1_000).toBeGreaterThan(
    worker.drainTimeoutMs + 5_000,
  );
});

test('.env.example names every variable that can be set, and no other', () => {
  const used = [...text.matchAll(/\$\{([A-Z_]+)[:}]|^ {4,6}((?:REINDEER|GRAFANA)_[A-Z_]+):$/gm)].map(
    ([, a, b]) => a ?? b,
  );
  const named = [...readFileSync(repository('.env.example'), 'utf8').matchAll(/^#?([A-Z_]+)=/gm)].map(
    ([, name]) => name,
  );
  expect([...new Set(used)].filter((name) => name !== 'COMPOSE_PROJECT_NAME').sort()).toEqual([...named].sort());
});

test('the configuration is right without any variable', async () => {
  const bare = (await config({})).config;
  expect(bare.dashboard.users).toEqual([]);
  expect(bare.dashboard.metricsToken).toBeNull();
  expect(bare.ledger.url).toContain('@postgres:5432/');
  expect(bare.connections.search?.kind).toBe('opensearch');
});
