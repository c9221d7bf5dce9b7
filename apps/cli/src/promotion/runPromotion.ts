import { InputError, type Reason, RefusedError, type RunView, rebuildBehind } from '@reindeer/core';
import { type PromotionAsked, requestPromotion } from '@reindeer/engine';
import { type GenerationView, type Ledger, readIndex, readRun } from '@reindeer/ledger';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { followRuns } from '../follow/followRuns.ts';
import { actor } from '../setup/actor.ts';
import { noteOf } from '../setup/noteOf.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { VerbContext, VerbOptions } from '../verb.ts';
import { missingLines } from './missingLines.ts';
import { outcomeLines } from './outcomeLines.ts';

/** A gate said no, and nothing is broken: the exit code says so. */
const REFUSALS: readonly (string | null)[] = [
  'not-caught-up',
  'refresh-owed',
  'generation-stale',
  'generation-gone',
  'changes-pruned',
  'count-gate',
  'digest-gate',
  'canary-gate',
  'error-budget',
  'definition-mismatch',
  'source-replaced',
  'sink-moved',
  'superseded',
  'name-taken',
] satisfies Reason[];

/** Asks for a promotion by hand or a rollback and, unless told not to, waits for its end. */
export async function runPromotion(
  context: VerbContext,
  direction: PromotionAsked['direction'],
  [index = '', generation]: readonly string[],
  options: VerbOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const [note, force] = [noteOf(options), options.force === true];
  if (force && note === null)
    throw new InputError(
      'note-missing',
      '--force passes what protects searches: say why with --note TEXT, for the audit and for whoever wakes up to it.',
    );
  return withDeployment(await context.loadConfig(), async ({ ledger, deliver, definition }): Promise<ExitCode> => {
    using interrupts = new Interrupts();
    const wanted = await definition(index);
    const before = (await readIndex(ledger, index))?.generations ?? [];
    const answer = await requestPromotion(
      { ledger, deliver },
      { index: wanted, direction, generation: generation ?? null, force, note, actor: actor() },
    );
    if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
    const { run } = answer;
    if (options.wait === false) {
      const view = await readRun(ledger, run);
      terminal.data(view);
      terminal.line(`Run ${run}: ${index} to ${view?.generation ?? '?'}, accepted. Watch with: reindeer show ${run}`);
      return EXIT.done;
    }
    terminal.note(terminal.colors.dim(await beginning(ledger, run, before)));
    const [view] = await followRuns(ledger, [run], terminal, interrupts.signal);
    if (view === undefined) return EXIT.failed;
    terminal.data(view);
    const completed = view.state === 'completed';
    const lacks = completed ? missingLines(wanted, target(before, view), { direction, force }, Date.now()) : [];
    for (const line of outcomeLines(view, lacks, terminal.colors)) terminal.note(line);
    if (!completed) return REFUSALS.includes(view.reason) ? EXIT.refused : EXIT.failed;
    const behind = rebuildBehind((await readIndex(ledger, index))?.openRuns ?? []);
    if (behind !== null) terminal.note(terminal.colors.yellow(behind));
    return EXIT.done;
  });
}

async function beginning(ledger: Ledger, run: number, before: readonly GenerationView[]): Promise<string> {
  const view = await readRun(ledger, run);
  const live = before.find(({ state }) => state === 'live');
  return `Run ${run}: ${view?.index ?? ''} goes from ${live?.name ?? 'nothing'} to ${view?.generation ?? '?'}.`;
}

function target(before: readonly GenerationView[], { generation }: RunView): GenerationView | undefined {
  return before.find(({ name }) => name === generation);
}
