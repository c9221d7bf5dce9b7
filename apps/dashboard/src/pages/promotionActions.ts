import { rebuildBehind } from '@reindeer/core';
import type { IndexView } from '../api/indexView.ts';
import { noteInput, openAction } from './action.ts';
import { refused } from './followed.ts';
import { type Html, html } from './html.ts';

/** Rolling back, and promoting what was refused: each says what becomes of searches before it is done. */
export function promotionActions(index: IndexView): Html {
  const to = `/indexes/${encodeURIComponent(index.index)}`;
  const back = index.generations
    .filter(({ state }) => state === 'retained')
    .toSorted((a, b) => (b.epoch ?? 0) - (a.epoch ?? 0));
  const on = refused(index);
  const behind = rebuildBehind(index.openRuns);
  return html`${
    back.length > 0 &&
    openAction({
      to: `${to}/rollback`,
      label: 'Roll back',
      summary: 'Roll back…',
      tone: 'danger',
      inside: html`<p class="faint">${index.live !== null && html`Searches leave <code>${index.live.name}</code>. `}${back.every(({ staleReason }) => staleReason !== null) ? 'What is kept is not kept current any more: without force this is refused.' : lacks(index)}</p>
${behind !== null && html`<p>${behind}</p>`}
${choice(back, (one) => (one.staleReason === null ? 'kept current' : `not kept current: ${one.staleReason}`))}
${forced('a refresh of every shard follows', 'why, for the audit')}`,
    })
  }
${
  on.length > 0 &&
  openAction({
    to: `${to}/promote`,
    label: 'Promote',
    summary: 'Promote…',
    tone: 'danger',
    inside: html`<p class="faint">What was built and refused is asked again, by the same gates.</p>
${behind !== null && html`<p>${behind}</p>`}
${choice(on, (one) => `refused: ${one.refusedReason ?? 'error'}`)}
${forced('what the gates found stays so', 'why, for the audit')}`,
  })
}`;
}

/** What a rollback does not bring back (rule 8). */
function lacks({ changes, feed }: IndexView): string {
  if (feed === null || changes === 'none')
    return 'What changed in the source since that one was live is not in it until a refresh has ended, which follows by itself.';
  if (changes === 'modified-column')
    return 'Rows that were deleted since may be in it until a refresh has ended, which follows by itself.';
  return 'It waits until the feed has passed once more, and loses no change.';
}

function choice(generations: IndexView['generations'], says: (one: IndexView['generations'][number]) => string): Html {
  return html`<fieldset><legend>Generation</legend>${generations.map(
    (one, at) =>
      html`<label class="choice"><input type="radio" name="generation" value="${one.name}"${at === 0 && html` checked`}> <span><code>${one.name}</code> <small>${says(one)}</small></span></label>`,
  )}</fieldset>`;
}

function forced(small: string, hint: string): Html {
  return html`<label class="choice"><input type="checkbox" name="force" value="yes"> <span>by force, past the gates <small>${small}; needs a note</small></span></label>
${noteInput(hint)}`;
}
