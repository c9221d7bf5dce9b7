import { createHash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const FIVE_MINUTES_S = 300;
const HOUR_S = 3_600;

/**
 * Failed sign-ins, counted in this process: 5 in 5 minutes for a name from one address, 30 for an address, and 100 an hour
 * for a name from anywhere. So guessing is slow, and yet a stranger cannot lock somebody else out from his own address.
 * Behind a load balancer with n dashboards a stranger has up to n times as many, and as many again after a restart: still
 * some thousands a day against a password of 8 characters and more, and a ledger that is away cannot keep people out.
 */
export class SignInAttempts {
  readonly #limits: readonly {
    readonly limiter: RateLimiterMemory;
    readonly key: (name: string, address: string) => string;
  }[];

  constructor() {
    this.#limits = [
      {
        limiter: new RateLimiterMemory({ points: 5, duration: FIVE_MINUTES_S }),
        key: (name, from) => `${from} ${short(name)}`,
      },
      { limiter: new RateLimiterMemory({ points: 30, duration: FIVE_MINUTES_S }), key: (_, from) => from },
      { limiter: new RateLimiterMemory({ points: 100, duration: HOUR_S }), key: (name) => short(name) },
    ];
  }

  /** Milliseconds until another attempt is looked at; 0: now. */
  async waitMs(name: string, address: string): Promise<number> {
    const states = await Promise.all(this.#limits.map(({ limiter, key }) => limiter.get(key(name, address))));
    return Math.max(
      0,
      ...states.map((state, at) =>
        state !== null && state.consumedPoints >= (this.#limits[at]?.limiter.points ?? 0) ? state.msBeforeNext : 0,
      ),
    );
  }

  async failed(name: string, address: string): Promise<void> {
    await Promise.all(this.#limits.map(({ limiter, key }) => limiter.penalty(key(name, address))));
  }

  /** Forgets the failures of this name from this address; what was counted for the address alone stays. */
  async succeeded(name: string, address: string): Promise<void> {
    const [first] = this.#limits;
    await first?.limiter.delete(first.key(name, address));
  }
}

/** Names come from strangers and may be long: what is kept of each is short. */
function short(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 22);
}
