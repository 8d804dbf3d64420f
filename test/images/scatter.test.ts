import { expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import type { ArrayHeader, AxisName } from '../../src/formats/stored-array.js';
import { gather } from '../../src/images/gather.js';
import { type LayoutOptions, layoutOf, sliceAxes } from '../../src/images/image-layout.js';
import { imageArray } from '../../src/images/read-image.js';
import { onGridOf } from '../../src/images/scatter.js';
import { ok } from '../data/folder.js';
import { elementAt, positions, type Sizes, stored } from './stored.js';

const formats = ['TIFF', 'GIF', 'NIfTI-1', 'NIfTI-2', 'MGH', 'NRRD', 'MetaImage', 'NPY', 'OME-Zarr'] as const;
const order = ['time', 'page', 'channel', 'z'] as const;

/** A random array and a random wish how to read it; undefined where nobody can read it so. */
function randomCase(rng: Rng): { header: ArrayHeader; sizes: Sizes; options: LayoutOptions } | undefined {
  const format = formats[rng.index(formats.length)] ?? 'TIFF';
  const size = () => 1 + rng.index(4);
  const plain = order.filter(() => rng.index(2) === 1);
  const sizes: Sizes =
    format === 'NPY'
      ? Array.from({ length: 2 + rng.index(3) }, () => ['unnamed', size()] as const)
      : [...plain, 'y' as const, 'x' as const].map((name) => [name, size()] as const);
  const orientation = 1 + rng.index(8);
  const isTurned = (format === 'TIFF' || format === 'GIF') && rng.index(2) === 1 && orientation > 1;
  const notes = isTurned ? ([{ kind: 'turned-when-shown', orientation }] as const) : [];
  const { header } = stored(format, sizes, { notes });
  const options = { rank: 2 + rng.index(2), sliceAxis: sliceAxes[rng.index(3)] ?? 'z' };
  return 'images' in layoutOf(header, options) ? { header, sizes, options } : undefined;
}

test('results are written where their images were read', () => {
  const rng = new Rng(7, 'layouts');
  let tried = 0;
  let turned = 0;
  for (let i = 0; i < 1500; i++) {
    const one = randomCase(rng);
    if (one === undefined) continue;
    tried += 1;
    const { header, sizes, options } = one;
    const array = ok(imageArray(stored(header.format, sizes, { notes: header.notes }), options));
    const { layout } = array;
    const count = layout.spatial.reduce((a, b) => a * b);
    const planes = Array.from({ length: layout.images }, (_, image) => {
      const plane = new Float32Array(count);
      gather(array.data, layout, { image, sample: 0 }, plane);
      return plane;
    });
    const grid = ok(onGridOf(header, layout, options, planes, 'float32'));
    const what = JSON.stringify([header.format, sizes, options, header.notes]);
    // The inverse: read with the same wish, the images are the results.
    const again = ok(imageArray(grid, options));
    expect(again.layout, what).toMatchObject({ spatial: layout.spatial, images: layout.images, samples: 1 });
    for (const [image, plane] of planes.entries()) {
      const read = new Float32Array(count);
      gather(again.data, again.layout, { image, sample: 0 }, read);
      expect(read, what).toEqual(plane);
    }
    if (header.notes.length > 0) turned += 1;
    if (header.notes.length > 0 || header.format === 'NPY') continue;
    // By the names of its axes, each position holds the element that was there, of the first channel.
    const own = grid.header.axes.map(({ name, size }) => [name, size] as const);
    const depth = layout.axes.find((name) => name === 'page' || name === 'time');
    const former = (name: AxisName) => (name === 'z' && depth !== undefined ? depth : name);
    for (const at of positions(own.map(([, size]) => size))) {
      const named = Object.fromEntries(own.map(([name], k) => [former(name), at[k]]));
      const index = own.reduce((sum, [, size], k) => sum * size + (at[k] ?? 0), 0);
      expect(grid.data[index], what).toBe(elementAt(sizes, named));
    }
  }
  expect([tried > 500, turned > 50]).toEqual([true, true]);
});

test('keeps the place of a file, and not what its numbers mean', () => {
  const geometry = { affine: undefined, spacing: [2, 1, 1], unit: 'mm', orientation: undefined } as const;
  const sizes: Sizes = [
    ['time', 2],
    ['z', 1],
    ['y', 2],
    ['x', 3],
  ];
  const scale = { slope: 2, intercept: 1 };
  const notes = [{ kind: 'intent', code: 1, name: 'x' }] as const;
  const { header } = stored('NIfTI-1', sizes, { geometry, scale, notes });
  for (const rank of [2, 3]) {
    const layout = ok(layoutOf(header, { rank }));
    const labels = Uint8Array.of(0, 1, 2, 3, 4, 5);
    const grid = ok(onGridOf(header, layout, { rank }, [labels], 'uint8'));
    expect(grid.header).toMatchObject({ geometry, scale: undefined, notes: [], type: 'uint8', bits: 8 });
    // One slice of a volume stays a volume.
    expect(grid.header.axes.map(({ name, size }) => [name, size])).toEqual(sizes.slice(1));
    expect([...grid.data]).toEqual([0, 1, 2, 3, 4, 5]);
  }
});
