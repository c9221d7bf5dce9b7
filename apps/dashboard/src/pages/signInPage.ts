import { html } from './html.ts';
import type { Page } from './page.ts';

export interface SignInPageOptions {
  /** A local path. */
  readonly next: string;
  /** false: no user is configured, and only a link lets anybody in. */
  readonly byPassword: boolean;
  readonly message: string | null;
  readonly name: string;
}

export function signInPage({ next, byPassword, message, name }: SignInPageOptions): Page {
  const main = byPassword
    ? html`<form class="gate" method="post" action="/sign-in">
  ${mark}
  <h1>Sign in to Reindeer</h1>
  ${message !== null && html`<p class="refusal" role="alert">${message}</p>`}
  <input type="hidden" name="next" value="${next}">
  <label>Name <input name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>`
    : html`<section class="gate">
  ${mark}
  <h1>Sign in with a link</h1>
  <p>No user is configured, so a one-time link is the way in. The dashboard prints one when it starts; look at the end
  of its output. Starting it again makes a new one.</p>
  <p class="hint">To sign in with a password, name a user under <code>dashboard.users</code> in the configuration.</p>
</section>`;
  return { title: 'Sign in', main, person: null };
}

export function linkPage({ token, used }: { readonly token: string; readonly used: boolean }): Page {
  const main = used
    ? html`<section class="gate">
  ${mark}
  <h1>This link no longer works</h1>
  <p>A sign-in link works once, for 15 minutes. Start the dashboard again for a new one.</p>
  <p><a href="/sign-in">To the sign-in page</a></p>
</section>`
    : html`<form class="gate" method="post" action="/sign-in/link">
  ${mark}
  <h1>Sign in to Reindeer</h1>
  <p>This link works once. You will be an operator: you may look at everything, and pause, retry and remove jobs.</p>
  <input type="hidden" name="token" value="${token}">
  <button autofocus>Sign in</button>
</form>`;
  return { title: 'Sign in', main, person: null };
}

const mark = html`<img src="/assets/reindeer.svg" alt="" width="44" height="44">`;
