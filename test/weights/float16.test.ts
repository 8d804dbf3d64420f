import { f16round, getFloat16, setFloat16 } from '@petamoriken/float16';
import { expect, test } from 'vitest';
import { float16Bits, float16Value } from '../../src/weights/float16.js';

const view = new DataView(new ArrayBuffer(2));

function bitsOf(value: number): number {
  const out = new Uint16Array(1);
  float16Bits(Float32Array.of(value), out);
  return out[0] ?? -1;
}

test('every half-precision number is read as the library reads it, and comes back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    view.setUint16(0, bits, true);
    const expected = getFloat16(view, 0, true);
    expect(Object.is(float16Value(bits), expected)).toBe(true);
    if (!Number.isNaN(expected) && bitsOf(expected) !== bits) expect.fail(`${bits} does not come back`);
  }
});

test('rounds to nearest, ties to even, as the library does', () => {
  const values = [
    0,
    -0,
    65504,
    65519.99,
    65520,
    65536,
    -1e9,
    1e-8,
    2 ** -25,
    2 ** -24,
    3 * 2 ** -25,
    -(2 ** -14),
  ];
  for (let bits = 0; bits < 0x7c00; bits += 1) {
    // The middle between two neighbours, and just beside it.
    const middle = (float16Value(bits) + (bits === 0x7bff ? 65536 : float16Value(bits + 1))) / 2;
    values.push(middle, Math.fround(middle * (1 + 2 ** -23)), -Math.fround(middle * (1 - 2 ** -23)));
  }
  for (const value of values) {
    setFloat16(view, 0, value, true);
    if (bitsOf(value) !== view.getUint16(0, true)) expect.fail(`${value}: ${bitsOf(value)}`);
  }
  expect(f16round(65520)).toBe(Number.POSITIVE_INFINITY);
  expect(float16Value(bitsOf(Number.NaN))).toBeNaN();
  expect(float16Value(bitsOf(Number.NEGATIVE_INFINITY))).toBe(Number.NEGATIVE_INFINITY);
});
