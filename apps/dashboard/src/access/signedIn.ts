import type { IncomingHttpHeaders } from 'node:http';
import type { Person } from '@reindeer/ledger';

// Bull Board gives its hooks the request's headers and nothing else of it, so people are known by that object.
const people = new WeakMap<IncomingHttpHeaders, Person>();

export function setPerson(headers: IncomingHttpHeaders, person: Person): void {
  people.set(headers, person);
}

/** Who sends the request; null when nobody is signed in. */
export function personOf(headers: IncomingHttpHeaders): Person | null {
  return people.get(headers) ?? null;
}
