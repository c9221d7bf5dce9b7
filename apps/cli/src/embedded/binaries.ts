import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InputError } from '@reindeer/core';
import type { Account } from './account.ts';
import type { PlatformPackage } from './platform.ts';

/**
 * The directory whose `bin/postgres` can be run by `account`.
 *
 * An ordinary user runs the package in place. Root cannot: the clone may lie under a home that the unprivileged
 * account may not enter, so root runs a copy that it owns itself (about 55 MB, made once per version).
 * @throws InputError `embedded-binaries` when no place for a copy can hold programs.
 */
export function runnableBinaries(source: PlatformPackage, account: Account | null): string {
  if (account === null && isComplete(source.native)) return source.native;
  const owner = process.getuid?.() ?? -1;
  const name = `reindeer-postgres-${source.label}${account === null ? `-${owner}` : ''}`;
  const problems: string[] = [];
  for (const parent of new Set(['/var/tmp', os.tmpdir(), '/var/lib'])) {
    try {
      const copy = copyOnce(source, path.join(parent, name), owner);
      runs(copy, account);
      return copy;
    } catch (cause) {
      problems.push(`${parent}: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}`);
    }
  }
  throw new InputError(
    'embedded-binaries',
    `The embedded PostgreSQL needs a directory with 60 MB of room that programs may be started from, and found none.\n  ${problems.join('\n  ')}`,
  );
}

/** npm leaves out the package's install script, which makes these links, unless it is told to allow it. */
function isComplete(native: string): boolean {
  const executable = constants.S_IXUSR;
  return (
    links(native).every(({ at }) => existsSync(at)) &&
    ['postgres', 'initdb'].every((program) => (lstatSync(path.join(native, 'bin', program)).mode & executable) !== 0)
  );
}

function links(native: string): { at: string; to: string }[] {
  const listed = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  return listed.map(({ source, target }) => ({
    at: path.join(native, '..', target),
    to: path.relative(path.dirname(target), source),
  }));
}

function copyOnce(source: PlatformPackage, target: string, owner: number): string {
  if (existsSync(target)) {
    // Anyone may create a name under /var/tmp; only what this user made itself is run.
    const found = lstatSync(target);
    if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o022) !== 0)
      throw new Error(`${target} belongs to someone else`);
    return target;
  }
  const building = mkdtempSync(`${target}.`);
  try {
    cpSync(source.native, building, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !file.endsWith('.a') && !file.endsWith('/pkgconfig'),
    });
    for (const { at, to } of links(source.native)) {
      const copied = path.join(building, path.relative(source.native, at));
      if (!existsSync(copied)) symlinkSync(to, copied);
    }
    makeReadable(building);
    renameSync(building, target);
  } catch (cause) {
    rmSync(building, { recursive: true, force: true });
    // Another process was quicker: its copy is as good, once it has passed the look above.
    if (isAlreadyThere(cause)) return copyOnce(source, target, owner);
    throw cause;
  }
  return target;
}

function makeReadable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) makeReadable(file);
    else if (entry.isFile()) chmodSync(file, path.basename(directory) === 'bin' ? 0o755 : 0o644);
  }
}

function isAlreadyThere(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}

/** A directory mounted without the right to run programs shows itself only when one is run. */
function runs(native: string, account: Account | null): void {
  execFileSync(path.join(native, 'bin', 'postgres'), ['--version'], {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
}
