import { expect, it } from 'vitest';
import { SignInAttempts } from './SignInAttempts.ts';

it('makes a name wait after five failures from one address, and nobody else', async () => {
  const attempts = new SignInAttempts();
  for (let i = 0; i < 5; i++) {
    expect(await attempts.waitMs('ops', '10.0.0.1')).toBe(0);
    await attempts.failed('ops', '10.0.0.1');
  }
  expect(await attempts.waitMs('ops', '10.0.0.1')).toBeGreaterThan(200_000);
  expect(await attempts.waitMs('ops', '10.0.0.2')).toBe(0);
  expect(await attempts.waitMs('eve', '10.0.0.1')).toBe(0);
});

it('makes an address wait that tries many names', async () => {
  const attempts = new SignInAttempts();
  for (let i = 0; i < 30; i++) await attempts.failed(`name ${i}`, '10.0.0.1');
  expect(await attempts.waitMs('another', '10.0.0.1')).toBeGreaterThan(0);
  expect(await attempts.waitMs('another', '10.0.0.2')).toBe(0);
});

it('makes a name wait that is tried from many addresses', async () => {
  const attempts = new SignInAttempts();
  for (let i = 0; i < 100; i++) await attempts.failed('ops', `10.0.0.${i}`);
  expect(await attempts.waitMs('ops', '10.9.9.9')).toBeGreaterThan(0);
});

it('forgets the failures before a success', async () => {
  const attempts = new SignInAttempts();
  for (let i = 0; i < 4; i++) await attempts.failed('ops', '10.0.0.1');
  await attempts.succeeded('ops', '10.0.0.1');
  await attempts.failed('ops', '10.0.0.1');
  expect(await attempts.waitMs('ops', '10.0.0.1')).toBe(0);
});
