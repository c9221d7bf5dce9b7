import { expect, test } from 'vitest';
import { renderFields, renderTable } from './table.ts';

const plain = (text: string) => text;

test('columns are as wide as their widest cell, numbers stand to the right', () => {
  expect(
    renderTable(
      [{ title: 'run', align: 'right' }, { title: 'state' }],
      [
        ['7', 'completed'],
        ['1204', 'failed'],
      ],
      plain,
    ),
  ).toEqual([' run  state', '   7  completed', '1204  failed']);
});

test('colours do not count as width', () => {
  const [, first, second] = renderTable(
    [{ title: 'a' }, { title: 'b' }],
    [
      ['\u001b[31mred\u001b[39m', 'x'],
      ['plain', 'y'],
    ],
    plain,
  );
  expect(first).toBe('\u001b[31mred\u001b[39m    x');
  expect(second).toBe('plain  y');
});

test('a table without rows has its titles', () => {
  expect(renderTable([{ title: 'run' }], [], plain)).toEqual(['run']);
});

test('fields have their values under one another', () => {
  expect(
    renderFields(
      [
        ['live', 'cities_g1'],
        ['freshness', '3 s'],
      ],
      plain,
    ),
  ).toEqual(['live       cities_g1', 'freshness  3 s']);
});

test('a narrow terminal gets fewer columns, then shorter cells, and never a line that wraps', () => {
  const columns = [{ title: 'run' }, { title: 'detail' }, { title: 'speed', optional: true }];
  const rows = [['12', 'The sink does not answer at all.', '27,025']];
  expect(renderTable(columns, rows, plain, 47)[1]).toBe('12   The sink does not answer at all.  27,025');
  expect(renderTable(columns, rows, plain, 40)[1]).toBe('12   The sink does not answer at all.');
  const narrow = renderTable(columns, rows, plain, 20);
  expect(narrow).toEqual(['run  detail', '12   The sink does …']);
  for (const line of narrow) expect(line.length).toBeLessThanOrEqual(20);
});
