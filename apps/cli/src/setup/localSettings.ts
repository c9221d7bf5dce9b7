import type { ResolvedConfig } from '@reindeer/config';

/**
 * What `dev` and `demo` tell the processes they start, through the environment: urls hold passwords, and a command line
 * is seen by everybody on the machine.
 */
export interface LocalSettings {
  /** For what the configuration gives no url. */
  readonly ledgerUrl: string | null;
  readonly queueUrl: string | null;
  readonly connectionUrls: Readonly<Record<string, string>>;
  /** Several processes share this machine: 0, any free port, for `/metrics` of each. */
  readonly telemetryPort: number;
  readonly dashboardPort: number;
}

const VARIABLE = 'REINDEER_LOCAL';

export function localEnvironment(settings: LocalSettings): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(settings) };
}

/** null: this process was not started by `dev` or `demo`. */
export function readLocalSettings(env: NodeJS.ProcessEnv): LocalSettings | null {
  const text = env[VARIABLE];
  return text === undefined ? null : (JSON.parse(text) as LocalSettings);
}

/** The configuration with what it leaves open filled in; what it says itself stays. */
export function withUrls(
  config: ResolvedConfig,
  urls: Pick<LocalSettings, 'ledgerUrl' | 'queueUrl' | 'connectionUrls'>,
): ResolvedConfig {
  return {
    ...config,
    ledger: { ...config.ledger, url: config.ledger.url ?? urls.ledgerUrl },
    queue: { ...config.queue, url: config.queue.url ?? urls.queueUrl },
    connections: Object.fromEntries(
      Object.entries(config.connections).map(([name, connection]) => [
        name,
        { ...connection, url: connection.url ?? urls.connectionUrls[name] ?? null },
      ]),
    ),
  };
}

export function withLocalSettings(config: ResolvedConfig, settings: LocalSettings): ResolvedConfig {
  return {
    ...withUrls(config, settings),
    telemetry: { host: '127.0.0.1', port: settings.telemetryPort },
    dashboard: { ...config.dashboard, port: settings.dashboardPort },
  };
}
