import { expect, test } from 'vitest';
import { check } from '../../src/compiler/check.js';

const codesOf = (pipeline: string) =>
  check(
    'a.unet',
    `block B(c) {
  h = input -> conv(3, c)
  ${pipeline}
}
unet A { input = 1 x 16 x 16 classes = 2 depth = 1 channels = 4 padding = same block = B }`,
  ).diagnostics.map((diagnostic) => diagnostic.code);

test.each([
  ['concat(a: h, h) -> conv(1, c)', ['unknown-argument']],
  ['h -> crop_like(h, h)', ['too-many-arguments']],
  ['h -> repeat(yyy: 2, zzz: conv(3, c))', ['unknown-argument', 'unknown-argument']],
  ['h -> repeat(2, conv(3, c), norm)', ['too-many-arguments']],
  ['h -> conv(1, channels(h, h))', ['too-many-arguments']],
  ['h -> repeat(2, conv(3, c)) -> crop_like(h)', []],
])('%s: %j', (pipeline, codes) => {
  expect(codesOf(pipeline)).toEqual(codes);
});
