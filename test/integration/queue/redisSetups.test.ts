import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTaskQueue, type TaskQueue } from '../../../packages/queue/src/index.ts';
import { type Certificates, canMakeCertificates, makeCertificates } from '../../support/certificates.ts';
import { canStartRedis, type PrivateRedis, startPrivateRedis } from '../../support/privateRedis.ts';
import { reservedPort } from '../../support/reservedPort.ts';
import { until } from '../../support/until.ts';
import { exerciseQueue } from './exerciseQueue.ts';

let redis: PrivateRedis;
const errors: Error[] = [];
const opened: TaskQueue[] = [];

async function open(url: string, prefix = 'reindeer'): Promise<TaskQueue> {
  const queue = await openTaskQueue({ url, prefix, onError: (error) => errors.push(error) });
  opened.push(queue);
  return queue;
}

async function ruleOfDocs(): Promise<string> {
  const page = await readFile(new URL('../../../docs/operate.md', import.meta.url), 'utf8');
  const rule = /^ACL SETUSER reindeer .*$/m.exec(page)?.[0] ?? '';
  expect(rule).toContain('>PASSWORD');
  return rule;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((queue) => queue.close()));
  await redis.stop();
  errors.length = 0;
});

describe.skipIf(!canStartRedis)('a Redis in cluster mode', () => {
  beforeEach(async () => {
    redis = await startPrivateRedis(['--cluster-enabled', 'yes']);
    await redis.command('CLUSTER ADDSLOTSRANGE 0 16383');
    await until('the cluster is complete', async () =>
      (await redis.lines('CLUSTER INFO')).includes('cluster_state:ok'),
    );
  });

  it('serves all that is asked of a queue, and loses everything as any other', async () => {
    await exerciseQueue(await open(redis.url, '{reindeer}'), () => redis.command('FLUSHALL'));
    expect(errors).toEqual([]);
  });

  it('is refused with a prefix that would scatter the keys, and told how to write it', async () => {
    await expect(open(redis.url, 'reindeer')).rejects.toMatchObject({
      code: 'queue-prefix',
      message: expect.stringContaining('Write it as {reindeer}.'),
    });
  });

  it('is followed when the slot is on another node, for a user with two commands more than elsewhere', async () => {
    const other = await startPrivateRedis(['--cluster-enabled', 'yes']);
    try {
      // The second node has the slot of {reindeer}, and the first is the one that the url names.
      const slot = Number((await redis.command('CLUSTER KEYSLOT {reindeer}')).slice(1));
      await redis.command(`CLUSTER DELSLOTSRANGE ${slot} ${slot}`);
      await other.command(`CLUSTER ADDSLOTSRANGE ${slot} ${slot}`);
      await redis.command(`CLUSTER MEET 127.0.0.1 ${other.port}`);
      await until('both nodes know all slots', async () => {
        const both = await Promise.all([redis.lines('CLUSTER INFO'), other.lines('CLUSTER INFO')]);
        return both.every((info) => info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384'));
      });
      const rule = await ruleOfDocs();
      const grant = `${rule.replace('~reindeer:*', '~{reindeer}:*')} +cluster|info +cluster|slots`;
      for (const node of [redis, other]) await node.command(grant);
      const queue = await open(`redis://reindeer:PASSWORD@127.0.0.1:${redis.port}`, '{reindeer}');
      await exerciseQueue(queue, () => other.command('FLUSHALL'));
      expect(errors).toEqual([]);
    } finally {
      await Promise.all(opened.splice(0).map((queue) => queue.close()));
      await other.stop();
    }
  });
});

describe.skipIf(!canStartRedis || !canMakeCertificates)('a Redis that speaks TLS', () => {
  let files: Certificates;
  let port: number;
  beforeEach(async () => {
    files = await makeCertificates();
    port = await reservedPort();
    const { ca, cert, key } = files;
    redis = await startPrivateRedis([
      ...['--tls-port', String(port), '--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-auth-clients', 'optional'],
    ]);
  });
  afterEach(() => files.remove());

  it('serves all that is asked of a queue to those who name its authority', async () => {
    const queue = await open(`rediss://localhost:${port}?ca=${files.ca}`);
    await exerciseQueue(queue, () => redis.command('FLUSHALL'));
    expect(errors).toEqual([]);
  });

  it('is trusted by a process whose Node was given its authority', async () => {
    const module = new URL('../../../packages/queue/src/index.ts', import.meta.url).href;
    const program = `const { openTaskQueue } = await import(${JSON.stringify(module)});
      const queue = await openTaskQueue({ url: 'rediss://localhost:${port}', prefix: 'p', onError: () => {} });
      await queue.ping();
      await queue.close();`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: files.ca };
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  });

  it('is not trusted by those who do not, and they are told what to do', async () => {
    await expect(open(`rediss://localhost:${port}`)).rejects.toThrow(
      /be opened: .*certificate.* Name the authority of its certificate as \?ca=\/path\.pem in queue\.url\./,
    );
  });

  it('asks for a certificate of the client where it is set to', async () => {
    await redis.command('CONFIG SET tls-auth-clients yes');
    await expect(open(`rediss://127.0.0.1:${port}?ca=${files.ca}`)).rejects.toThrow(/could not be opened/);
    const queue = await open(`rediss://127.0.0.1:${port}?ca=${files.ca}&cert=${files.cert}&key=${files.key}`);
    await queue.ping();
  });
});

describe.skipIf(!canStartRedis)('a Redis with users', () => {
  beforeEach(async () => {
    redis = await startPrivateRedis();
  });

  it('needs to grant what docs/operate.md says, and no more', async () => {
    const rule = await ruleOfDocs();
    await redis.command(rule.replace('PASSWORD', 'a-long-word'));
    await redis.command('CONFIG RESETSTAT');
    const url = `redis://reindeer:a-long-word@127.0.0.1:${redis.port}`;
    await exerciseQueue(await open(url), () => redis.command('FLUSHALL'));
    expect(errors).toEqual([]);
    expect(await redis.errors('NOPERM')).toBe(0);

    const as = (command: string) => redis.lines(`AUTH reindeer a-long-word\r\n${command}`);
    for (const command of [
      'SCRIPT FLUSH',
      'FUNCTION FLUSH',
      'SCAN 0',
      'KEYS *',
      'RANDOMKEY',
      'FLUSHALL',
      'FLUSHDB',
      'CONFIG GET *',
      'CLIENT KILL ID 1',
      'ACL LIST',
      'SHUTDOWN',
      'MONITOR',
      'SUBSCRIBE x',
      'GET other',
      'SWAPDB 0 1',
      'EVAL return(redis.call([[GET]],[[other]])) 0',
    ]) {
      // The answer to AUTH may come alone.
      await until(`${command} is refused`, async () =>
        /-NOPERM|-ERR.*can't access/.test((await as(command)).join(' ')),
      );
    }

    await expect(open(url, 'other')).resolves.toBeDefined();
    await expect(opened.at(-1)?.setEpoch('elsewhere')).rejects.toThrow(/NOPERM/);
  });

  it('refuses a wrong password, and that is what is said', async () => {
    await redis.command('ACL SETUSER reindeer on >right ~* +@all');
    await expect(open(`redis://reindeer:wrong@127.0.0.1:${redis.port}`)).rejects.toThrow(/WRONGPASS/);
  });
});
