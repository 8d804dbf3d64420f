import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';

/** A folder for the files of a test file, removed at its end. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unet-view-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A .npy file of floats, by the format's description. */
export function npyFile(path: string, shape: readonly number[], data: Float32Array): string {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padding = 64 - ((10 + dictionary.length + 1) % 64);
  const header = Buffer.from(`${dictionary}${' '.repeat(padding)}\n`, 'latin1');
  const start = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  writeFileSync(path, Buffer.concat([start, header, Buffer.from(data.buffer)]));
  return path;
}

export interface MadeNifti {
  /** Columns, rows, slices. */
  readonly size: readonly [number, number, number];
  /** Three rows of four numbers. */
  readonly affine: readonly (readonly number[])[];
  /** Columns fastest. */
  readonly data: Int16Array | Uint8Array;
  readonly scale?: readonly [number, number];
}

/** A NIfTI-1 file with a sform, by the fields of nifti1.h. */
export function niftiFile(path: string, { size, affine, data, scale = [0, 0] }: MadeNifti): string {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [i, one] of [3, ...size, 1, 1, 1, 1].entries()) header.writeInt16LE(one, 40 + 2 * i);
  const isByte = data instanceof Uint8Array;
  header.writeInt16LE(isByte ? 2 : 4, 70);
  header.writeInt16LE(isByte ? 8 : 16, 72);
  const spacing = [0, 1, 2].map((j) => Math.hypot(...affine.map((row) => row[j] ?? 0)));
  for (const [i, one] of [1, ...spacing].entries()) header.writeFloatLE(one, 76 + 4 * i);
  header.writeFloatLE(352, 108);
  header.writeFloatLE(scale[0], 112);
  header.writeFloatLE(scale[1], 116);
  header.writeUInt8(2, 123);
  header.writeInt16LE(1, 254);
  for (const [i, row] of affine.entries()) {
    for (const [j, one] of row.entries()) header.writeFloatLE(one, 280 + 16 * i + 4 * j);
  }
  header.write('n+1\0', 344, 'latin1');
  writeFileSync(path, Buffer.concat([header, Buffer.from(data.buffer)]));
  return path;
}

/** A PNG of 16 bits by another library. */
export async function png16(path: string, width: number, height: number, data: Uint16Array): Promise<string> {
  const raw = { width, height, channels: 1 } as const;
  const image = sharp(data, { raw }).toColourspace('grey16').png();
  await image.toFile(path);
  return path;
}

/** A PNG of 8 bits by another library, with one channel or three. */
export async function png8(
  path: string,
  width: number,
  height: number,
  data: Uint8Array,
  channels: 1 | 3 = 1,
): Promise<string> {
  const image = sharp(data, { raw: { width, height, channels } });
  await (channels === 1 ? image.toColourspace('b-w') : image).png().toFile(path);
  return path;
}

/** All 48 ways in which the axes of a volume can lie along those of the world, with spacings 1, 2, 3 by column. */
export function orientations(): readonly { readonly name: string; readonly affine: number[][] }[] {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const letters = ['LR', 'PA', 'IS'];
  return orders.flatMap((order) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((signs) => {
      const affine = [10, -20, 30].map((origin) => [0, 0, 0, origin]);
      let name = '';
      for (const [column, row] of order.entries()) {
        const sign = (signs >> column) & 1 ? -1 : 1;
        const target = affine[row];
        if (target) target[column] = sign * (column + 1);
        name += letters[row]?.[sign > 0 ? 1 : 0] ?? '';
      }
      return { name, affine };
    }),
  );
}
