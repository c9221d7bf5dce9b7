import type { Habit } from './habits.ts';
import type { Random } from './Random.ts';

/** Something that a person or a schedule does in a round, some steps after its beginning. */
export interface Act {
  readonly kind: 'rebuild' | 'refresh' | 'keep-refreshing' | 'rollback' | 'deploy' | 'prune' | 'take-over' | 'restart';
  readonly after: number;
  /** Of a refresh. */
  readonly shard: number;
}

export interface RoundShape {
  readonly name: string;
  readonly keys: number;
  readonly writers: number;
  readonly habit: Habit;
  /** How often labels change that are a part of many documents; null: documents are made of rows alone. */
  readonly labels: number | null;
  /** How often a transaction is held open, and for how many steps of others at most. */
  readonly holds: number;
  readonly hold: number;
  readonly rollbacks: number;
  readonly processes: number;
  /** How often a write arrives late, where its sender's writes do. */
  readonly lateness: number;
  /** Whoever has a write under way that will be late loses its lease as a rule: what overtakes it is what is looked for. */
  readonly aimed: boolean;
  /** How often a write fails, taken by the sink or not: at one generation, mostly, and not at the others. */
  readonly faults: number;
  /** How often the queue delivers a task late. */
  readonly lateTasks: number;
  readonly acts: readonly Act[];
}

type Kind = Act['kind'];

interface Plan {
  readonly weight: number;
  readonly habit?: Partial<Habit>;
  readonly change?: Partial<Omit<RoundShape, 'acts' | 'name' | 'habit'>>;
  /** How many of each at most, beside the least there is of it. */
  readonly acts: Partial<Record<Kind, readonly [least: number, most: number]>>;
  /** Within how many steps they begin. */
  readonly within: number;
}

/** Kinds of rounds, each aimed at schedules that some rule is there for. */
const PLANS: Readonly<Record<string, Plan>> = {
  everything: {
    weight: 3,
    acts: { rebuild: [1, 1], refresh: [0, 2], 'take-over': [0, 3], prune: [0, 1], rollback: [0, 1], restart: [0, 1] },
    habit: { truncates: 0.03 },
    change: { faults: 0.03 },
    within: 500,
  },
  // Texts that come back at once, and requests that are late: what was overtaken must not win (rule 5).
  flipping: {
    weight: 3,
    acts: { refresh: [0, 2], 'take-over': [0, 2] },
    habit: { name: 'flips', times: 2, rest: 60 },
    change: { keys: 27, writers: 3, holds: 0, rollbacks: 0, lateness: 0.35, aimed: true },
    within: 800,
  },
  // Refreshes that repair what the feed is just about to write: content and version must be of one time (rules 1, 3).
  repairing: {
    weight: 3,
    acts: { 'keep-refreshing': [1, 1], 'take-over': [0, 2] },
    habit: { name: 'bursts', times: 12, repeats: 0.6 },
    change: { keys: 9, writers: 3, processes: 3, lateness: 0.35, aimed: true },
    within: 1_200,
  },
  // A table that is emptied and filled again, while refreshes of what is live and of what soaks remove what was in it:
  // what comes back must win (rules 1, 3), and what a refresh did not see is still owed (rule 9).
  refilling: {
    weight: 3,
    acts: { refresh: [0, 2], rebuild: [0, 1], rollback: [0, 1] },
    habit: { name: 'refills', times: 2, rest: 500 },
    change: { keys: 24, writers: 1, holds: 0, rollbacks: 0, lateTasks: 0.4 },
    within: 1_000,
  },
  // A refresh that is under way when the table is emptied, of what is live and of what soaks (rule 9).
  emptying: {
    weight: 2,
    acts: { refresh: [1, 3], 'take-over': [0, 2], rebuild: [0, 1], rollback: [0, 1] },
    habit: { truncates: 0.25, times: 4 },
    within: 400,
  },
  // Promotions while the table changes, with long transactions (rule 10).
  promoting: {
    weight: 3,
    acts: { rebuild: [1, 1], rollback: [0, 2], 'take-over': [0, 1] },
    habit: { times: 8, rest: 200 },
    change: { holds: 0.2, hold: 200 },
    within: 500,
  },
  // Documents made of two tables: a label is changed while rows come to it and leave it (rule 4).
  labelling: {
    weight: 3,
    acts: { rebuild: [0, 1], refresh: [0, 1], 'take-over': [0, 2], rollback: [0, 1] },
    habit: { times: 6, rest: 80, repeats: 0.1 },
    change: { labels: 12, holds: 0.2, hold: 120 },
    within: 600,
  },
  // A sink that fails at one generation or another: the feed goes on for the rest (rule 5), which soak and are built too.
  faltering: {
    weight: 2,
    acts: { rebuild: [1, 1], refresh: [0, 1], rollback: [0, 2], 'take-over': [0, 2] },
    habit: { times: 8, truncates: 0.02, rest: 80 },
    change: { faults: 0.15 },
    within: 600,
  },
  // A new definition, while processes of the one before are still there (rule 12).
  deploying: {
    weight: 2,
    acts: { deploy: [1, 1], rebuild: [1, 2], refresh: [0, 2], 'take-over': [0, 2], rollback: [0, 1] },
    within: 400,
  },
};

/** What happens in a round: all of it follows from its seed. `only`: a kind of rounds. */
export function roundShape(random: Random, only?: string): RoundShape {
  const [name, plan] = random.pick(
    Object.entries(PLANS)
      .filter(([kind]) => only === undefined || kind === only)
      .flatMap((entry) => Array.from({ length: entry[1].weight }, () => entry)),
  );
  const acts = Object.entries(plan.acts).flatMap(([kind, [least, most]]) =>
    Array.from({ length: random.between(least, most) }, () => ({
      kind: kind as Kind,
      after: random.between(0, plan.within),
      shard: random.between(0, 2),
    })),
  );
  return {
    name,
    keys: random.between(3, 8),
    writers: random.between(2, 3),
    habit: { name: 'mixed', times: random.between(2, 5), rest: 150, truncates: 0, repeats: 0.4, ...plan.habit },
    labels: random.chance(0.3) ? random.between(1, 4) : null,
    holds: 0.08,
    hold: 250,
    rollbacks: 0.12,
    processes: random.between(2, 3),
    lateness: random.pick([0.02, 0.1, 0.25]),
    aimed: false,
    faults: 0,
    lateTasks: 0.15,
    ...plan.change,
    acts,
  };
}

/** The first round of a deployment: it builds what the others change. */
export const FIRST_ROUND: RoundShape = {
  name: 'first',
  keys: 6,
  writers: 0,
  habit: { name: 'mixed', times: 0, rest: 0, truncates: 0, repeats: 0 },
  labels: null,
  holds: 0,
  hold: 0,
  rollbacks: 0,
  processes: 2,
  lateness: 0,
  aimed: false,
  faults: 0,
  lateTasks: 0,
  acts: [{ kind: 'rebuild', after: 0, shard: 0 }],
};
