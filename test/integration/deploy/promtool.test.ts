import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandOnPath } from '../../support/commandOnPath.ts';

const promtool = commandOnPath('promtool');
if (promtool === null) {
  const told = 'There is no promtool on PATH (Debian: apt-get install prometheus): the alert rules are NOT tested.';
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(told);
  console.warn(`!! SKIPPED: ${told}`);
}

function run(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(promtool ?? 'promtool', args, {
    cwd: fileURLToPath(new URL('../../../deploy/prometheus', import.meta.url)),
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe.skipIf(promtool === null)('promtool', () => {
  it.each([
    ['accepts the configuration', ['check', 'config', '--syntax-only', 'prometheus.yml']],
    ['accepts the alert rules', ['check', 'rules', 'alerts.yml']],
    ['sees each alert fire when it should, and only then', ['test', 'rules', 'alerts.test.yml']],
  ])('%s', (_, args) => {
    const { status, output } = run(...args);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
