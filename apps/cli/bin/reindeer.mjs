#!/usr/bin/env node
// Plain JavaScript for any Node from 18 on: the program itself is TypeScript, which the pinned Node 24 runs as it is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PINNED_MAJOR = 24;
const main = new URL('../src/main.ts', import.meta.url);
const major = Number(process.versions.node.split('.')[0]);

if (major === PINNED_MAJOR) {
  await runHere();
} else {
  const pinned = findPinned();
  if (pinned !== null) runOn(pinned);
  else if (major > PINNED_MAJOR) await runHere();
  else {
    process.stderr.write(
      `reindeer: this is Node ${process.versions.node}, and Reindeer needs ${PINNED_MAJOR} or newer. ` +
        'The one it brings along (the npm package "node") is not installed or does not run here: ' +
        `run \`npm install\` in the project, or install Node ${PINNED_MAJOR}.\n`,
    );
    process.exitCode = 1;
  }
}

async function runHere() {
  // What was compiled once starts in half the time; where it cannot be kept, nothing is lost.
  module.enableCompileCache?.();
  await import(main.href);
}

function findPinned() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    const program = path.join(path.dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

/** Becomes that Node where this one can (same process id, same signals), else starts it and passes signals on. */
function runOn(program) {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  if (typeof process.execve === 'function' && process.channel === undefined) {
    try {
      process.execve(program, [program, ...args], process.env);
    } catch {
      // Not permitted on this platform: a child does as well.
    }
  }
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`reindeer: ${program} could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
