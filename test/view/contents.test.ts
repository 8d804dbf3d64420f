import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { writeArray } from '../../src/formats/write.js';
import { fittingPage } from '../../src/view/html/fitting-page.js';
import { viewerPage } from '../../src/view/html/viewer-page.js';
import { readView } from '../../src/view/read/read-view.js';
import type { ViewOptions } from '../../src/view/read/view-options.js';
import { dataOf, labelsOf, niftiOf, valuesOf } from './embedded.js';
import { niftiFile, npyFile, orientations, png8, png16, useFolder } from './made-files.js';

const folder = useFolder();
const inside = (name: string) => join(folder, name);

async function pageOf(
  image: string,
  masks: readonly string[] = [],
  options: ViewOptions = {},
): Promise<string> {
  const content = await readView(image, masks, options);
  if (content instanceof Failure) throw new Error(content.message);
  const html = viewerPage(content);
  if (html instanceof Failure) throw new Error(html.message);
  return html;
}

async function failureOf(
  image: string,
  masks: readonly string[] = [],
  options: ViewOptions = {},
): Promise<Failure> {
  const content = await readView(image, masks, options);
  if (!(content instanceof Failure)) throw new Error('a failure is expected');
  return content;
}

/** Numbers that look random and are the same each time. */
const noise = (i: number, most: number) => (i * 7919 + ((i * i) % 104_729) * 31) % most;

