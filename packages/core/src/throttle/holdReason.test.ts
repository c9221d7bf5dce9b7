import { describe, expect, it } from 'vitest';
import { holdReason } from './holdReason.ts';

describe('holdReason', () => {
  it.each([
    ['paused', 'paused'],
    ['queue-paused', 'paused'],
    ['source-replaced', 'held'],
    ['disk', 'held'],
  ])('%s is %s', (reason, named) => {
    expect(holdReason({ reason })).toBe(named);
  });
});
