import { describe, expect, test } from 'vitest';
import { cellSample } from '../../src/data/synthetic/cell-sample.js';
import { cellErrors, sumOfCells } from '../../src/metrics/objects/cell-errors.js';
import { objectsOfClass, overlapsOf } from '../../src/metrics/objects/object-overlaps.js';

const bytes = (...values: number[]) => Uint16Array.from(values);

/** The errors of the components of a class. */
const mergedCells = (
  prediction: Uint16Array,
  instances: Uint16Array | Int32Array,
  shape: readonly number[],
  cellClass = 1,
) => cellErrors(overlapsOf(instances, objectsOfClass(prediction, [cellClass], shape)));

const nothing = { lost: 0, merged: 0, pairs: 0, split: 0, added: 0 };

describe('merged cells', () => {
  const instances = Uint16Array.of(1, 1, 1, 0, 2, 2, 2, 0, 3, 3, 3, 0, 9, 9, 9);

  test.each([
    ['all apart', [1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1], { objects: 4 }],
    ['three in one', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1], { objects: 2, merged: 3, pairs: 3 }],
    ['all in one', Array.from({ length: 15 }, () => 1), { objects: 1, merged: 4, pairs: 6 }],
    ['two and two', [0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1], { objects: 2, merged: 4, pairs: 2 }],
    ['a third is no cell', [1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 2, 2, 2], { objects: 3, lost: 3, split: 1 }],
    ['nothing', Array.from({ length: 15 }, () => 0), { objects: 0, lost: 4 }],
  ])('%s', (_name, prediction, expected) => {
    const found = mergedCells(Uint16Array.from(prediction), instances, [1, 15]);
    expect(found).toEqual({ ...nothing, cells: 4, ...expected });
  });

  test('half of a cell is not more than half', () => {
    const two = Uint16Array.of(1, 1, 2, 2);
    expect(mergedCells(bytes(0, 1, 1, 1), two, [1, 4])).toEqual({
      ...nothing,
      cells: 2,
      objects: 1,
      lost: 1,
    });
  });

  test('diagonal neighbours are apart, and the class is asked for', () => {
    const square = Uint16Array.of(1, 0, 0, 2);
    expect(mergedCells(bytes(1, 0, 0, 1), square, [2, 2]).pairs).toBe(0);
    expect(mergedCells(bytes(1, 1, 0, 1), square, [2, 2]).pairs).toBe(1);
    expect(mergedCells(bytes(2, 2, 0, 2), square, [2, 2], 2).pairs).toBe(1);
    expect(mergedCells(bytes(1, 1, 1, 1), square, [1, 2, 2]).pairs).toBe(1);
  });

  test('on synthetic cells: the truth merges none, and without membranes the neighbours merge', () => {
    const shape = [96, 96];
    const sample = cellSample({ shape, spacing: [1, 1], radius: 10, seed: 3 }, 0);
    const truth = Uint16Array.from(sample.regions, (region) => (region === 1 ? 1 : 0));
    const perfect = mergedCells(truth, sample.instances, shape);
    const cells = new Set(sample.instances).size - 1;
    expect(perfect).toEqual({ ...nothing, cells, objects: cells });
    const blurred = Uint16Array.from(sample.regions, (region) => (region === 0 ? 0 : 1));
    expect(sample.touching).toBeGreaterThan(3);
    expect(mergedCells(blurred, sample.instances, shape).pairs).toBeGreaterThanOrEqual(sample.touching);
  });
});

describe('split and added cells', () => {
  const cell = Uint16Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 2, 2, 0);

  test.each([
    ['a cell in two', [5, 5, 5, 5, 0, 6, 0, 0, 0, 7, 7, 0], { objects: 3, split: 1 }],
    ['two halves', [5, 5, 5, 6, 6, 6, 0, 0, 0, 7, 7, 0], { objects: 3, split: 1, lost: 1 }],
    ['a part that is mostly outside', [5, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 0], { objects: 3, added: 1 }],
    ['nothing true', [5, 5, 5, 5, 5, 5, 0, 6, 0, 7, 7, 0], { objects: 3, added: 1 }],
    // The object over both holds all of them, and is mostly in the first.
    ['one over both', [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0], { objects: 1, merged: 2, pairs: 1 }],
  ])('%s', (_name, predicted, expected) => {
    const found = cellErrors(overlapsOf(cell, Uint16Array.from(predicted)));
    expect(found).toEqual({ ...nothing, cells: 2, ...expected });
  });

  test('merged and split change places with the maps', () => {
    const one = Uint16Array.of(1, 1, 1, 1, 1, 1, 1, 1);
    const two = Uint16Array.of(1, 1, 1, 1, 2, 2, 2, 2);
    expect(cellErrors(overlapsOf(one, two))).toMatchObject({ split: 1, merged: 0 });
    expect(cellErrors(overlapsOf(two, one))).toMatchObject({ split: 0, merged: 2 });
  });

  test('several images', () => {
    const one = cell.slice(0, 9);
    const found = [one, one].map((map) => cellErrors(overlapsOf(map, map)));
    expect(sumOfCells(found)).toEqual({ ...nothing, cells: 2, objects: 2 });
    expect(sumOfCells([])).toEqual({ ...nothing, cells: 0, objects: 0 });
  });
});
