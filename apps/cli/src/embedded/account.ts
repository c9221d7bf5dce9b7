import { execFileSync } from 'node:child_process';
import { InputError } from '@reindeer/core';

/** The user that a server runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** `postgres` is there where PostgreSQL was installed; `nobody` is everywhere. */
const CANDIDATES = ['postgres', '_postgres', 'nobody', 'daemon'] as const;

/**
 * The unprivileged account to run a server under, because PostgreSQL refuses to run as root.
 * null: this process is no root, so it runs as it is.
 * @param ownerUid who owns the data that is there already, and so goes on owning it; null for new data.
 * @throws InputError `embedded-account` when root has nobody to run it as.
 */
export function serverAccount(ownerUid: number | null = null): Account | null {
  if (process.getuid?.() !== 0) return null;
  const candidates = ownerUid === null || ownerUid === 0 ? CANDIDATES : [String(ownerUid), ...CANDIDATES];
  for (const candidate of candidates) {
    const account = lookUp(candidate);
    if (account !== null) return account;
  }
  throw new InputError(
    'embedded-account',
    `PostgreSQL does not run as root, and this system has none of the users ${CANDIDATES.join(', ')} to run it as. ` +
      'Start Reindeer as an ordinary user, or add one: useradd --system postgres',
  );
}

function lookUp(user: string): Account | null {
  try {
    const id = (...flags: string[]) =>
      execFileSync('id', [...flags, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const uid = Number(id('-u'));
    const gid = Number(id('-g'));
    // macOS gives `nobody` the uid -2, which cannot be passed on to a process.
    return uid > 0 && uid < 2 ** 31 && gid >= 0 && gid < 2 ** 31 ? { name: id('-un'), uid, gid } : null;
  } catch {
    return null;
  }
}
