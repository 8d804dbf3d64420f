import { expect, test } from 'vitest';
import type { StoredData } from '../../src/formats/element.js';
import { unpackBits } from '../../src/formats/unpack-bits.js';

const numbers = (data: StoredData) => Array.from({ length: data.length }, (_, i) => Number(data[i]));

test.each([1, 2, 3, 5, 7, 8, 9, 12, 13, 16, 20, 24, 31, 32])('numbers of %i bits, signed and not', (bits) => {
  const [rows, perRow] = [3, 5];
  const rowBytes = Math.ceil((perRow * bits) / 8);
  const values = Array.from({ length: rows * perRow }, (_, i) => (i * 0x9e3779b1) % 2 ** bits);
  const bytes = new Uint8Array(rowBytes * rows);
  for (const [i, value] of values.entries()) {
    const text = value.toString(2).padStart(bits, '0');
    for (let k = 0; k < bits; k++) {
      const bit = Math.floor(i / perRow) * rowBytes * 8 + (i % perRow) * bits + k;
      if (text[k] === '1') bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
    }
  }
  const layout = { bits, rows, perRow, rowBytes };
  const width = bits <= 8 ? '8' : bits <= 16 ? '16' : '32';
  expect(numbers(unpackBits(bytes, `uint${width}`, { ...layout, signed: false }))).toEqual(values);
  const signed = values.map((value) => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value));
  expect(numbers(unpackBits(bytes, `int${width}`, { ...layout, signed: true }))).toEqual(signed);
});
