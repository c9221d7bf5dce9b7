import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Account, serverAccount } from './account.ts';

/** Where one embedded server keeps its things, and who runs it. */
export interface Place {
  readonly home: string;
  /** PostgreSQL's own directory. */
  readonly cluster: string;
  readonly logFile: string;
  readonly secretsFile: string;
  readonly account: Account | null;
}

/** What has to be known to connect. */
export interface Secrets {
  readonly password: string;
  /** The port of the last start, taken again when it is free. */
  readonly port: number;
}

/**
 * The place that belongs to `dataDir`. Root's server runs under another account, which must be able to reach it:
 * where a directory above is private (a 0700 home), the place is under `/var/lib/reindeer`, named for `dataDir`.
 */
export function placeOf(dataDir: string): Place {
  const wanted = path.resolve(dataDir);
  const root = process.getuid?.() === 0;
  const home = root && !canEnter(path.dirname(wanted)) ? path.join('/var/lib/reindeer', nameOf(wanted)) : wanted;
  const cluster = path.join(home, 'data');
  const ownerUid = existsSync(cluster) ? statSync(cluster).uid : null;
  return {
    home,
    cluster,
    logFile: path.join(home, 'postgres.log'),
    secretsFile: path.join(home, 'secrets.json'),
    account: serverAccount(ownerUid),
  };
}

export function createPlace(place: Place): void {
  mkdirSync(place.home, { recursive: true });
  // The account walks through; only the owner looks around.
  chmodSync(place.home, place.account === null ? 0o700 : 0o711);
}

/** Gives a file or directory to the account the server runs as. */
export function giveTo(account: Account | null, file: string): void {
  if (account !== null) chownSync(file, account.uid, account.gid);
}

export function readSecrets(place: Place): Secrets | null {
  try {
    return JSON.parse(readFileSync(place.secretsFile, 'utf8')) as Secrets;
  } catch {
    return null;
  }
}

export function writeSecrets(place: Place, secrets: Secrets): void {
  writeFileSync(place.secretsFile, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
}

/** May everybody pass through this directory and all above it? Those that do not exist yet will be made so. */
function canEnter(directory: string): boolean {
  const open = !existsSync(directory) || (statSync(directory).mode & 0o001) !== 0;
  const parent = path.dirname(directory);
  return open && (parent === directory || canEnter(parent));
}

function nameOf(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 16);
}
