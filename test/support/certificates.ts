import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { commandOnPath } from './commandOnPath.ts';

const run = promisify(execFile);

export const canMakeCertificates = commandOnPath('openssl') !== null;

export interface Certificates {
  /** An authority that nobody trusts by default. */
  readonly ca: string;
  /** For 127.0.0.1 and localhost, as server and as client, with its key. */
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

/** Files in PEM, made by openssl for one test. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reindeer-tls-'));
  chmodSync(folder, 0o755);
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: readonly string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...newKey, '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  await openssl(
    ...['req', '-x509', ...newKey, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
    ...['-keyout', 'server.key', '-out', 'server.pem'],
  );
  return {
    ca: file('ca.pem'),
    cert: file('server.pem'),
    key: file('server.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
