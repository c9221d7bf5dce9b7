import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { commandOnPath } from './commandOnPath.ts';

const run = promisify(execFile);

/** Where systems keep their JDKs, each in a folder of its own. */
const PLACES = [
  '/usr/lib/jvm',
  '/usr/java',
  '/opt/java',
  '/opt/homebrew/opt',
  '/usr/local/opt',
  '/Library/Java/JavaVirtualMachines',
];

/** The home of the lowest Java that is at least this version, because older servers do not know the newest; null: none. */
export async function findJdk(atLeast: number): Promise<string | null> {
  const found = new Map<string, number>();
  for (const home of candidates()) {
    const version = await versionOf(path.join(home, 'bin', 'java'));
    if (version !== null && version >= atLeast) found.set(home, version);
  }
  return [...found].toSorted(([, one], [, other]) => one - other)[0]?.[0] ?? null;
}

function candidates(): readonly string[] {
  const homes = process.env.JAVA_HOME ? [process.env.JAVA_HOME] : [];
  for (const place of PLACES) {
    if (!existsSync(place)) continue;
    for (const name of readdirSync(place)) {
      const home = path.join(place, name);
      homes.push(home, path.join(home, 'Contents', 'Home'), path.join(home, 'libexec/openjdk.jdk/Contents/Home'));
    }
  }
  const onPath = commandOnPath('java');
  if (onPath !== null) homes.push(path.dirname(path.dirname(onPath)));
  return homes.filter((home) => existsSync(path.join(home, 'bin', 'java')));
}

async function versionOf(java: string): Promise<number | null> {
  try {
    const { stderr, stdout } = await run(java, ['-version']);
    const major = /version "(?:1\.)?(\d+)/.exec(stderr + stdout)?.[1];
    return major === undefined ? null : Number(major);
  } catch {
    return null;
  }
}
