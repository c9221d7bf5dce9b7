import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@reindeer/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printConfig } from '../printConfig.ts';
import { type LoadedConfig, loadConfig } from './loadConfig.ts';
import { isSecretName, maskUrl, Secrets } from './secrets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reindeer-secrets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A configuration in which the secret stands wherever one may be, and where one should not be. */
function holding(secret: string): Record<string, unknown> {
  return {
    ledger: { url: `postgres://u:${encodeURIComponent(secret)}@h/l?sslpassword=${encodeURIComponent(secret)}` },
    queue: { url: `rediss://:${encodeURIComponent(secret)}@h` },
    connections: { db: { kind: 'postgres', url: `postgres://u:${encodeURIComponent(secret)}@h/d` } },
    indexes: {
      cities: {
        source: { connection: 'db', query: `select * from dblink('password=x', '${secret}')`, key: ['id'] },
        sink: { connection: 'db', settings: { schema: 'public', api_key: secret } },
        revision: secret,
      },
    },
    dashboard: { users: [{ name: 'ops', password: secret, role: 'operator' }], metricsToken: secret },
  };
}

/** A place, and what is made of it: each is wrong in its own way, and each message would show what stands there. */
const MISTAKES: readonly (readonly [path: string, value: (secret: string) => unknown])[] = [
  ['ledger.url', (secret) => `http://u:${secret}@h`],
  ['ledger.url', (secret) => `postgres:/u:${secret}@h`],
  ['queue.url', (secret) => `redis://u:${secret}`],
  ['connections.db.url', (secret) => `postgres://u:${secret}@h:port/d`],
  ['connections.db', (secret) => `postgres://u:${secret}@h/d`],
  ['connections.db.kind', (secret) => secret],
  ['indexes.cities.source.connection', (secret) => secret],
  ['indexes.cities.source.table', (secret) => `${secret}.a.b`],
  ['indexes.cities.rebuild', (secret) => ({ every: secret, cron: secret, timezone: secret })],
  ['indexes.cities.transform', (secret) => `./${secret}.mjs`],
  ['worker', (secret) => ({ lease: secret, concurrency: secret, batch: { maxBytes: secret } })],
  ['dashboard.users.0.role', (secret) => secret],
  ['dashboard.users.0.pasword', (secret) => secret],
  ['dashboard.users', (secret) => [secret, secret]],
  ['dashboard.port', (secret) => `x${'y'.repeat(68)}${secret}`],
];

function withMistake(config: Record<string, unknown>, path: string, value: unknown): unknown {
  const parts = path.split('.');
  const last = parts.pop() as string;
  const parent = parts.reduce((node, part) => node[part] as Record<string, unknown>, config);
  parent[last] = value;
  return config;
}

const secrets = fc
  .string({ minLength: 10, maxLength: 40, unit: 'binary-ascii' })
  .filter((text) => !/[\s${}]/.test(text));

async function load(name: string, text: string, env: Record<string, string> = {}) {
  const path = join(folder, name);
  await writeFile(path, text);
  return loadConfig({ path, env });
}

/** What people see of it: the message, or, when it is right after all, the print. */
async function messageOf(loading: Promise<LoadedConfig>): Promise<string> {
  try {
    const { config, warnings } = await loading;
    return [printConfig(config), ...warnings].join('\n');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [error.message, error.stack, String(error.cause ?? '')].join('\n');
  }
}

describe('secrets', () => {
  it('are in no message, wherever the mistake is', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, fc.constantFrom(...MISTAKES), async (secret, [path, make]) => {
        const config = withMistake(holding(secret), path, make(secret));
        const message = await messageOf(load('wrong-place.json', JSON.stringify(config)));
        expect(message).not.toContain(secret);
        expect(message).not.toContain(JSON.stringify(secret).slice(1, -1));
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  it('are in no print', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, async (secret) => {
        const { config, warnings } = await load('right.json', JSON.stringify(holding(secret)));
        const printed = [printConfig(config), ...warnings].join('\n');
        expect(printed).not.toContain(JSON.stringify(secret).slice(1, -1));
        expect(printed).not.toContain(encodeURIComponent(secret));
      }),
      { numRuns: 40 },
    );
  }, 30_000);

  it.each([
    ['wrong.json', '{ "password": hunter2hunter2 }'],
    ['wrong.json', '{ "password": "hunter2hunter2\n" }'],
    ['wrong.yaml', 'password: "x" hunter2hunter2'],
    ['wrong.yaml', 'password: *hunter2hunter2'],
    ['wrong.yaml', '- a\npassword: hunter2hunter2: c'],
    ['wrong.yaml', 'password: !hunter2hunter2 x'],
    ['wrong.ts', "export default { password: 'a'hunter2hunter2 };"],
    ['wrong.mjs', "export default { password: 'a'hunter2hunter2 };"],
    ['throws.mjs', "throw new Error('no server takes hunter2hunter2');"],
    ['throws.mjs', "throw new Error('postgres://u:hunter2hunter2@h does not answer');"],
  ])('are not in the message about %s: %s', async (name, text) => {
    const message = await messageOf(load(name, text, { SHOP_PASSWORD: 'hunter2hunter2' }));
    expect(message).toContain('cannot be read');
    expect(message).not.toContain('hunter2');
  });

  it('leave other words alone', async () => {
    const url = 'postgres://postgres:postgres@h/d';
    const text = JSON.stringify({ ...holding('x'.repeat(9)), connections: { db: { kind: 'postgres', url } } });
    const { config } = await load('ordinary.json', text);
    const printed = JSON.parse(printConfig(config));
    expect(printed.connections.db).toEqual({ name: 'db', kind: 'postgres', url: 'postgres://postgres:***@h/d' });
  });
});

describe('maskUrl', () => {
  it.each([
    ['postgres://app:p@ss/w:rd@host:5432/db', 'postgres://app:***@host:5432/db'],
    ['postgres://app@host/db', 'postgres://app@host/db'],
    ['redis://token@host', 'redis://***@host'],
    ['redis://:pw@host:6379/0', 'redis://:***@host:6379/0'],
    ['postgres:///db?host=/run&password=pw&user=u', 'postgres:///db?host=/run&password=***&user=u'],
    ['app:pw@host/db', '***'],
    ['redis://host:6379', 'redis://host:6379'],
  ])('%s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });
});

describe('isSecretName', () => {
  it.each(['password', 'REINDEER_PASSWORD', 'metricsToken', 'api_key', 'apiKey', 'clientSecret', 'DB_PWD'])(
    '%s is one',
    (name) => {
      expect(isSecretName(name)).toBe(true);
    },
  );
  it.each(['key', 'PWD', 'tokenizer', 'name', 'url'])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('Secrets', () => {
  it('hides the beginning of one at the end of a text that was cut', () => {
    const secrets = new Secrets();
    secrets.add('correct horse');
    expect(secrets.hide('"the correct ho…"')).toBe('"the ***…"');
  });
});
