import { it } from 'vitest';
import { openTaskQueue } from '../../../packages/queue/src/index.ts';
import { startPrivateRedis } from '../../support/privateRedis.ts';
import { exerciseQueue } from './exerciseQueue.ts';
const all = ['+@hash','+@list','+@set','+@sortedset','+@string','+@stream','+@keyspace','+@transaction','+@scripting','+@connection','+info','+client|list'];
it.each(all)('without %s', async (without) => {
  const redis = await startPrivateRedis();
  const grants = all.filter((g) => g !== without);
  const line = `ACL SETUSER reindeer on >PASSWORD ~reindeer:* resetchannels -@all ${grants.slice(0, -2).join(' ')} -@dangerous -@admin ${grants.slice(-2).join(' ')}`;
  await redis.command(line);
  let r = 'fine';
  const errors: string[] = [];
  try {
    const q = await openTaskQueue({ url: `redis://reindeer:PASSWORD@127.0.0.1:${redis.port}`, prefix: 'reindeer', onError: (e) => errors.push(e.message) });
    try { await Promise.race([exerciseQueue(q, () => redis.command('FLUSHALL')), new Promise((_, j) => setTimeout(() => j(new Error('late')), 8000))]); } finally { await q.close(); }
  } catch (e) { r = String(e).slice(0, 120); }
  console.log('ACLTRY', without, r, '| NOPERM', await redis.errors('NOPERM'), errors[0]?.slice(0, 100));
  console.log('CMDS', (await redis.lines('INFO commandstats')).map((l) => l.split(':')[0]?.replace('cmdstat_', '')).join(' '));
  await redis.stop();
}, 60_000);
