import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type FreshDatabase, failedTests, freshDatabase, freshPrefix, redisUrl } from './servers.ts';
import { until } from './until.ts';

export type Backend = 'redis' | 'postgres';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the deployment that goes on running. */
export interface Running {
  readonly process: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** SIGKILL: a death, not a stop. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}

/** A deployment as a user has it: a configuration file, servers, and the `reindeer` command. */
export interface Deployment {
  readonly directory: string;
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly prefix: string;
  readonly db: pg.Client;
  configure(indexes: string, extra?: string): Promise<void>;
  reindeer(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>;
  start(app: 'scheduler' | 'worker' | 'dashboard', env?: Readonly<Record<string, string>>): Promise<Running>;
  close(): Promise<void>;
}

/** How much of what processes said is printed where a test failed: of the last of them, the ends. */
const SAID = 12;
const SAID_BYTES = 6_000;

/** Failed tests of this file for which that was printed. */
let told = 0;

const ROOT = new URL('../../', import.meta.url).pathname;
const COMMAND = join(ROOT, 'apps/cli/bin/reindeer.mjs');

/**
 * A new deployment on its own database. `configure` takes the text of the `indexes` object of the configuration;
 * the connection `db` is source and sink. `queue`: a queue server of the test's own; `given`: a database of its own.
 */
export async function deploy(
  name: string,
  backend: Backend,
  queue?: string,
  given?: Pick<FreshDatabase, 'url' | 'drop'>,
): Promise<Deployment> {
  const database = given ?? (await freshDatabase(name));
  const prefix = freshPrefix(name);
  const directory = await mkdtemp(join(tmpdir(), `reindeer-${name}-`));
  const db = new pg.Client({ connectionString: database.url });
  // Where the server dies the test asks by connections of its own.
  db.on('error', () => {});
  await db.connect();
  const queueUrl = queue ?? (backend === 'redis' ? redisUrl() : database.url);
  const running = new Set<Running>();
  /** What the processes said, by their names; for whoever reads why a test failed. */
  const said: (() => string)[] = [];
  const env = (more: Readonly<Record<string, string>> = {}) => ({
    ...process.env,
    NO_COLOR: '1',
    ...more,
  });
  const args = (more: readonly string[]) => [COMMAND, ...more, '--config', join(directory, 'reindeer.config.mjs')];

  return {
    directory,
    databaseUrl: database.url,
    queueUrl,
    prefix,
    db,
    async configure(indexes, extra = '') {
      const text = `export default {
        ledger: { url: ${JSON.stringify(database.url)} },
        queue: { url: ${JSON.stringify(queueUrl)}, prefix: ${JSON.stringify(prefix)} },
        connections: { db: { kind: 'postgres', url: ${JSON.stringify(database.url)} } },
        indexes: ${indexes},
        scheduler: { sweep: '500ms' },
        telemetry: { port: 0 },
        dashboard: { port: 0, users: [{ name: 'ops', password: 'a long enough password', role: 'operator' }] },
        ${extra}
      };\n`;
      await writeFile(join(directory, 'reindeer.config.mjs'), text);
    },
    async reindeer(more, extra) {
      const child = spawn(process.execPath, args(more), {
        cwd: directory,
        env: env(extra),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const out = collect(child);
      const [code] = (await once(child, 'close')) as [number | null];
      said.push(() => `reindeer ${more.join(' ')} ended with ${code}:\n${(out.stdout() + out.stderr()).slice(-1_000)}`);
      return { code: code ?? -1, stdout: out.stdout(), stderr: out.stderr() };
    },
    async start(app, extra) {
      const child = spawn(process.execPath, args([app]), {
        cwd: directory,
        env: env(extra),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const out = collect(child);
      const exited = once(child, 'exit');
      const one: Running = {
        process: child,
        output: () => out.stdout() + out.stderr(),
        async kill() {
          if (child.exitCode === null) child.kill('SIGKILL');
          await exited;
          running.delete(one);
        },
        async stop() {
          if (child.exitCode === null) child.kill('SIGTERM');
          const [code] = (await exited) as [number | null];
          running.delete(one);
          return code;
        },
      };
      running.add(one);
      said.push(
        () =>
          `${app} ${child.pid}, ${child.exitCode ?? child.signalCode ?? 'running'}:\n${one.output().slice(-SAID_BYTES)}`,
      );
      await until(`${app} started`, async () => {
        if (child.exitCode !== null) throw new Error(`${app} ended: ${one.output()}`);
        return one.output().includes(app === 'dashboard' ? 'dashboard: serving' : `${app} started`);
      }).catch((error: unknown) => {
        throw new Error(`${app} did not start:\n${one.output()}`, { cause: error });
      });
      return one;
    },
    async close() {
      const failed = failedTests();
      if (failed.length > told) {
        told = failed.length;
        console.error(
          `Said before ${failed.at(-1)} failed:\n${said
            .slice(-SAID)
            .map((one) => one())
            .join('\n---\n')}`,
        );
      }
      await Promise.all([...running].map((one) => one.stop()));
      await db.end();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function collect(child: ChildProcess): { stdout(): string; stderr(): string } {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { stdout: () => stdout, stderr: () => stderr };
}

/** The last line of a command's output, as JSON. */
export function lastJson<T = Record<string, unknown>>(result: CommandResult): T {
  const line = result.stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    throw new Error(`Not JSON: ${line}\n--- stderr (exit ${result.code})\n${result.stderr}`, { cause: error });
  }
}
