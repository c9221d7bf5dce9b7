import type { ResolvedConfig } from './resolved.ts';

const SECRET_KEYS = new Set(['password', 'metricsToken']);
const URL_WITH_CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/)([^@/]*)@/i;
const SECRET_PARAMETER = /([?&](?:password|sslpassword|token|secret)=)[^&#]*/gi;

/** The resolved configuration for people, secrets masked: what `check --print` shows. */
export function printConfig(config: ResolvedConfig): string {
  return JSON.stringify(config, mask, 2);
}

function mask(key: string, value: unknown): unknown {
  if (typeof value === 'function') return value.toString().split('\n', 1)[0];
  if (typeof value !== 'string') return value;
  if (SECRET_KEYS.has(key)) return '***';
  return value
    .replace(
      URL_WITH_CREDENTIALS,
      (_, scheme: string, who: string) => `${scheme}${who.includes(':') ? `${who.split(':')[0]}:***` : who}@`,
    )
    .replace(SECRET_PARAMETER, '$1***');
}
