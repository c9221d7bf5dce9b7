import { isSecretName, MASK, maskUrl, Secrets } from './load/secrets.ts';
import type { ResolvedConfig } from './resolved.ts';

/**
 * The resolved configuration for people, secrets masked: what `check --print` shows. Passwords and tokens by their keys,
 * wherever they are; in other texts urls and what is a secret elsewhere in the same configuration.
 */
export function printConfig(config: ResolvedConfig): string {
  const secrets = new Secrets();
  secrets.learn(config);
  return JSON.stringify(config, (key, value: unknown) => mask(key, value, secrets), 2);
}

function mask(key: string, value: unknown, secrets: Secrets): unknown {
  if (isSecretName(key) && typeof value === 'string' && value !== '') return MASK;
  if (typeof value === 'function') return secrets.hide(value.toString().split('\n', 1)[0] ?? '');
  if (typeof value !== 'string') return value;
  return secrets.hide(/:\/\/[\s\S]*@|[?&][\w-]*=/.test(value) ? maskUrl(value) : value);
}