describe('the numbers of a page', () => {
  test('are those of a 16-bit PNG and of its mask', async () => {
    const gray = Uint16Array.from({ length: 7 * 5 }, (_, i) => noise(i, 65536));
    const values = [0, 3, 3, 255, 0];
    const image = await png16(inside('gray.png'), 7, 5, gray);
    const mask = await png8(
      inside('mask.png'),
      7,
      5,
      Uint8Array.from(gray, (_, i) => values[i % 5] ?? 0),
    );
    const html = await pageOf(image, [mask], { names: new Map([['255', 'edge']]) });
    expect(valuesOf(html)).toEqual(Array.from(gray));
    expect(labelsOf(html)).toEqual(Array.from(gray, (_, i) => String(values[i % 5])));
    const data = dataOf(html);
    expect(data).toMatchObject({ size: [1, 5, 7], kind: 'planes', colour: false, reduction: [1, 1, 1] });
    expect(data.values).toEqual(['0', '3', '255']);
    expect(data.names).toEqual([null, null, 'edge']);
    expect(data.masks[0]?.counts).toEqual([14, 14, 7]);
    expect(data.channels[0]?.exact).toBe(true);
  });

  test('are red, green and blue of a picture in colours', async () => {
    const rgb = Uint8Array.from({ length: 3 * 12 }, (_, i) => noise(i, 256));
    const html = await pageOf(await png8(inside('rgb.png'), 4, 3, rgb, 3));
    for (const sample of [0, 1, 2]) {
      expect(valuesOf(html, sample)).toEqual(Array.from({ length: 12 }, (_, i) => rgb[3 * i + sample]));
    }
    expect(dataOf(html)).toMatchObject({ colour: true, channels: [{ low: 0, high: 255 }, {}, {}] });
  });

  test('are within half a step of floats, and tell where there is no number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            { weight: 9, arbitrary: fc.float({ noNaN: true, min: -1e6, max: 1e6 }) },
            fc.constant(Number.NaN),
          ),
          {
            minLength: 12,
            maxLength: 12,
          },
        ),
        async (numbers) => {
          const html = await pageOf(npyFile(inside('floats.npy'), [3, 4], Float32Array.from(numbers)));
          const { slope, exact } = dataOf(html).channels[0] ?? { slope: 0, exact: false };
          const found = valuesOf(html);
          for (const [i, value] of numbers.entries()) {
            if (Number.isNaN(value)) expect(found[i]).toBeNaN();
            else
              expect(Math.abs((found[i] ?? 0) - value)).toBeLessThanOrEqual(
                (exact ? 1e-9 : slope) * 0.5001 + Math.abs(value) * 1e-12,
              );
          }
        },
      ),
      { seed: 5, numRuns: 40 },
    );
  });

  test('may all be missing, or all be one', async () => {
    const none = await pageOf(npyFile(inside('none.npy'), [2, 3], new Float32Array(6).fill(Number.NaN)));
    expect(valuesOf(none)).toEqual(new Array(6).fill(Number.NaN));
    expect(dataOf(none).channels[0]).toMatchObject({ low: 0, high: 1, hasGaps: true });
    const one = await pageOf(npyFile(inside('one.npy'), [1, 1], Float32Array.of(-7.5)));
    expect(valuesOf(one)).toEqual([-7.5]);
    expect(dataOf(one).channels[0]).toMatchObject({ exact: true });
  });

  test('are after the scale that a file states', async () => {
    const data = Int16Array.from({ length: 24 }, (_, i) => noise(i, 4000) - 2000);
    const affine = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
    const html = await pageOf(
      niftiFile(inside('scaled.nii'), { size: [4, 3, 2], affine, data, scale: [0.5, -1024] }),
    );
    for (const [i, value] of valuesOf(html).entries())
      expect(value).toBeCloseTo(0.5 * (data[i] ?? 0) - 1024, 9);
    const [least, most] = [Math.min(...data), Math.max(...data)];
    const { scale, type } = niftiOf(html);
    expect(type, 'unsigned, of 16 bits').toBe(512);
    expect(scale[0]).toBeCloseTo(0.5, 6);
    expect(scale[1]).toBeCloseTo(0.5 * least - 1024, 3);
    expect(most - least).toBeLessThan(65536);
  });

  test('are those of each page of a stack, or of one', async () => {
    const count = 3 * 4 * 5;
    const data = Uint8Array.from({ length: count }, (_, i) => noise(i, 200));
    const axes = [
      { name: 'page', size: 3 },
      { name: 'y', size: 4 },
      { name: 'x', size: 5 },
    ] as const;
    const header = {
      path: '',
      format: 'TIFF',
      axes,
      type: 'uint8',
      bits: 8,
      scale: undefined,
      colour: 'none',
      notes: [],
    } as const;
    const path = inside('stack.tif');
    expect(writeArray(path, { header, data })).toBeUndefined();
    const html = await pageOf(path);
    expect(dataOf(html)).toMatchObject({ size: [3, 4, 5], kind: 'planes' });
    expect(valuesOf(html)).toEqual(Array.from(data));
    const one = await pageOf(path, [], { page: 1 });
    expect(dataOf(one).size).toEqual([1, 4, 5]);
    expect(valuesOf(one)).toEqual(Array.from(data.subarray(20, 40)));
    expect(dataOf(await pageOf(path, [], { as: 'volume' }))).toMatchObject({
      size: [3, 4, 5],
      kind: 'volume',
    });
    expect(await failureOf(path, [], { page: 3 })).toMatchObject({
      code: 'view-page-missing',
      args: { page: 3, pages: 3 },
    });
  });

  test('keep the colours of a palette, and number the colours of a mask in colours', async () => {
    const palette = {
      bits: 8,
      colours: [
        [0, 0, 0],
        [200, 30, 60],
        [10, 220, 90],
      ],
    } as const;
    const axes = [
      { name: 'y', size: 2 },
      { name: 'x', size: 3 },
    ] as const;
    const header = {
      path: '',
      format: 'PNG',
      axes,
      type: 'uint8',
      bits: 8,
      scale: undefined,
      colour: 'palette',
      palette,
      notes: [],
    } as const;
    const path = inside('palette.png');
    expect(writeArray(path, { header, data: Uint8Array.of(0, 1, 2, 2, 1, 0) })).toBeUndefined();
    const image = await png8(inside('six.png'), 3, 2, Uint8Array.of(1, 2, 3, 4, 5, 6));
    const html = await pageOf(image, [path]);
    expect(labelsOf(html)).toEqual(['0', '1', '2', '2', '1', '0']);
    expect(dataOf(html).colours.slice(3)).toEqual([200, 30, 60, 10, 220, 90]);
    const rgb = Uint8Array.from([0, 0, 0, 255, 128, 0, 0, 0, 0, 255, 128, 0, 0, 0, 255, 0, 0, 0]);
    const coloured = await pageOf(image, [await png8(inside('coloured.png'), 3, 2, rgb, 3)]);
    expect(labelsOf(coloured)).toEqual(['0', '#ff8000', '0', '#ff8000', '#0000ff', '0']);
  });

  test('show many numbers as objects', async () => {
    const size = 16 * 16;
    const numbers = Uint16Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 0 : i));
    const image = await png8(inside('objects-image.png'), 16, 16, new Uint8Array(size).fill(9));
    const html = await pageOf(image, [await png16(inside('objects.png'), 16, 16, numbers)]);
    expect(dataOf(html).objects).toBe(true);
    expect(labelsOf(html)).toEqual(Array.from(numbers, String));
  });
});

