import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttleProgress } from './progress.ts';

describe('throttleProgress', () => {
  const sent: number[] = [];
  const failures: unknown[] = [];
  const send = async (value: number) => {
    sent.push(value);
  };
  beforeEach(() => {
    vi.useFakeTimers();
    sent.length = 0;
    failures.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const start = (signal = new AbortController().signal) => throttleProgress(send, signal, (e) => failures.push(e));

  it('sends the first at once, then the newest of each second, and the last at the end', async () => {
    const progress = start();
    for (let n = 0; n < 10; n += 1) progress.update(n);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([0, 9]);
    progress.update(10);
    progress.update(11);
    await progress.end();
    expect(sent).toEqual([0, 9, 11]);
    progress.update(12);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([0, 9, 11]);
  });

  it('sends at once again after a quiet second', async () => {
    const progress = start();
    progress.update(1);
    await vi.advanceTimersByTimeAsync(5_000);
    progress.update(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([1, 2]);
    await progress.end();
  });

  it('sends nothing once the job is lost', async () => {
    const lost = new AbortController();
    const progress = start(lost.signal);
    progress.update(1);
    progress.update(2);
    await vi.advanceTimersByTimeAsync(0);
    lost.abort();
    await vi.advanceTimersByTimeAsync(5_000);
    await progress.end();
    expect(sent).toEqual([1]);
  });

  it('gives failures to the listener and goes on', async () => {
    const failing = throttleProgress(
      () => Promise.reject(new Error('gone')),
      new AbortController().signal,
      (e) => failures.push(e),
    );
    failing.update(1);
    failing.update(2);
    await failing.end();
    expect(failures).toHaveLength(2);
  });
});
