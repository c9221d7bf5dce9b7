import { describe, expect, it } from 'vitest';
import { redactText } from './redactText.ts';

describe('redactText', () => {
  it.each([
    ['a URL', 'connect postgres://app:hunter2@db:5432/shop failed'],
    ['a URL whose password holds @ and /', 'connect postgres://app:hunter2@a/b@db:5432/shop failed'],
    ['a URL without a user', 'redis://:hunter2@cache:6379'],
    ['JSON', JSON.stringify({ password: 'hunter2' })],
    ['JSON with an escaped quote', JSON.stringify({ password: 'x"hunter2' })],
    ['JSON inside JSON', JSON.stringify({ body: JSON.stringify({ apiKey: 'hunter2', a: 1 }) })],
    ['a list', JSON.stringify({ cookies: ['a=hunter2', 'b=hunter2'] })],
    ['a name within a name', JSON.stringify({ metricsToken: 'hunter2' })],
    ['a header', 'Authorization: Basic hunter2hunter2'],
    ['a bearer token', 'sent Bearer hunter2hunter2 to the sink'],
    ['raw headers', JSON.stringify(['Authorization', 'Basic hunter2'])],
    ['util.inspect', "{ user: 'app', password: 'hunter2' }"],
    ['YAML', '  password: hunter2\n  host: db'],
    ['a query string', 'GET /sign-in?token=hunter2&next=/ HTTP/1.1'],
    ['libpq', "host=db password='hunter2 x' user=app"],
    ['an environment variable', 'SHOP_DATABASE_PASSWORD=hunter2'],
  ])('hides the secret in %s', (_, text) => {
    expect(redactText(text)).not.toContain('hunter2');
    expect(redactText(text)).toContain('[redacted]');
  });

  it.each([
    [{ password: 'a"b\\', n: 1 }],
    [{ token: 12, n: [1] }],
    [{ tokens: null, n: {} }],
    [{ secrets: ['a', 'b'], after: true }],
    [{ url: 'postgres://a:b@c/d', msg: 'x "y" \\ z' }],
    [{ err: { message: JSON.stringify({ token: 'a\\"b' }) }, x: 1 }],
  ])('leaves a line of JSON readable: %j', (value) => {
    const line = JSON.parse(redactText(JSON.stringify(value)));
    expect(Object.keys(line)).toEqual(Object.keys(value));
  });

  it.each([
    'indexed 138398 documents in 5.1 s',
    'http://localhost:3000/queues answered 200',
    '{"index":"cities","run":12,"reason":"overlap","key":["t1","42"]}',
    'the lane passed the gate',
  ])('leaves what is no secret: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes linear time', () => {
    const text = `${'token'.repeat(40_000)}${'://'.repeat(10)}${'a'.repeat(200_000)}`;
    const begun = performance.now();
    redactText(text);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
