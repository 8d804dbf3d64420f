import {
  convolutionCase,
  depthwiseCase,
  fusedConvolutionCase,
  randomSpec,
  transposedCase,
} from './convolution-cases.js';
import { binaryCase, binaryFunctions, unaryCase, unaryFunctions } from './elementwise-cases.js';
import { knownBugs } from './known-bugs.js';
import { type OpCase, type Random, randomFrom } from './op-case.js';
import { poolingCase, randomPooling } from './pooling-cases.js';
import { batchNormCase, matMulCase, reductionCase, reductions, softmaxCase } from './reduction-cases.js';
import { randomResize, resizeCase } from './resampling-cases.js';
import { concatCase, randomPad, sliceCase, tileCase, transposeCase } from './reshaping-cases.js';

type Sizes = readonly number[];

const ranks: readonly Sizes[] = [[5], [4, 3], [2, 5, 3], [2, 3, 4, 3], [2, 3, 4, 3, 2]];

/** By subject: what must be right on every engine, of the ops that networks, losses and optimisers are made of. */
export const mendedCases: Readonly<Record<string, readonly OpCase[]>> = {
  'known bugs': knownBugs.map(({ opCase }) => opCase),
  convolutions: random(1, 40, (r, i) => convolutionCase(randomSpec(r, 2 + (i % 2), { dilation: true }), i)),
  'transposed convolutions': random(2, 30, (r, i) => {
    return transposedCase(randomSpec(r, 2 + (i % 2), { dilation: false }), i);
  }),
  'convolutions with many channels': random(3, 8, (r, i) => {
    const spec = randomSpec(r, 2 + (i % 2), { dilation: false });
    return convolutionCase({ ...spec, channelsIn: 7 + i * 3, channelsOut: 20 - i }, i);
  }),
  'convolutions of long rows, in several blocks': [
    convolutionCase(
      {
        batch: 3,
        spatial: [9, 900],
        channelsIn: 2,
        channelsOut: 2,
        kernel: [3, 3],
        stride: [2, 1],
        dilation: [1, 1],
        padding: 'same',
      },
      1,
    ),
  ],
  'fused convolutions': random(4, 10, (r, i) =>
    fusedConvolutionCase(randomSpec(r, 2, { dilation: false }), i),
  ),
  'depthwise convolutions': random(5, 16, (r, i) => {
    const spec = randomSpec(r, 2, { dilation: true });
    const stride = spec.stride[0] ?? 1;
    return depthwiseCase({ ...spec, stride: [stride, stride], channelsOut: 1 + (i % 3) }, i);
  }),
  pooling: random(6, 50, (r, i) => poolingCase(randomPooling(r, 2 + (i % 2)), i)),
  resizing: random(7, 50, (r, i) => resizeCase(randomResize(r), i)),
  // The stock cpu engine never returns from the gradient of these.
  'resizing a single row by corners': (
    [
      [1, 4],
      [3, 1],
    ] as const
  ).map((from) =>
    resizeCase(
      {
        mode: 'nearest',
        batch: 2,
        from,
        to: [4, 5],
        channels: 2,
        alignCorners: true,
        halfPixelCenters: false,
      },
      1,
    ),
  ),
  padding: random(8, 30, (r, i) => randomPad(r, 2 + (i % 4), i)),
  'slices, joins and repetitions': ranks.flatMap((shape, i) => reshapings(shape, i)),
  'functions of one input': Object.keys(unaryFunctions).flatMap((name) => [
    unaryCase(name, [2, 3, 2, 3], 1),
    unaryCase(name, [2, 2, 3, 2, 3], 2),
  ]),
  'functions of two inputs': Object.keys(binaryFunctions).flatMap((name) =>
    [
      [2, 3, 2, 3],
      [2, 2, 3, 2, 3],
    ].flatMap((shape) => broadcasts(name, shape)),
  ),
  reductions: Object.keys(reductions).flatMap((name) => random(9, 8, (r, i) => randomReduction(name, r, i))),
  norms: ranks
    .slice(1)
    .flatMap((shape) => [batchNormCase(shape, 1), softmaxCase(shape, false, 2), softmaxCase(shape, true, 3)]),
  'matrix products': [false, true].flatMap((left) =>
    [false, true].flatMap((right) => [
      matMulCase(left ? [3, 4] : [4, 3], right ? [5, 3] : [3, 5], left, right, 1),
      matMulCase(left ? [2, 3, 4] : [2, 4, 3], right ? [1, 5, 3] : [1, 3, 5], left, right, 2),
      matMulCase(left ? [2, 2, 3, 4] : [2, 2, 4, 3], right ? [2, 2, 5, 3] : [2, 2, 3, 5], left, right, 3),
    ]),
  ),
};

function random(seed: number, count: number, make: (random: Random, index: number) => OpCase): OpCase[] {
  const source = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => make(source, index));
}

function reshapings(shape: Sizes, seed: number): OpCase[] {
  const source = randomFrom(seed + 50);
  const begin = shape.map((size) => Math.floor(source() * size));
  const size = shape.map((whole, axis) => 1 + Math.floor(source() * (whole - (begin[axis] ?? 0))));
  const order = shape.map((_, axis) => [source(), axis] as const).sort(([a], [b]) => a - b);
  return [
    sliceCase(shape, begin, size, seed),
    // A crop of the middle, whole channels.
    sliceCase(
      shape,
      shape.map((whole, axis) => (axis > 0 && axis < shape.length - 1 && whole > 2 ? 1 : 0)),
      shape.map((whole, axis) => (axis > 0 && axis < shape.length - 1 && whole > 2 ? whole - 2 : whole)),
      seed,
    ),
    ...shape.map((_, axis) => {
      const longer = shape.map((whole, i) => (i === axis ? whole + 1 : whole));
      return concatCase([shape, longer, shape], axis, seed);
    }),
    transposeCase(
      shape,
      order.map(([, axis]) => axis),
      seed,
    ),
    tileCase(
      shape,
      shape.map(() => 1 + Math.floor(source() * 3)),
      seed,
    ),
  ];
}

/** With itself, a number, and parts of the shape, on either side. */
function broadcasts(name: string, shape: Sizes): OpCase[] {
  const last = shape.length - 1;
  const others = [
    shape,
    [],
    shape.slice(-1),
    shape.slice(1),
    shape.map((size, axis) => (axis === last ? size : 1)),
    shape.map((size, axis) => (axis === 0 || axis === last ? size : 1)),
    shape.map((size, axis) => (axis === last ? 1 : size)),
    shape.map((size, axis) => (axis === 2 ? size : 1)),
  ];
  return others.flatMap((other, i) => {
    const forward = binaryCase(name, shape, other, 10 + i);
    // Slopes never have more axes than what they are applied to.
    return name === 'prelu' ? [forward] : [forward, binaryCase(name, other, shape, 30 + i)];
  });
}

function randomReduction(name: string, random: Random, seed: number): OpCase {
  const shape = ranks[seed % ranks.length] ?? [2];
  const some = shape.map((_, axis) => axis).filter(() => random() < 0.5);
  return reductionCase(name, shape, some.length > 0 ? some : [shape.length - 1], seed % 2 === 0, seed);
}
