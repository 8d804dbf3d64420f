import { expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { cutRegion } from '../../src/formats/axis-order.js';
import type { AxisName } from '../../src/formats/stored-array.js';
import { gridBoxes } from '../../src/images/grid-boxes.js';
import { layoutOf, sliceAxes, turnedLayout } from '../../src/images/image-layout.js';
import { onGridOf } from '../../src/images/scatter.js';
import type { Turn } from '../../src/resample/orientation.js';
import { ok } from '../data/folder.js';
import { type Sizes, stored } from './stored.js';

const formats = ['TIFF', 'NIfTI-1', 'NRRD', 'NPY', 'OME-Zarr'] as const;
const order = ['time', 'page', 'channel', 'z'] as const;
const types = ['uint8', 'uint16', 'int32', 'float32'] as const;
const arrays = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array };

function randomTurn(rng: Rng, rank: number): Turn {
  const left = Array.from({ length: rank }, (_, i) => i);
  const shuffled = Array.from({ length: rank }, () => left.splice(rng.index(left.length), 1)[0] ?? 0);
  return { order: shuffled, reversed: shuffled.map(() => rng.index(2) === 1) };
}

test('any box of rows in a file is that of the whole on the grid', () => {
  const rng = new Rng(11, 'boxes');
  let [tried, permuted] = [0, 0];
  for (let i = 0; i < 1500; i++) {
    const format = formats[rng.index(formats.length)] ?? 'TIFF';
    const size = () => 1 + rng.index(5);
    const plain = order.filter(() => rng.index(2) === 1);
    const sizes: Sizes =
      format === 'NPY'
        ? Array.from({ length: 2 + rng.index(2) }, () => ['unnamed' as AxisName, size()] as const)
        : [...plain, 'y' as const, 'x' as const].map((name) => [name, size()] as const);
    const { header } = stored(format, sizes);
    const options = { rank: 2 + rng.index(2), sliceAxis: sliceAxes[rng.index(3)] ?? 'z' };
    const layout = layoutOf(header, options);
    if (!('images' in layout)) continue;
    tried += 1;
    const turn = randomTurn(rng, layout.spatial.length);
    if (turn.order.some((axis, at) => axis !== at)) permuted += 1;
    const type = types[rng.index(types.length)] ?? 'uint8';
    const count = turnedLayout(layout, turn).spatial.reduce((a, b) => a * b);
    const all = new arrays[type](count * layout.images);
    for (const at of all.keys()) all[at] = (at * 7 + 1) % 251;
    const planes = Array.from({ length: layout.images }, (_, image) =>
      all.slice(image * count, (image + 1) * count),
    );
    const wanted = ok(onGridOf(header, layout, options, planes, type, turn));
    const read = (first: number, length: number) => all.slice(first, first + length);
    const { header: own, boxes } = ok(gridBoxes({ header, layout, options, turn }, { type, read }));
    const what = JSON.stringify([format, sizes, options, turn]);
    expect(own, what).toEqual(wanted.header);
    const whole = own.axes.map((axis) => axis.size);
    expect(boxes(whole.map((length) => [0, length] as const)), what).toEqual(wanted.data);
    for (let box = 0; box < 4; box++) {
      const region = whole.map((length): readonly [number, number] => {
        const from = rng.index(length);
        return [from, from + 1 + rng.index(length - from)];
      });
      expect(boxes(region), what).toEqual(cutRegion(wanted.data, type, whole, region));
    }
  }
  expect([tried > 500, permuted > 200]).toEqual([true, true]);
});
