import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { expect, it } from 'vitest';
import { addressOf } from './Address.ts';

const url = () => `postgres://someone:secret@${randomUUID()}:5432/shop`;
const connection = () => ({}) as ClientBase;

it('keeps connections of one server, and drops those that were made before the address led elsewhere', () => {
  const address = addressOf(url());
  const [a, b, c] = [connection(), connection(), connection()];
  address.met(a, 'one');
  address.met(b, 'one');
  expect([a, b].map((one) => address.isCurrent(one))).toEqual([true, true]);
  address.met(c, 'two');
  expect([a, b, c].map((one) => address.isCurrent(one))).toEqual([false, false, true]);
});

it('drops all connections when it is told to, which is no move', () => {
  const address = addressOf(url());
  const [a, b] = [connection(), connection()];
  address.met(a, 'one');
  address.renew();
  address.met(b, 'one');
  expect([a, b].map((one) => address.isCurrent(one))).toEqual([false, true]);
  expect(address.moves).toBe(0);
});

it('tells of a server that was there for a moment', () => {
  const address = addressOf(url());
  address.met(connection(), 'one');
  const { moves } = address;
  address.met(connection(), 'two');
  address.met(connection(), 'one');
  expect(address.moves).toBe(moves + 2);
});

it('is one for all databases and roles of a host and port', () => {
  const of = (text: string) => addressOf(text);
  const one = of('postgres://a:b@db.example:5432/shop');
  expect(of('postgres://c:d@db.example:5432/other')).toBe(one);
  expect(of('postgres://a:b@db.example:5433/shop')).not.toBe(one);
  expect(of('postgres:///shop?host=/run/a')).not.toBe(of('postgres:///shop?host=/run/b'));
});
