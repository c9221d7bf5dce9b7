import { expect, it } from 'vitest';
import { findUser } from './findUser.ts';

const users = [
  { name: 'ops', password: 'schlüssel', role: 'operator' as const },
  { name: 'eve', password: '', role: 'viewer' as const },
];

it('finds a user by name and password', () => {
  expect(findUser(users, 'ops', 'schlüssel')?.role).toBe('operator');
  // A keyboard may send the same letters composed otherwise.
  expect(findUser(users, 'ops', 'schlüssel'.normalize('NFD'))?.role).toBe('operator');
});

it.each([
  ['ops', 'wrong'],
  ['ops', ''],
  ['Ops', 'schlüssel'],
  ['', ''],
  ['eve', ''],
  ['nobody', 'schlüssel'],
])('finds nobody for %j, %j', (name, password) => {
  expect(findUser(users, name, password)).toBeNull();
});
