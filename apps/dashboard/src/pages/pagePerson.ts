import type { Person } from '@reindeer/ledger';
import type { Request } from 'express';
import { personOf } from '../access/signedIn.ts';

/** Who asks for a page; there is always somebody behind `requirePerson`. */
export function pagePerson(request: Request): Person {
  const found = personOf(request.headers);
  if (found === null) throw new Error('a page was asked for without a person; requirePerson must stand before it');
  return found;
}
