import { formatCount, formatDuration, isShardLane, type RunView } from '@reindeer/core';
import { sumRuns } from '@reindeer/ledger';
import { differencesFound } from './differencesFound.ts';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';
import { runBadge } from './runBadge.ts';

/** Runs as a table, newest first; those of a lane's shards that ended alike are one line. */
export function runTable(runs: readonly RunView[], nowMs: number): Html {
  if (runs.length === 0) return html`<p class="empty">No run has ended yet.</p>`;
  const lines = Map.groupBy(runs, ({ run, lane, state, reason, differences }) =>
    isShardLane(lane) ? `${lane} ${state} ${reason} ${differencesFound(differences) !== ''}` : String(run),
  );
  return html`<div class="scroll"><table>
<thead><tr><th>Run</th><th>Lane</th><th>State</th><th>Outcome</th><th class="n">Took</th><th class="n">Ended</th></tr></thead>
<tbody>${[...lines.values()].map((those) => row(those, nowMs))}</tbody></table></div>`;
}

function row(those: readonly RunView[], nowMs: number): Html | false {
  const [newest] = those;
  const all = sumRuns(those);
  const oldest = those.at(-1);
  if (newest === undefined || oldest === undefined || all === null) return false;
  const which = those.length > 1 ? plural(those.length, 'shard') : newest.shard === null ? '' : `shard ${newest.shard}`;
  return html`<tr>
<td>${link(newest)}${those.length > 1 && html` … ${link(oldest)}`}</td>
<td>${all.lane}${which !== '' && html` <small>${which}</small>`}</td>
<td>${runBadge(all)}${all.reason !== null && html` <span class="reason">${all.reason}</span>`}</td>
<td>${outcome(all)}</td>
<td class="n">${formatDuration(those.length > 1 ? Math.max(...those.map(({ elapsedMs }) => elapsedMs)) : all.elapsedMs)}</td>
<td class="n">${all.finishedAt === null ? '–' : formatMoment(all.finishedAt, nowMs)}</td>
</tr>`;
}

function link({ run }: RunView): Html {
  return html`<a href="/runs/${run}">#${run}</a>`;
}

function outcome({ lane, generation, documents, differences, documentsPerSecond, state }: RunView): Html {
  if (lane === 'promote') return html`<code>${generation}</code>`;
  const found = differencesFound(differences);
  const compared = isShardLane(lane) && state === 'completed';
  const deleted = documents.deleted + documents.orphans;
  const parts = [
    compared &&
      (found === '' ? 'nothing differs' : html`<span class="${lane === 'verify' ? 'bad' : ''}">${found}</span>`),
    `${formatCount(documents.read)} read`,
    documents.written > 0 && `${formatCount(documents.written)} written`,
    deleted > 0 && `${formatCount(deleted)} deleted`,
    documents.failed > 0 && html`<span class="bad">${formatCount(documents.failed)} refused</span>`,
    lane === 'rebuild' &&
      documents.read > 0 &&
      html`<span class="faint">${formatCount(documentsPerSecond)} per second</span>`,
  ].filter((part) => part !== false);
  return html`${parts.map((part, at) => html`${at > 0 && ' · '}${part}`)}`;
}
