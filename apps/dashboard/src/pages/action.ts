import { type Html, html } from './html.ts';

export interface ActionOptions {
  /** The path that the form posts to. */
  readonly to: string;
  readonly label: string;
  /** What is sent along. */
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly tone?: 'quiet' | 'danger';
}

/** One button that does something: a form, so that it works without scripts. */
export function action({ to, label, fields = {}, tone = 'quiet' }: ActionOptions): Html {
  return html`<form method="post" action="${to}">${hidden(fields)}<button class="${tone}">${label}</button></form>`;
}

/** A button that first opens what is to be said or confirmed with it. */
export function openAction(options: ActionOptions & { readonly summary: string; readonly inside: Html }): Html {
  const { to, label, fields = {}, tone = 'quiet', summary, inside } = options;
  return html`<details class="act"><summary class="${tone}">${summary}</summary>
<form class="panel" method="post" action="${to}">${hidden(fields)}${inside}<button class="${tone === 'danger' ? 'danger' : ''}">${label}</button></form>
</details>`;
}

/** For a note that others will read. */
export function noteInput(hint: string): Html {
  return html`<label>Note <input name="note" maxlength="500" autocomplete="off" placeholder="${hint}"></label>`;
}

function hidden(fields: NonNullable<ActionOptions['fields']>): Html[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}
