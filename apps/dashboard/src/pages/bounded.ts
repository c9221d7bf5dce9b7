const LIMIT_MS = 2_000;

/** What the queue answers; `otherwise` when it does not answer soon: the page must not hang with it. */
export function bounded<T, U>(answer: Promise<T>, otherwise: U): Promise<T | U> {
  const late = new Promise<U>((resolve) => setTimeout(resolve, LIMIT_MS, otherwise).unref());
  return Promise.race([answer.catch(() => otherwise), late]);
}
