import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const CHROMIUM = [
  'CHROMIUM_PATH' in process.env ? process.env.CHROMIUM_PATH : undefined,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** Of whatever is waited for in a browser: only what hangs takes that long. */
export const HANGS_MS = 120_000;

export const hasChrome = CHROMIUM !== undefined;

/** Where pictures of the pages go, for people to look at; not set: nowhere. */
export const PICTURES = process.env.DASHBOARD_PICTURES;

export function launchChrome(): Promise<Browser> {
  return chromium.launch({
    timeout: HANGS_MS,
    executablePath: CHROMIUM ?? '',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}

/** What the pages said on the console, and what they asked of other servers: both should be nothing. */
export function complaintsOf(context: BrowserContext, url: string): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`));
  context.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
      complaints.push(`request: ${request.url()}`);
  });
  return complaints;
}
