import { expect, it } from 'vitest';
import { html } from './html.ts';

it('escapes what it puts in', () => {
  const evil = `"><script>alert('x')</script>`;
  const page = html`<p title="${evil}">${evil}</p>`.text;
  expect(page).not.toContain('<script');
  expect(page.match(/"/g)).toHaveLength(2);
});

it('takes markup, lists, numbers and nothing', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>${null}${false}${undefined}${0}`.text).toBe('<ul><li>a</li><li>&#60;b&#62;</li></ul>0');
});
