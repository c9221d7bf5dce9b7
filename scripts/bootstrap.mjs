// Runs on the Node that the machine has, 20 or newer, before anything is installed: no dependencies here.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { differingPackages } from './differingPackages.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');

/**
 * Installs what is missing, and returns the Node to run the rest with: the pinned one.
 * Ends the process with a message when that cannot be had.
 * @returns {Promise<string>}
 */
export async function bootstrap() {
  if (Number(process.versions.node.split('.')[0]) < 20)
    fail(`Node 20 or newer is needed to start, and this is ${process.version}. See https://nodejs.org`);
  const differing = differingPackages(
    readLock('package-lock.json'),
    readLock('node_modules/.package-lock.json'),
    (at) => existsSync(path.join(root, at)),
  );
  if (differing.length > 0) await install();
  return pinnedNode();
}

function readLock(name) {
  try {
    return JSON.parse(readFileSync(path.join(root, name), 'utf8'));
  } catch {
    return null;
  }
}

async function install() {
  const started = Date.now();
  const line = () =>
    `Installing what is missing (about a minute, once)… ${Math.round((Date.now() - started) / 1000)} s`;
  const live = process.stderr.isTTY === true;
  process.stderr.write(live ? line() : `${line().replace(/… .*/, '…')}\n`);
  const timer = live ? setInterval(() => process.stderr.write(`\r${line()}`), 1_000) : null;
  const { code, output } = await npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']);
  if (timer !== null) clearInterval(timer);
  if (live) process.stderr.write('\n');
  if (code !== 0)
    fail(
      `${output.trim()}\n\nnpm could not install what Reindeer needs; its own message is above. Usual causes: no way to the ` +
        'npm registry (proxy? `npm config get registry`), no room on the disk, or a node_modules of another user.',
    );
}

/** npm as it was called, so that `npx npm@10 run demo` installs with npm 10. */
function npm(args) {
  const cli = process.env.npm_execpath;
  const [command, prefix] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  // What `npm run` puts into the environment describes the script, not this installation.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)),
  );
  return new Promise((resolve) => {
    const child = spawn(command, [...prefix, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    child.on('error', (error) => resolve({ code: 1, output: `npm could not be started: ${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function pinnedNode() {
  const wanted = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies.node;
  const pinned = path.join(modules, 'node', 'bin', 'node');
  const { stdout, error, stderr } = spawnSync(pinned, ['--version'], { encoding: 'utf8' });
  if (stdout?.trim() === `v${wanted}`) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    process.stderr.write(`Using this machine's Node ${process.version}: the pinned ${wanted} did not install.\n`);
    return process.execPath;
  }
  const cause = error?.code === 'ENOENT' ? 'its install script did not run' : (error?.message ?? stderr).trim();
  return fail(
    `Node ${wanted}, which Reindeer runs on, is not usable in node_modules (${cause}), and this machine's own is ${process.version}.\n` +
      'Where npm was told not to run install scripts (`npm config get ignore-scripts`), allow this one:\n' +
      '  npm rebuild node --ignore-scripts=false\n' +
      'or start Reindeer with Node 24 or newer (https://nodejs.org; on Alpine: apk add nodejs).',
  );
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
