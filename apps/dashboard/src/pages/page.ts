import type { Person } from '@reindeer/ledger';
import type { Response } from 'express';
import { type Html, html } from './html.ts';

export interface Page {
  readonly title: string;
  readonly main: Html;
  /** Who looks; null: no navigation. */
  readonly person: Person | null;
  /** Which entry of the navigation this is. */
  readonly place?: 'overview';
  /** Seconds between refreshes of what is in `main`; not given: none. */
  readonly refreshSeconds?: number;
}

/** The whole document. Styles and scripts are files, so that the content security policy can forbid all inline ones. */
export function renderPage(page: Page): string {
  const { title, main, person, place, refreshSeconds } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Reindeer</title>
<link rel="icon" type="image/svg+xml" href="/assets/reindeer.svg">
<link rel="stylesheet" href="/assets/style.css">
${refreshSeconds !== undefined && html`<script defer src="/assets/refresh.js"></script>`}
</head>
<body class="${person === null ? 'door' : ''}">
${person !== null && navigation(person, place)}
<main id="main" data-refresh-seconds="${refreshSeconds ?? ''}">${main}</main>
</body>
</html>
`.text;
}

function navigation(person: Person, place: Page['place']): Html {
  return html`<header class="bar">
  <a class="brand" href="/"><img src="/assets/reindeer.svg" alt="" width="26" height="26">Reindeer</a>
  <nav>
    <a href="/" ${place === 'overview' && html`aria-current="page"`}>Overview</a>
    <a href="/queues/">Queues</a>
    <a href="/api/v1/openapi.json">API</a>
  </nav>
  <span id="stale" class="stale" hidden>Not updating: no answer</span>
  <form class="person" method="post" action="/sign-out">
    <span>${person.name === 'link:once' ? 'Signed in by link' : person.name}<small>${person.role}</small></span>
    <button class="quiet">Sign out</button>
  </form>
</header>`;
}

export function sendPage(response: Response, status: number, page: Page): void {
  response.status(status).set('Cache-Control', 'no-store').type('html').send(renderPage(page));
}
