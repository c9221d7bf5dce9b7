import type { ClientBase } from 'pg';

/**
 * What the connections of this process have found at an address. A failover may move it while older connections are still
 * open to whoever was there before, alive and with other rows: the newest connection knows best, and what was read by others
 * is not to be mixed with what is read by it (rule 16).
 */
export class Address {
  #moves = 0;
  /** Connections of an earlier one are not used any more. */
  #era = 0;
  #server: string | null = null;
  readonly #eraOf = new WeakMap<ClientBase, number>();

  /** How often it was found to lead to another server than before. */
  get moves(): number {
    return this.#moves;
  }

  /** A new connection has found this server. */
  met(client: ClientBase, server: string): void {
    if (this.#server !== null && this.#server !== server) {
      this.#moves += 1;
      this.#era += 1;
    }
    this.#server = server;
    this.#eraOf.set(client, this.#era);
  }

  /** Whether the address has led nowhere else since this connection was made. */
  isCurrent(client: ClientBase): boolean {
    return (this.#eraOf.get(client) ?? this.#era) === this.#era;
  }

  /** No connection that is open is used any more: those that are made instead find where the address leads now. */
  renew(): void {
    this.#era += 1;
  }
}

const addresses = new Map<string, Address>();
/** The same by the url: every statement asks. */
const byUrl = new Map<string | undefined, Address>();

/** All pools of a process share what they know of an address, whatever role and database they are for. */
export function addressOf(url: string | undefined): Address {
  const known = byUrl.get(url);
  if (known !== undefined) return known;
  const place = placeOf(url ?? '');
  const address = addresses.get(place) ?? new Address();
  addresses.set(place, address);
  byUrl.set(url, address);
  return address;
}

function placeOf(url: string): string {
  try {
    const { host, searchParams } = new URL(url);
    return `${host} ${searchParams.get('host') ?? ''} ${searchParams.get('port') ?? ''}`;
  } catch {
    // Of a form that the driver alone understands.
    return url;
  }
}
