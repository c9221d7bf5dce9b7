import { InputError, type Key, LANES, type Lane } from '@reindeer/core';
import type { Request } from 'express';
import type { PromotionWanted } from '../commands/promoteIndex.ts';
import type { RunWanted } from '../commands/startRuns.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @throws InputError when the body of `POST /runs` is not one. */
export function runBody(request: Request): RunWanted {
  const body = fields(request, ['index', 'lane', 'shard', 'after', 'upTo', 'force', 'adopt', 'deep']);
  const index = text(body, 'index');
  if (index === null) throw wrong('index', body.index, 'the name of an index');
  const lane = laneOf(body) ?? 'rebuild';
  const shard = shardOf(body);
  const after = keyOf(body, 'after');
  const upTo = keyOf(body, 'upTo');
  const range = after === null && upTo === null ? null : { after, upTo };
  return {
    index,
    lane,
    shard,
    range,
    force: flag(body, 'force'),
    adopt: flag(body, 'adopt'),
    deep: flag(body, 'deep'),
  };
}

export function cancelBody(request: Request): { readonly force: boolean; readonly note: string | null } {
  const body = fields(request, ['force', 'note']);
  return { force: flag(body, 'force'), note: noteOf(body) };
}

export function noteBody(request: Request): { readonly note: string | null } {
  return { note: noteOf(fields(request, ['note'])) };
}

export function holdBody(request: Request): { readonly lane: Lane | null; readonly note: string | null } {
  const body = fields(request, ['lane', 'note']);
  return { lane: laneOf(body), note: noteOf(body) };
}

/** @throws InputError when the body of a promotion or rollback is not one. */
export function promotionBody(
  request: Request,
): Pick<PromotionWanted, 'generation' | 'force'> & { readonly note: string | null } {
  const body = fields(request, ['generation', 'force', 'note']);
  const generation = typeof body.generation === 'number' ? String(body.generation) : text(body, 'generation');
  return { generation, force: flag(body, 'force'), note: noteOf(body) };
}

const MAX_NOTE_CHARACTERS = 500;

/** What a note may be: a text that people can read on one line. */
export function cleanNote(given: string): string | null {
  const note = given.replaceAll(/\s+/g, ' ').trim();
  if (note.length <= MAX_NOTE_CHARACTERS) return note === '' ? null : note;
  throw new InputError(
    'invalid-body',
    `note: ${note.length} characters are too many. Give at most ${MAX_NOTE_CHARACTERS}.`,
  );
}

function fields(request: Request, known: readonly string[]): Fields {
  const body: unknown = request.body ?? {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InputError('invalid-body', `The body is no JSON object. Give one with ${known.join(', ')}.`);
  }
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown === undefined) return body as Fields;
  throw new InputError('invalid-body', `There is no field ${JSON.stringify(unknown)}. Known: ${known.join(', ')}.`);
}

function text(body: Fields, name: string): string | null {
  const value = body[name] ?? null;
  if (value === null || (typeof value === 'string' && value !== '' && !value.includes('\0'))) return value;
  throw wrong(name, value, 'a text');
}

function noteOf(body: Fields): string | null {
  const note = body.note ?? '';
  if (typeof note === 'string' && !note.includes('\0')) return cleanNote(note);
  throw wrong('note', note, 'a text');
}

function flag(body: Fields, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw wrong(name, value, 'true or false');
}

function laneOf(body: Fields): Lane | null {
  const value = body.lane ?? null;
  const lane = LANES.find((one) => one === value);
  if (value === null || lane !== undefined) return lane ?? null;
  throw wrong('lane', value, `one of ${LANES.join(', ')}`);
}

function shardOf(body: Fields): number | null {
  const value = body.shard ?? null;
  if (value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw wrong('shard', value, 'the number of a shard, from 0');
}

/** A number would lose digits that JavaScript cannot hold (I10), so that only texts are keys. */
function keyOf(body: Fields, name: string): Key | null {
  const value = body[name] ?? null;
  if (value === null) return null;
  const key = Array.isArray(value) ? value : [value];
  if (key.length > 0 && key.every((part) => typeof part === 'string' && !part.includes('\0'))) return key;
  throw wrong(name, value, 'a key: a text, or a list of texts for a key of several columns, numbers as texts too');
}

function wrong(name: string, value: unknown, wanted: string): InputError {
  const found = JSON.stringify(value)?.slice(0, 100) ?? 'missing';
  return new InputError('invalid-body', `${name}: ${found} does not do. Give ${wanted}.`);
}
