import { InputError } from '@reindeer/core';

/** @throws InputError for what is no run's number. */
export function runNumber(text: string): number {
  const number = Number(text.replace(/^#/, ''));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InputError(
    'run-number',
    `${JSON.stringify(text)} is no run: give its number, such as 12. \`reindeer runs\` lists them.`,
  );
}

/** @throws InputError for what is no whole number from `min` to `max`. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (text !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new InputError('option-value', `${option} ${JSON.stringify(text)}: give a whole number from ${min} to ${max}.`);
}
