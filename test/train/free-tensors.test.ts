import { markAsUntransferable } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Tensor } from '../../src/runtime/tensor.js';
import { freeTensors } from '../../src/train/loop/free-tensors.js';

function tensorOf(count: number): Tensor {
  return { shape: [count], data: new Float32Array(count).fill(1) };
}

test('the memory of tensors is given back at once', () => {
  const MEBIBYTE = 2 ** 20;
  const [kept, ...freed] = Array.from({ length: 9 }, () => tensorOf((8 * MEBIBYTE) / 4));
  const before = process.memoryUsage().arrayBuffers;
  freeTensors(freed);
  expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThan(60 * MEBIBYTE);
  expect(freed.map(({ data }) => data.length)).toEqual(freed.map(() => 0));
  expect(kept?.data.every((value) => value === 1)).toBe(true);
});

test('memory that an engine holds on to is left to the garbage collector', () => {
  const held = tensorOf(4);
  markAsUntransferable(held.data.buffer);
  freeTensors([held]);
  expect([...held.data]).toEqual([1, 1, 1, 1]);
});
