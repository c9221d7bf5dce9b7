import type { ResolvedConfig } from '@reindeer/config';
import { InputError } from '@reindeer/core';
import { FailedError } from '../exit/FailedError.ts';
import { wholeNumber } from '../setup/runNumber.ts';
import type { Verb, VerbContext, VerbOptions } from '../verb.ts';

/** Shorter than what Docker and Kubernetes grant by default to what is long running; a process in order answers in a few ms. */
const LIMIT_MS = 4_000;
const APPS = ['scheduler', 'worker', 'dashboard'] as const;

type AppName = (typeof APPS)[number];

/** For a container's HEALTHCHECK: the image then needs no curl. Exits with 0 or 1, since Docker reserves 2. */
export const healthVerb: Verb = {
  usage: 'health',
  summary: 'asks an app on this machine whether it is healthy; for containers',
  more: 'Exits with 0 when the app answers that it is, else with 1. Asks the port of the configuration.',
  options: [
    ['--app <name>', 'scheduler, worker or dashboard; default: worker, which has the same port as a scheduler'],
    ['--ready', 'asks /readyz: whether all that the app needs is there, too'],
    ['--port <port>', 'asks this port of 127.0.0.1 without reading the configuration'],
  ],
  examples: ['reindeer health', 'reindeer health --app dashboard --ready', 'reindeer health --port 9464'],
  async action(context, _args, options) {
    const { terminal } = context;
    const route = options.ready === true ? 'readyz' : 'healthz';
    const url = `${await addressOf(context, options)}/${route}`;
    const answer = await ask(url);
    terminal.data({ url, ...answer });
    if (answer.status !== 200) throw new FailedError(`${url} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
    terminal.line(`${url} answers 200`);
    return undefined;
  },
};

async function addressOf(context: VerbContext, options: VerbOptions): Promise<string> {
  const app = appNamed(options.app ?? 'worker');
  if (options.port !== undefined) return `http://127.0.0.1:${wholeNumber('--port', String(options.port), 1, 65_535)}`;
  const { host, port } = listeningOf(app, await configOf(context));
  if (port === 0) {
    throw new FailedError(`The configuration lets the ${app} take any free port: give the one it took as --port.`);
  }
  const every = host === '0.0.0.0' || host === '::';
  return `http://${every ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

function appNamed(text: string | boolean): AppName {
  const app = APPS.find((one) => one === text);
  if (app !== undefined) return app;
  throw new InputError('option-value', `--app ${JSON.stringify(text)}: give ${APPS.join(', ')}.`);
}

async function configOf(context: VerbContext): Promise<ResolvedConfig> {
  try {
    return await context.loadConfig();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FailedError(`No port to ask: ${message}`);
  }
}

function listeningOf(app: AppName, config: ResolvedConfig): { readonly host: string; readonly port: number } {
  return app === 'dashboard' ? config.dashboard : config.telemetry;
}

async function ask(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), redirect: 'error' });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new FailedError(`${url} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
