import { describe, expect, it } from 'vitest';
import { GivenMemory, wasGiven } from './givenRows.ts';

const position = (at: string) => ({ system: 's', timeline: 1, at, relations: '' });
const row = (id: string, version: string | null = 'v') => ({ key: [id], version });

function remember(memory: GivenMemory, at: string, rows: readonly ReturnType<typeof row>[]): void {
  const pass = memory.pass(position(at));
  for (const one of rows) pass.add(one);
  pass.end();
}

describe('GivenMemory', () => {
  it('knows of a row by key and version, for whoever goes on from that very pass', () => {
    const memory = new GivenMemory();
    remember(memory, 'one', [row('1'), row('2', null)]);
    const given = memory.since([position('one'), position('one')]);
    expect(wasGiven(given, row('1'))).toBe(true);
    expect(wasGiven(given, row('1', 'w'))).toBe(false);
    expect(wasGiven(given, row('2', null))).toBe(false);
    expect(wasGiven(given, row('3'))).toBe(false);
  });

  it.each([[[]], [['two']], [['one', 'two']], [['zero', 'one']]])('knows nothing for %j', (ats) => {
    const memory = new GivenMemory();
    remember(memory, 'one', [row('1')]);
    const given = memory.since(ats.map(position));
    expect(given).toBeNull();
    expect(wasGiven(given, row('1'))).toBe(false);
  });

  it('knows nothing of a pass that did not end', () => {
    const memory = new GivenMemory();
    memory.pass(position('one')).add(row('1'));
    expect(memory.since([position('one')])).toBeNull();
  });

  it('holds so many rows and no more, those of the last passes first', () => {
    const memory = new GivenMemory(3, 2);
    remember(memory, 'one', [row('1')]);
    remember(memory, 'two', [row('1'), row('2')]);
    expect(memory.since([position('one')])?.size).toBe(1);
    remember(memory, 'three', [row('1'), row('2')]);
    expect(memory.since([position('two')])).toBeNull();
    expect(memory.since([position('three')])?.size).toBe(2);
    remember(memory, 'four', [row('1'), row('2'), row('3'), row('4')]);
    expect(memory.since([position('four')])).toBeNull();
    expect(memory.since([position('three')])?.size).toBe(2);
  });

  it('keeps keys of several columns apart', () => {
    const memory = new GivenMemory();
    const pass = memory.pass(position('one'));
    pass.add({ key: ['a,b', 'c'], version: 'v' });
    pass.end();
    expect(wasGiven(memory.since([position('one')]), { key: ['a', 'b,c'], version: 'v' })).toBe(false);
  });
});