describe('the place of a volume', () => {
  test('is that of a picture where the file states none: rows and slices lead down', async () => {
    const html = await pageOf(npyFile(inside('volume.npy'), [5, 4, 3], new Float32Array(60)));
    expect(niftiOf(html).affine).toEqual([
      [1, 0, 0, 0],
      [0, -1, 0, 3],
      [0, 0, -1, 4],
    ]);
    expect(dataOf(html)).toMatchObject({ kind: 'volume', isPlaced: false, size: [5, 4, 3] });
    expect(html).not.toContain('id="radiological"');
  });

  test.each(orientations())('is kept for $name', async ({ name, affine }) => {
    const data = Int16Array.from({ length: 2 * 3 * 4 }, (_, i) => noise(i, 900));
    const html = await pageOf(niftiFile(inside(`${name}.nii`), { size: [2, 3, 4], affine, data }));
    const header = niftiOf(html);
    expect(header.affine).toEqual(affine);
    expect(header.size).toEqual([2, 3, 4]);
    expect(header.length).toBe(352);
    expect(valuesOf(html)).toEqual(Array.from(data));
    expect(dataOf(html)).toMatchObject({ kind: 'volume', spacing: [3, 2, 1], unit: 'mm' });
    expect(html).toContain(`<dd>${name}</dd>`);
  });

  test('has the centre of each block where the volume is reduced, with means and most frequent labels', async () => {
    // The page has to be smaller than the volume: the limit is handed in.
    const [columns, rows, slices] = [12, 10, 5];
    const count = columns * rows * slices;
    const data = Int16Array.from({ length: count }, (_, i) => noise(i, 30_000));
    const labels = Uint8Array.from({ length: count }, (_, i) => Number(noise(i, 7) > 3) * (1 + noise(i, 2)));
    const affine = [
      [-0.5, 0, 0, 7],
      [0, 0.5, 0, -3],
      [0, 0, 2, 11],
    ];
    const image = niftiFile(inside('large.nii'), { size: [columns, rows, slices], affine, data });
    const mask = niftiFile(inside('large-mask.nii'), { size: [columns, rows, slices], affine, data: labels });
    const content = await readView(image, [mask]);
    if (content instanceof Failure) throw new Error(content.message);
    const whole = viewerPage(content);
    if (whole instanceof Failure) throw new Error(whole.message);
    const fitting = fittingPage(content, whole.length - 1);
    if (fitting instanceof Failure) throw new Error(fitting.message);
    const { html } = fitting;
    expect(html.length).toBeLessThan(whole.length);
    const { reduction = [], size = [] } = dataOf(html);
    const [fz = 1, fy = 1, fx = 1] = reduction;
    expect(reduction, 'slices are far apart already').toEqual([1, 2, 2]);
    expect(size).toEqual([slices, rows / 2, columns / 2]);
    const found = valuesOf(html);
    const foundLabels = labelsOf(html);
    let at = 0;
    for (let z = 0; z < slices; z++) {
      for (let y = 0; y < rows; y += fy) {
        for (let x = 0; x < columns; x += fx, at++) {
          const block = [0, 1].flatMap((dy) => [0, 1].map((dx) => (z * rows + y + dy) * columns + x + dx));
          const mean = block.reduce((sum, i) => sum + (data[i] ?? 0), 0) / block.length;
          expect(Math.abs((found[at] ?? 0) - mean)).toBeLessThanOrEqual(0.5);
          const often = block.map((i) => labels[i] ?? 0);
          const times = (value: number) => often.filter((one) => one === value).length;
          const most = Math.max(...often.map(times));
          expect(foundLabels[at]).toBe(String(Math.max(...often.filter((one) => times(one) === most))));
        }
      }
    }
    // The first voxel is the middle of the four that it stands for.
    expect(niftiOf(html).affine).toEqual([
      [-1, 0, 0, 7 - 0.25],
      [0, 1, 0, -3 + 0.25],
      [0, 0, 2, 11],
    ]);
    expect(fz).toBe(1);
    expect(html).toContain('1 x 2 x 2');
  });
});

describe('wrong inputs', () => {
  test('fail with codes', async () => {
    const image = await png8(inside('wide.png'), 4, 3, new Uint8Array(12));
    const mask = await png8(inside('high.png'), 3, 4, new Uint8Array(12));
    expect(await failureOf(image, [mask])).toMatchObject({
      code: 'view-sizes-differ',
      args: { size: [1, 3, 4], maskSize: [1, 4, 3], image, mask },
    });
    const probabilities = npyFile(
      inside('p.npy'),
      [3, 4],
      Float32Array.from({ length: 12 }, (_, i) => i / 8),
    );
    expect(await failureOf(image, [probabilities])).toMatchObject({
      code: 'view-mask-values',
      args: { value: '0.125', count: 10, total: 12 },
    });
    const nothing = npyFile(inside('nan.npy'), [3, 4], new Float32Array(12).fill(Number.NaN));
    expect(await failureOf(image, [nothing])).toMatchObject({
      code: 'view-mask-values',
      args: { value: 'NaN' },
    });
    expect((await failureOf(inside('none.png'))).code).toBe('file-unreadable');
    expect((await failureOf(new URL(import.meta.url).pathname)).code).toBe('format-unread');
  });

  test('of another place are laid over each other, with a note', async () => {
    const at = (origin: number) => [
      [1, 0, 0, origin],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
    const data = new Int16Array(24);
    const image = niftiFile(inside('here.nii'), { size: [2, 3, 4], affine: at(0), data });
    const mask = niftiFile(inside('there.nii'), { size: [2, 3, 4], affine: at(5), data });
    const content = await readView(image, [mask]);
    expect(content instanceof Failure ? content : content.notes.length).toBe(1);
  });

  test('of texts do not end elements', async () => {
    const image = await png8(inside('text.png'), 2, 2, Uint8Array.of(0, 1, 2, 3));
    const html = await pageOf(image, [image], { names: new Map([['1', '</script><b>"&']]) });
    expect(html).not.toContain('</script><b>');
    expect(dataOf(html).names[1]).toBe('</script><b>"&');
  });
});
