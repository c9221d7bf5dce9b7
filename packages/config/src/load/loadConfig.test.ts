import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { printConfig } from '../printConfig.ts';
import { parseTableName } from '../schema/tableName.ts';
import { loadConfig } from './loadConfig.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reindeer-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const body = (transform = '') => `{
  ledger: { url: '\${LEDGER}' }, queue: { url: '\${QUEUE:-}' },
  connections: { db: { kind: 'postgres', url: 'postgres://u:\${PW}@h/d' } },
  indexes: { cities: { source: { connection: 'db', table: '"Weird Schema"."Weird ""Name"""', key: ['id'] }, sink: { connection: 'db' }, ${transform} } },
}`;
const env = { LEDGER: 'postgres://h/l', PW: 'hidden-in-env' };

describe('loadConfig', () => {
  it('finds a file upwards, in each format, and fills in the environment', async () => {
    const deep = join(folder, 'a', 'b');
    await mkdir(deep, { recursive: true });
    const files: [string, string][] = [
      ['reindeer.config.js', `export default ${body()};`],
      ['reindeer.config.mjs', `export default ${body()};`],
      [
        'reindeer.config.yaml',
        'ledger: { url: "${LEDGER}" }\nconnections: { db: { kind: postgres, url: "postgres://u:${PW}@h/d" } }\nindexes: { cities: { source: { connection: db, table: city, key: [id] }, sink: { connection: db } } }\n',
      ],
    ];
    for (const [name, text] of files) {
      await writeFile(join(folder, name), text);
      const { config } = await loadConfig({ cwd: deep, env });
      expect(config.path).toBe(join(folder, name));
      expect(config.ledger.url).toBe('postgres://h/l');
      expect(config.queue.url).toBeNull();
      expect(config.connections.db?.url).toBe('postgres://u:hidden-in-env@h/d');
      await rm(join(folder, name));
    }
  });

  it('reads secrets from files, and names what is missing', async () => {
    await writeFile(join(folder, 'reindeer.config.mjs'), `export default ${body()};`);
    await writeFile(join(folder, 'secret'), 'from-a-file\n');
    const { config } = await loadConfig({
      cwd: folder,
      env: { LEDGER: 'postgres://h/l', PW_FILE: join(folder, 'secret') },
    });
    expect(config.connections.db?.url).toBe('postgres://u:from-a-file@h/d');
    await expect(loadConfig({ cwd: folder, env: { LEDGER: 'postgres://h/l' } })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('connections.db.url: ${PW} is not set: set PW, or PW_FILE'),
    });
  });

  it('sees a module again after it has changed, and its transform in the fingerprint', async () => {
    const path = join(folder, 'reindeer.config.mjs');
    await writeFile(path, `export default ${body('transform: (row) => row')};`);
    const before = (await loadConfig({ path, env })).config;
    await writeFile(path, `export default ${body('transform: (row) => ({ ...row, more: 1 })')};`);
    const after = (await loadConfig({ path, env })).config;
    expect(after.indexes.cities?.transform?.({})).toEqual({ more: 1 });
    expect(after.indexes.cities?.fingerprint).not.toBe(before.indexes.cities?.fingerprint);
    expect(before.indexes.cities?.source.table).toEqual({ schema: 'Weird Schema', name: 'Weird "Name"' });
  });

  it('loads a transform from a module, and says what is wrong with it', async () => {
    const path = join(folder, 'reindeer.config.mjs');
    await writeFile(path, `export default ${body("transform: './doc.mjs'")};`);
    await expect(loadConfig({ path, env })).rejects.toThrow(
      /indexes\.cities\.transform: ".\/doc\.mjs" .* cannot be loaded/,
    );
    await writeFile(join(folder, 'doc.mjs'), 'export default 3;');
    await expect(loadConfig({ path, env })).rejects.toThrow('a number, not a function');
    await writeFile(join(folder, 'doc2.mjs'), 'export default (row) => ({ id: row.id });');
    await writeFile(path, `export default ${body("transform: './doc2.mjs'")};`);
    const { config } = await loadConfig({ path, env });
    expect(config.indexes.cities?.transform?.({ id: 1, x: 2 })).toEqual({ id: 1 });
  });

  it.each([
    ['reindeer.config.mjs', 'export default {', /cannot be read: /],
    ['reindeer.config.mjs', 'export const a = 1;', /has no default export/],
    ['reindeer.config.json', '{,', /cannot be read: /],
  ])('says which file cannot be read: %s %j', async (name, text, message) => {
    await writeFile(join(folder, name), text);
    await expect(loadConfig({ cwd: folder, env })).rejects.toThrow(message);
  });

  it('says where it looked', async () => {
    await expect(loadConfig({ cwd: folder, env, path: 'no.ts' })).rejects.toThrow(
      '--config no.ts: there is no such file.',
    );
  });

  it('prints no secret, whatever it is', async () => {
    const path = join(folder, 'reindeer.config.mjs');
    await writeFile(path, `export default ${body()};`);
    const { config } = await loadConfig({ path, env });
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9%!*_.-]{9,30}$/), (secret) => {
        const printed = printConfig({
          ...config,
          ledger: { ...config.ledger, url: `postgres://u:${secret}@h/l?password=${secret}` },
          dashboard: {
            ...config.dashboard,
            metricsToken: secret,
            users: [{ name: 'a', password: secret, role: 'viewer' }],
          },
        });
        expect(printed).not.toContain(secret);
      }),
    );
  });
});

describe('parseTableName', () => {
  it('reads back what SQL would quote', () => {
    const part = fc.string({ minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(part, part, (schema, name) => {
        const quoted = [schema, name].map((one) => `"${one.replaceAll('"', '""')}"`).join('.');
        expect(parseTableName(quoted)).toEqual({ schema, name });
      }),
    );
  });

  it.each(['a.b.c', '', '.', 'a.', '"a', 'a"b.c'])('refuses %j', (text) => {
    expect(parseTableName(text)).toBeNull();
  });
});
