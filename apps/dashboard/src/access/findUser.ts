import { createHash, timingSafeEqual } from 'node:crypto';
import type { UserDefinition } from '@reindeer/config';

/**
 * The user of this name and password; null when there is none. Every user is compared in full whatever was given, so
 * the time taken tells neither which names exist nor how much of a password was right.
 */
export function findUser(users: readonly UserDefinition[], name: string, password: string): UserDefinition | null {
  let found: UserDefinition | null = null;
  for (const user of users) {
    const sameName = timingSafeEqual(digest(user.name), digest(name));
    const samePassword = timingSafeEqual(digest(user.password), digest(password));
    if (sameName && samePassword && user.password !== '') found = user;
  }
  return found;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text.normalize('NFC')).digest();
}
