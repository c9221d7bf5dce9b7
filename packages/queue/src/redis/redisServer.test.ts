import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { redisServer } from './redisServer.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'reindeer-pem-'));
const ca = path.join(folder, 'ca.pem');
writeFileSync(ca, 'pem');
afterAll(() => rmSync(folder, { recursive: true }));

describe('redisServer', () => {
  it('leaves a plain url as it is', () => {
    expect(redisServer('redis://127.0.0.1:6380/2')).toEqual({
      url: 'redis://127.0.0.1:6380/2',
      host: '127.0.0.1',
      port: 6380,
    });
  });

  it('takes user and password apart, as they were before they were escaped', () => {
    expect(redisServer('redis://ann:a%2Fb%40c@redis')).toMatchObject({
      username: 'ann',
      password: 'a/b@c',
      port: 6379,
    });
  });

  it('reads the files, asks for the name, and keeps both out of the url', () => {
    expect(redisServer(`rediss://redis.example:6380?ca=${ca}&family=6`)).toEqual({
      url: 'rediss://redis.example:6380?family=6',
      host: 'redis.example',
      port: 6380,
      tls: { ca: Buffer.from('pem'), servername: 'redis.example' },
    });
    expect(redisServer('rediss://[::1]:6380').tls).toEqual({});
  });

  it('refuses files that are not there, and files for what is not encrypted', () => {
    expect(() => redisServer('rediss://redis?ca=/nowhere/ca.pem')).toThrow('?ca=/nowhere/ca.pem, which cannot be read');
    expect(() => redisServer(`redis://redis?ca=${ca}`)).toThrow('write rediss://');
  });
});
