import { describe, expect, it } from 'vitest';
import { redisFindings } from './health.ts';

const codes = (info: string) => redisFindings(info).map((finding) => finding.code);

describe('redisFindings', () => {
  it('finds nothing wrong with a Redis that keeps its keys', () => {
    expect(codes('# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n')).toEqual([]);
    expect(codes('redis_version:6.2.0\nmaxmemory_policy:noeviction')).toEqual([]);
  });

  it('finds eviction and old servers', () => {
    expect(codes('redis_version:6.0.20\r\nmaxmemory_policy:allkeys-lru\r\n')).toEqual([
      'redis-eviction',
      'redis-version',
    ]);
    expect(codes('redis_version:5.0.3')).toEqual(['redis-version']);
  });

  it('advises an append-only file, which a server with replicas may do without', () => {
    expect(redisFindings('aof_enabled:0')).toMatchObject([{ code: 'redis-append-only', severity: 'advice' }]);
    expect(codes('aof_enabled:1')).toEqual([]);
  });

  it('does not take the version that others pretend to have', () => {
    expect(codes('redis_version:6.0.0\nvalkey_version:8.1.0')).toEqual([]);
  });
});
