import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** What a running server writes into its directory. */
export interface ServerLock {
  readonly pid: number;
  readonly port: number;
}

/** The server that runs on this directory; null when none does. A lock whose owner is gone is removed. */
export function readLock(cluster: string): ServerLock | null {
  const file = path.join(cluster, 'postmaster.pid');
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (Number.isInteger(pid) && pid > 0 && isPostgres(pid)) return { pid, port };
  // In a container process ids start over, and PostgreSQL would take whoever has this one now for a running server.
  rmSync(file, { force: true });
  return null;
}

function isPostgres(pid: number): boolean {
  try {
    const name =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/comm`, 'utf8')
        : execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' });
    return path.basename(name.trim()) === 'postgres';
  } catch {
    return false;
  }
}
