import { hostname, userInfo } from 'node:os';

/** Who the ledger says it was: the account and host of whoever typed the command. */
export function actor(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user may have no name.
    return `uid ${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
