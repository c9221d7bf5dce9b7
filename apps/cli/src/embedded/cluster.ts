import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '@reindeer/core';
import { giveTo, type Place } from './place.ts';

/** The superuser of an embedded server. */
export const EMBEDDED_USER = 'reindeer';

/**
 * Makes PostgreSQL's directory, unless it is there. Made under another name and renamed, so that an interrupted
 * start leaves nothing that looks complete.
 * @throws InputError `embedded-version` when it is there, but of another major version; `embedded-init`.
 */
export async function createCluster(
  native: string,
  label: string,
  place: Place,
  password: string,
  durable: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (existsSync(place.cluster)) return checkVersion(place, label);
  const building = mkdtempSync(path.join(place.home, 'new-'));
  try {
    const passwordFile = path.join(building, 'password');
    const directory = path.join(building, 'data');
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    for (const file of [building, directory, passwordFile]) giveTo(place.account, file);
    await initdb(native, place, directory, passwordFile, durable, signal);
    renameSync(directory, place.cluster);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

async function initdb(
  native: string,
  place: Place,
  directory: string,
  passwordFile: string,
  durable: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const child = spawn(
    path.join(native, 'bin', 'initdb'),
    [
      `--pgdata=${directory}`,
      `--username=${EMBEDDED_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own collation: the same order on every machine, and no index breaks with a new libc.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ],
    {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
      ...(place.account === null ? {} : { uid: place.account.uid, gid: place.account.gid }),
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw initFailure(place, output);
}

function initFailure(place: Place, output: string): InputError {
  const reason = output.match(/(?:FATAL|error|could not).*/i)?.[0] ?? output.trim().split('\n').at(-1) ?? '';
  const remedy = /No space left/i.test(output)
    ? `Free some room: a new server takes about 50 MB.`
    : /shared memory|semaphore/i.test(output)
      ? 'This system gives it too little shared memory: in a container, raise --shm-size.'
      : 'Look at the reason; the directory can be removed safely.';
  return new InputError('embedded-init', `No new PostgreSQL could be made in ${place.home}: ${reason}. ${remedy}`);
}

function checkVersion(place: Place, label: string): void {
  const found = readFileSync(path.join(place.cluster, 'PG_VERSION'), 'utf8').trim();
  const wanted = label.split('.')[0];
  if (found !== wanted)
    throw new InputError(
      'embedded-version',
      `${place.cluster} was made by PostgreSQL ${found}, and this is ${wanted}, which cannot read it. ` +
        'What it holds can be derived again: remove the directory, or go back to the former release of Reindeer.',
    );
}
