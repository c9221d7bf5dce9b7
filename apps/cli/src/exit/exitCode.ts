/** What the shell gets; the numbers are a contract. 4 (`verify` found differences) comes with `verify`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
