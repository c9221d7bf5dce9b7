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
  readonly transactions: number;
  readonly truncates: number;
  readonly bursts: boolean;
  readonly repeats: number;
  readonly holds: number;
  readonly hold: number;
  readonly rest: number;
  readonly processes: number;
  readonly lateness: number;
  readonly aimed: boolean;
  readonly acts: readonly Act[];
}

type Kind = Act['kind'];

interface Plan {
  readonly weight: number;
  readonly change?: Partial<Omit<RoundShape, 'acts' | 'name'>>;
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
    change: { truncates: 0.03 },
    within: 500,
  },
  // Texts that come back, and requests that are late: what was overtaken must not win (rules 3, 5).
  flipping: {
    weight: 3,
    acts: { refresh: [1, 4], 'take-over': [2, 5] },
    change: {
      keys: 8,
      writers: 3,
      transactions: 10,
      repeats: 0.95,
      rest: 120,
      lateness: 0.35,
      aimed: true,
      bursts: true,
    },
    within: 800,
  },
  // Refreshes that repair what the feed is just about to write: content and version must be of one time (rules 1, 3).
  repairing: {
    weight: 3,
    acts: { 'keep-refreshing': [1, 1], 'take-over': [0, 1] },
    change: { keys: 9, writers: 3, transactions: 12, rest: 160, processes: 3, bursts: true },
    within: 1_200,
  },
  // A refresh that is under way when the table is emptied, of what is live and of what soaks (rule 9).
  emptying: {
    weight: 2,
    acts: { refresh: [1, 3], 'take-over': [0, 2], rebuild: [0, 1], rollback: [0, 1] },
    change: { truncates: 0.25, transactions: 4 },
    within: 400,
  },
  // Promotions while the table changes, with long transactions (rule 10).
  promoting: {
    weight: 3,
    acts: { rebuild: [1, 1], rollback: [0, 2], 'take-over': [0, 1] },
    change: { transactions: 8, holds: 0.2, hold: 200, rest: 200 },
    within: 500,
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
    transactions: random.between(2, 5),
    truncates: 0,
    bursts: false,
    repeats: 0.4,
    holds: 0.08,
    hold: 250,
    rest: 150,
    processes: random.between(2, 3),
    lateness: random.pick([0.02, 0.1, 0.25]),
    aimed: false,
    ...plan.change,
    acts,
  };
}

/** The first round of a deployment: it builds what the others change. */
export const FIRST_ROUND: RoundShape = {
  name: 'first',
  keys: 6,
  writers: 0,
  transactions: 0,
  truncates: 0,
  bursts: false,
  repeats: 0,
  holds: 0,
  hold: 0,
  rest: 0,
  processes: 2,
  lateness: 0,
  aimed: false,
  acts: [{ kind: 'rebuild', after: 0, shard: 0 }],
};
