import { type Html, html } from './html.ts';

/** What stands between backticks as code. */
export function withCode(text: string): Html[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
