import { describe, expect, it } from 'vitest';
import { largestComponents, touchesBorder } from '../../src/objects/components/component-table.js';
import {
  BandLabels,
  BandScan,
  connectedComponents,
} from '../../src/objects/components/connected-components.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { floodedComponents, pointOf, randomMaps } from './random-maps.js';

const maps = [...randomMaps(60, 2, 14), ...randomMaps(40, 3, 7), ...randomMaps(6, 4, 4)];

describe('connected components', () => {
  it('are those of a flood fill, in row-major order, for each connectivity', () => {
    for (const map of maps) {
      for (let axes = 1; axes <= map.shape.length; axes++) {
        const { labels, count } = connectedComponents(map.labels, map.shape, axes);
        expect(labels, `${map.shape}, ${axes}`).toEqual(floodedComponents(map, axes));
        expect(count).toBe(labels.reduce((most, label) => Math.max(most, label), 0));
      }
    }
  });

  it('have the sizes, the values and the boxes of their positions', () => {
    for (const { labels: map, shape } of maps) {
      const { labels, count, sizes, values, boxes } = connectedComponents(map, shape);
      for (let component = 1; component <= count; component++) {
        const positions = [...labels.keys()].filter((i) => labels[i] === component);
        expect(sizes[component]).toBe(positions.length);
        expect(new Set(positions.map((i) => map[i]))).toEqual(new Set([values[component]]));
        const points = positions.map((i) => pointOf(i, shape));
        const box = shape.flatMap((_, axis) => {
          const along = points.map((point) => point[axis] ?? 0);
          return [Math.min(...along), Math.max(...along) + 1];
        });
        expect([...boxes.subarray(2 * shape.length * component, 2 * shape.length * (component + 1))]).toEqual(
          box,
        );
      }
    }
  });

  it('are the same in every type of array, and by the names of the connectivities', () => {
    const [map] = randomMaps(1, 2, 30, 5);
    if (!map) throw new Error('there is no map');
    const { labels, shape } = map;
    const bytes = connectedComponents(labels, shape, 1).labels;
    expect(connectedComponents(Uint16Array.from(labels), shape, 'faces').labels).toEqual(bytes);
    expect(connectedComponents(Int32Array.from(labels), shape, 'faces').labels).toEqual(bytes);
    expect(connectedComponents(labels, shape, 'corners')).toEqual(connectedComponents(labels, shape));
  });

  it('grow beyond the first memory for runs and components', () => {
    const labels = Uint8Array.from({ length: 70 * 90 }, (_, i) => (i + Math.floor(i / 90)) % 2);
    const found = connectedComponents(labels, [70, 90], 1);
    expect(found.count).toBe(3150);
    expect(found.sizes.slice(1).every((size) => size === 1)).toBe(true);
    expect(connectedComponents(labels, [70, 90], 2).count).toBe(1);
    const rows = Uint8Array.from({ length: 2 * 900 }, (_, i) => (i % 2 === 0 ? 1 : 2));
    expect(connectedComponents(rows, [2, 900], 1).count).toBe(900);
  });

  it('are none of an empty map, and one of a full one', () => {
    expect(connectedComponents(new Uint8Array(0), [0, 5]).count).toBe(0);
    expect(connectedComponents(new Uint8Array(0), [5, 0]).count).toBe(0);
    expect(connectedComponents(new Uint8Array(20), [4, 5]).count).toBe(0);
    expect(connectedComponents(new Uint8Array(60).fill(9), [3, 4, 5])).toMatchObject({
      count: 1,
      values: Int32Array.of(0, 9),
      boxes: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0, 5),
    });
  });

  it('refuse a connectivity that the axes do not have', () => {
    for (const axes of [0, 3, 1.5]) {
      expect(() => connectedComponents(new Uint8Array(4), [2, 2], axes)).toThrow();
    }
  });
});

describe('components in bands', () => {
  it('are those of the whole map, wherever the bands are cut', () => {
    for (const [i, { labels, shape }] of maps.entries()) {
      const random = randomNumbers(i);
      const whole = connectedComponents(labels, shape);
      const slab = labels.length / (shape[0] ?? 1);
      const bands = () => {
        const cut: Uint8Array[] = [];
        for (let from = 0; from < labels.length; ) {
          const to = from + slab * (1 + Math.floor(random() * 3));
          cut.push(Uint8Array.from(labels.slice(from, to)));
          from = to;
        }
        return cut;
      };
      const scan = new BandScan(shape);
      for (const band of bands()) scan.add(band);
      const table = scan.table();
      expect(table).toMatchObject({
        count: whole.count,
        sizes: whole.sizes,
        values: whole.values,
        boxes: whole.boxes,
      });
      const second = new BandLabels(shape, table);
      const found = bands().flatMap((band) => [...second.next(band)]);
      expect(found).toEqual([...whole.labels]);
    }
  });
});

describe('the table of components', () => {
  it('names the largest of each value, and of equally large ones the first', () => {
    const map = Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 0, 2);
    const found = connectedComponents(map, [1, 9]);
    expect(largestComponents(found)).toEqual(
      new Map([
        [1, [2]],
        [2, [4]],
      ]),
    );
    expect(largestComponents(found, 2).get(1)).toEqual([2, 3]);
    expect(largestComponents(found, 5).get(1)).toEqual([2, 3, 1]);
  });

  it('knows what touches the border', () => {
    const map = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0);
    const shape = [4, 5];
    const found = { ...connectedComponents(map, shape), numbers: new Int32Array() };
    expect([1, 2, 3].map((component) => touchesBorder(found, component, shape))).toEqual([false, true, true]);
  });
});
