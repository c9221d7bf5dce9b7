import type { Alive } from '@reindeer/ledger';
import type { Colors } from '../terminal/terminal.ts';

export interface Liveness extends Alive {
  /** Somebody paused the queue of ticks in Bull Board. */
  readonly ticksPaused: boolean;
  /** The queue answers. */
  readonly queue: boolean;
  /** A scheduler has applied a newer configuration than the one that this command has. */
  readonly older: boolean;
}

/** Short and stable, for scripts. */
export type AlarmCode = 'no-scheduler' | 'no-worker' | 'ticks-paused' | 'queue-unavailable' | 'configuration-older';

/** What each means, and what to do: a command, or a sentence. */
export const ALARMS: Readonly<Record<AlarmCode, { readonly text: string; readonly remedy: string }>> = {
  'no-scheduler': {
    text: 'No scheduler is alive: no schedule starts anything, what died is not taken over',
    remedy: 'reindeer scheduler',
  },
  'no-worker': { text: 'No worker is alive: what is unfinished waits', remedy: 'reindeer worker' },
  'queue-unavailable': {
    text: 'The queue does not answer: nothing is delivered meanwhile, no work is lost',
    remedy: 'Look at the server of queue.url; it goes on by itself',
  },
  'configuration-older': {
    text: 'This configuration is older than the one that schedulers applied last: processes that have it start nothing',
    remedy: 'Deploy the newer one, or go back on purpose: reindeer scheduler --apply-config',
  },
  'ticks-paused': {
    text: 'The queue of ticks is paused in Bull Board: no schedule starts anything',
    remedy: 'reindeer resume --ticks',
  },
};

/** What keeps everything from going on, whatever the indexes say; empty when nothing does. */
export function alarmCodes({ workers, scheduler, ticksPaused, queue, older }: Liveness): AlarmCode[] {
  const codes: AlarmCode[] = [];
  if (!scheduler) codes.push('no-scheduler');
  if (workers === 0) codes.push('no-worker');
  if (!queue) codes.push('queue-unavailable');
  if (older) codes.push('configuration-older');
  if (ticksPaused) codes.push('ticks-paused');
  return codes;
}

/** The same for people: a line each, with its remedy. */
export function alarms(liveness: Liveness, colors: Colors): string[] {
  return alarmCodes(liveness).map((code) => {
    const { text, remedy } = ALARMS[code];
    return colors.red(`${text}${remedy.startsWith('reindeer') ? ':' : '.'} ${remedy}`);
  });
}
