/** What the shell gets; the numbers are a contract. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  /** `verify` found differences, or a refresh left some: documents that were refused. */
  different: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
