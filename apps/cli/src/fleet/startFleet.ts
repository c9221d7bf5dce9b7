import { setTimeout as wait } from 'node:timers/promises';
import { EXIT } from '../exit/exitCode.ts';
import { FailedError } from '../exit/FailedError.ts';
import { HEALTHY_MS, restartDelayMs } from './restartDelayMs.ts';
import { type Member, startMember } from './startMember.ts';

export interface FleetOptions {
  readonly configPath: string;
  readonly workers: number;
  readonly env: Readonly<Record<string, string>>;
  readonly json: boolean;
  /** A line of output of a member. */
  readonly onLine: (member: string, line: string) => void;
  /** How long members may take to stop, in milliseconds, before they are killed. */
  readonly drainTimeoutMs: number;
}

export interface Fleet {
  readonly members: readonly string[];
  /** Resolves when every member has worked once: what each has told, by its name. */
  readonly ready: Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
  /** Rejects when going on makes no sense: a member says that the configuration is wrong. Never resolves. */
  readonly failed: Promise<never>;
  /** Drains all of them, and kills what does not end in time. Repeatable. */
  stop(): Promise<void>;
  /** Ends all of them at once. */
  kill(): void;
}

/**
 * Scheduler, workers and dashboard as processes of their own. One that ends by itself is started again, later each
 * time, until the fleet is stopped.
 */
export function startFleet(options: FleetOptions): Fleet {
  const stopping = new AbortController();
  const members = new Map<string, Member>();
  const details = new Map<string, Readonly<Record<string, string>>>();
  const ready = Promise.withResolvers<ReadonlyMap<string, Readonly<Record<string, string>>>>();
  const failed = Promise.withResolvers<never>();
  // Whoever does not wait for them must not be ended by them.
  ready.promise.catch(() => {});
  failed.promise.catch(() => {});

  const roster: [name: string, verb: 'scheduler' | 'worker' | 'dashboard'][] = [
    ['scheduler', 'scheduler'],
    ...Array.from({ length: options.workers }, (_, at): [string, 'worker'] => [`worker-${at + 1}`, 'worker']),
    ['dashboard', 'dashboard'],
  ];

  const keepUp = async (name: string, verb: 'scheduler' | 'worker' | 'dashboard'): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const startedAt = performance.now();
      const member = startMember({
        verb,
        configPath: options.configPath,
        env: options.env,
        json: options.json,
        onLine: (line) => options.onLine(name, line),
        onReady: (told) => {
          details.set(name, told);
          if (details.size === roster.length) ready.resolve(details);
        },
      });
      members.set(name, member);
      const exitCode = await member.exited;
      members.delete(name);
      if (stopping.signal.aborted) return;
      if (exitCode === EXIT.usage) {
        const error = new FailedError(`${name} says that the configuration is wrong; its last lines say what.`);
        failed.reject(error);
        ready.reject(error);
        return;
      }
      failures = performance.now() - startedAt > HEALTHY_MS ? 1 : failures + 1;
      const delayMs = restartDelayMs(failures);
      options.onLine(name, `ended by itself (exit code ${exitCode}); started again in ${delayMs / 1_000} s`);
      await wait(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const lives = roster.map(([name, verb]) => keepUp(name, verb));

  let stopped: Promise<void> | null = null;
  const signalAll = (signal: NodeJS.Signals) => {
    for (const member of members.values()) member.signal(signal);
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    ready.reject(new FailedError('The fleet was stopped before all of it worked.'));
    signalAll('SIGTERM');
    const enough = new AbortController();
    const late = wait(options.drainTimeoutMs, true, { signal: enough.signal }).catch(() => false);
    if (await Promise.race([Promise.all(lives).then(() => false), late])) signalAll('SIGKILL');
    enough.abort();
    await Promise.all(lives);
  };
  return {
    members: roster.map(([name]) => name),
    ready: ready.promise,
    failed: failed.promise,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
    kill: () => {
      stopping.abort();
      signalAll('SIGKILL');
    },
  };
}
