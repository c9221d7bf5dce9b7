import { execFile } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Account, serverAccount, startSupervised } from '../../apps/cli/src/embedded/index.ts';
import { commandOnPath } from './commandOnPath.ts';
import { findJdk } from './findJdk.ts';
import { reservedPort } from './reservedPort.ts';
import type { TestServer } from './testServer.ts';

const run = promisify(execFile);

export type OpenSearchMajor = 2 | 3;

export const OPEN_SEARCH = {
  2: { name: 'OpenSearch 2', version: '2.19.6', jdk: 11, variable: 'OPENSEARCH2_URL', home: 'OPENSEARCH2_HOME' },
  3: { name: 'OpenSearch 3', version: '3.6.0', jdk: 21, variable: 'OPENSEARCH_URL', home: 'OPENSEARCH_HOME' },
} as const;

const MEMORY = '-Xms512m -Xmx512m';

/**
 * One OpenSearch of this major version for the whole run: the environment's, else an installation's, Docker's, or the
 * core distribution from Maven Central, which Maven keeps. null: none to be had.
 */
export async function startOpenSearch(major: OpenSearchMajor, directory: string): Promise<TestServer | null> {
  const { variable, home, jdk } = OPEN_SEARCH[major];
  const given = process.env[`REINDEER_TEST_${variable}`] ?? process.env[variable];
  if (given) return { url: given.replace(/\/+$/, ''), origin: 'the environment', stop: async () => undefined };
  const installed = process.env[home];
  // A full installation brings a JDK of its own.
  if (installed) return await startInstallation(major, installed, await findJdk(jdk), directory);
  const docker = await startContainer(major);
  if (docker !== null) return docker;
  const java = await findJdk(jdk);
  const unpacked = java === null ? null : await unpackFromMaven(major, directory);
  return unpacked === null ? null : await startInstallation(major, unpacked, java, directory);
}

async function startContainer(major: OpenSearchMajor): Promise<TestServer | null> {
  if (commandOnPath('docker') === null) return null;
  const settings = ['discovery.type=single-node', 'DISABLE_SECURITY_PLUGIN=true', `OPENSEARCH_JAVA_OPTS=${MEMORY}`];
  const image = `opensearchproject/opensearch:${OPEN_SEARCH[major].version}`;
  const env = settings.flatMap((setting) => ['-e', setting]);
  try {
    const { stdout: id } = await run('docker', ['run', '-d', '--rm', '-p', '127.0.0.1::9200', ...env, image]);
    const { stdout: address } = await run('docker', ['port', id.trim(), '9200/tcp']);
    const stop = async () => void (await run('docker', ['kill', id.trim()]));
    const url = `http://127.0.0.1:${address.trim().split(':').at(-1)}`;
    await answers(url);
    return { url, origin: 'Docker', stop };
  } catch {
    return null;
  }
}

/** Into the run's own directory: the account that the server runs under may not see this one's home. */
async function unpackFromMaven(major: OpenSearchMajor, directory: string): Promise<string | null> {
  if (commandOnPath('mvn') === null) return null;
  const { version } = OPEN_SEARCH[major];
  const to = path.join(directory, `opensearch-${major}-home`);
  const unpack = [
    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack',
    `-Dartifact=org.opensearch.distribution.integ-test-zip:opensearch:${version}:zip`,
    `-DoutputDirectory=${to}`,
    // Away from every pom.xml; markers beside the files.
    `-DmarkersDirectory=${to}`,
  ];
  try {
    await run('mvn', ['-q', '-B', ...unpack], { cwd: directory });
    return path.join(to, `opensearch-${version}`);
  } catch {
    return null;
  }
}

async function startInstallation(
  major: OpenSearchMajor,
  home: string,
  jdk: string | null,
  directory: string,
): Promise<TestServer> {
  const account = serverAccount();
  const node = path.join(directory, `opensearch-${major}`);
  const port = await reservedPort();
  prepareNode(node, home, port, account);
  const program = path.join(home, 'bin', 'opensearch');
  const logFile = path.join(directory, `opensearch-${major}.log`);
  const server = await startSupervised({
    program,
    args: [],
    cwd: '/',
    account,
    logFile,
    env: {
      ...(jdk === null ? {} : { OPENSEARCH_JAVA_HOME: jdk }),
      OPENSEARCH_PATH_CONF: path.join(node, 'config'),
      OPENSEARCH_JAVA_OPTS: MEMORY,
    },
    endBy: 'KILL',
  });
  const url = `http://127.0.0.1:${port}`;
  const over = new AbortController();
  void server.exited.then((code) => {
    const said = readFileSync(logFile, 'utf8').slice(-2_000);
    over.abort(new Error(`${program} ended with ${code} before it answered:\n${said}`));
  });
  await answers(url, over.signal);
  return { url, origin: home, stop: server.stop };
}

function prepareNode(node: string, home: string, port: number, account: Account | null): void {
  const config = path.join(node, 'config');
  for (const part of ['data', 'logs']) mkdirSync(path.join(node, part), { recursive: true });
  cpSync(path.join(home, 'config'), config, { recursive: true });
  // Where its JVM would write into the installation, which is another account's.
  const options = path.join(config, 'jvm.options');
  const kept = readFileSync(options, 'utf8').split('\n');
  writeFileSync(options, kept.filter((line) => !/logs\/|HeapDumpPath/.test(line)).join('\n'));
  const settings = {
    'cluster.name': 'reindeer-test',
    'http.port': port,
    'transport.port': 0,
    'network.host': '127.0.0.1',
    'discovery.type': 'single-node',
    'path.data': path.join(node, 'data'),
    'path.logs': path.join(node, 'logs'),
    // A full disk of the machine is not what the tests are about.
    'cluster.routing.allocation.disk.threshold_enabled': false,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  writeFileSync(path.join(config, 'opensearch.yml'), `${lines.join('\n')}\n`);
  if (account === null) return;
  for (const entry of ['', ...readdirSync(node, { recursive: true, encoding: 'utf8' })])
    chownSync(path.join(node, entry), account.uid, account.gid);
}

/** Resolves when the cluster works; gives up after five minutes: a JVM starts slowly on a busy machine. */
async function answers(url: string, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const answer = await fetch(`${url}/_cluster/health`, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
    if (answer?.ok === true) return;
    signal?.throwIfAborted();
    if (Date.now() > deadline) throw new Error(`OpenSearch at ${url} did not answer in 5 minutes`);
    await delay(200);
  }
}
