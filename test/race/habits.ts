import type { Random } from './Random.ts';

/** A text for which there is no document: the transform leaves its row out. */
export const LEFT_OUT = 'F';

export type Change =
  | { readonly kind: 'set'; readonly key: string; readonly text: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'label'; readonly shelf: string; readonly text: string | null }
  | { readonly kind: 'move'; readonly key: string; readonly to: string; readonly text: string }
  | { readonly kind: 'truncate' };

/** What an application does at once, so many steps after what it did before. */
export interface Transaction {
  readonly after: number;
  readonly changes: readonly Change[];
}

export interface Habit {
  readonly name: 'mixed' | 'bursts' | 'flips' | 'refills';
  /** Rounds of it: transactions, flips of each key, or TRUNCATEs. */
  readonly times: number;
  /** Between two transactions, in steps at most. */
  readonly rest: number;
  /** How often a change is a TRUNCATE. */
  readonly truncates: number;
  /** How often a text is one that was there before, so that what changed twice looks unchanged. */
  readonly repeats: number;
}

/** The keys that a writer changes; of those of its own it knows what they are, for nobody else changes them. */
export interface Keys {
  readonly all: readonly string[];
  readonly own: readonly string[];
  readonly text: (own: string) => string | null;
}

/** How applications change a table: each habit is there for a rule that its schedules break when it is turned round. */
export function transactionsOf(habit: Habit, keys: Keys, random: Random): Iterable<Transaction> {
  switch (habit.name) {
    case 'mixed':
      return mixed(habit, random, () => keys.all);
    case 'bursts':
      return mixed(habit, random, (done) => {
        const at = Math.floor((done * keys.all.length) / habit.times);
        return keys.all.slice(at, at + 2);
      });
    case 'flips':
      return flips(habit, keys, random);
    case 'refills':
      return refills(habit, keys, random);
  }
}

/** Anything. In bursts keys are changed one after another, and then no more: nothing heals what was lost. */
function* mixed(
  habit: Habit,
  random: Random,
  keysAfter: (done: number) => readonly string[],
): Generator<Transaction, void, undefined> {
  for (let done = 0; done < habit.times; done += 1) {
    const keys = keysAfter(done);
    const changes = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => anyChange(habit, keys, random));
    yield { after: random.between(0, habit.rest), changes };
  }
}

function anyChange({ truncates, repeats }: Habit, keys: readonly string[], random: Random): Change {
  if (random.chance(truncates)) return { kind: 'truncate' };
  const key = random.pick(keys);
  const text = random.chance(repeats)
    ? random.pick(['A', 'B'])
    : random.chance(0.12)
      ? LEFT_OUT
      : `v${random.between(0, 1e6)}`;
  const kind = random.next();
  if (kind < 0.2) return { kind: 'delete', key };
  if (kind < 0.35) return { kind: 'move', key, to: random.pick(keys), text };
  return { kind: 'set', key, text };
}

/**
 * Some keys become others, are soon again what they were, and then nothing more: whoever takes them for unchanged lets the
 * text between win if that is late (rule 5).
 */
function* flips({ times, rest }: Habit, { own, text }: Keys, random: Random): Generator<Transaction, void, undefined> {
  for (let left = times; left > 0; left -= 1) {
    for (let at = 0; at < own.length; at += 3) {
      const keys = own.slice(at, at + random.between(1, 3));
      const before = keys.map(text);
      yield { after: random.between(0, rest), changes: keys.map((key) => set(key, random)) };
      yield {
        after: random.between(5, 150),
        changes: keys.map((key, place) => {
          const was = before[place] ?? null;
          return was === null ? { kind: 'delete', key } : { kind: 'set', key, text: was };
        }),
      };
    }
  }
}

/** Labels of shelves change, come and go: some together with a row that comes to them, in one transaction. */
export function* labelling(
  times: number,
  rest: number,
  keys: readonly string[],
  random: Random,
): Generator<Transaction, void, undefined> {
  for (let left = times; left > 0; left -= 1) {
    const text = random.chance(0.15) ? null : random.pick(['one', 'two', `l${random.between(0, 1e6)}`]);
    const change: Change = { kind: 'label', shelf: String(random.between(0, 1)), text };
    const others = random.chance(0.3) ? [set(random.pick(keys), random)] : [];
    yield { after: random.between(0, rest), changes: random.chance(0.5) ? [change, ...others] : [...others, change] };
  }
}

function set(key: string, random: Random): Change {
  return { kind: 'set', key, text: `v${random.between(0, 1e6)}` };
}

/**
 * A full table is emptied, and its keys come back one after another while what was in it is being removed from the index
 * (rules 1, 3, 9). In the end it is full or empty.
 */
function* refills({ times, rest }: Habit, { all }: Keys, random: Random): Generator<Transaction, void, undefined> {
  yield { after: 0, changes: all.map((key) => set(key, random)) };
  for (let left = times; left > 0; left -= 1) {
    yield { after: random.between(0, rest), changes: [{ kind: 'truncate' }] };
    if (left === 1 && random.chance(0.5)) return;
    const step = random.pick([5, 40, 100]);
    for (const key of all) yield { after: random.between(0, step), changes: [set(key, random)] };
  }
}
