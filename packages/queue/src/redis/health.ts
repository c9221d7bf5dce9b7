import type { QueueFinding } from '../queue.ts';

/** Reads what endangers a queue out of the text of Redis's INFO. */
export function redisFindings(info: string): readonly QueueFinding[] {
  const fields = new Map(
    info.split(/\r?\n/).map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1)]),
  );
  const findings: QueueFinding[] = [];

  const policy = fields.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    const message = `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), and with them jobs and schedules. Set maxmemory-policy noeviction.`;
    findings.push({ code: 'redis-eviction', severity: 'danger', message });
  }

  if (fields.get('aof_enabled') === '0') {
    const message =
      'Redis writes no append-only file: when it dies, the schedules and what waits are lost until the next sweep makes them again. Set appendonly yes, unless replicas take its place.';
    findings.push({ code: 'redis-append-only', severity: 'advice', message });
  }

  // Valkey and Dragonfly report an old redis_version for old clients.
  const version = fields.get('redis_version') ?? '';
  const other = fields.has('valkey_version') || fields.has('dragonfly_version');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!other && version !== '' && (major < 6 || (major === 6 && minor < 2))) {
    const message = `Redis ${version} is older than 6.2, the oldest that BullMQ recommends. Upgrade Redis.`;
    findings.push({ code: 'redis-version', severity: 'danger', message });
  }
  return findings;
}
