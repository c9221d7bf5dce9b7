import type { SourceContext } from './context.ts';
import { explainProblem } from './problem.ts';

/** Runs work that talks to the server, and throws what `explainProblem` makes of its error. */
export async function explained<T>(context: SourceContext, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await problem(context, error, signal);
  }
}

/** The same for what comes bit by bit. */
export async function* explainedEach<T>(
  context: SourceContext,
  signal: AbortSignal,
  items: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw await problem(context, error, signal);
  }
}

/** When the server goes away while its error is being explained, the first error is still the one to tell. */
async function problem(context: SourceContext, error: unknown, signal: AbortSignal): Promise<unknown> {
  return await explainProblem(context, error, signal).catch(() => error);
}
