import { expect, test } from 'vitest';
import { parametersOf } from '../../src/ir/graph.js';
import { bindTensors } from '../../src/weights/bind/bind-tensors.js';
import type { TensorListing } from '../../src/weights/tensor-listing.js';
import { compiled } from './torch-networks.js';

const { graph } = compiled(
  'unet N { input = 1 x 4 x 4; classes = 2; depth = 1; channels = 1; padding = same }',
);
const [first, ...others] = parametersOf(graph);
if (first === undefined) throw new Error('the network has no parameters');
const slots = [first, ...others].map((parameter) => ({
  ...{
    parameter,
    name: `net.${parameter.name.replaceAll('[', '.').replaceAll(']', '')}`,
    shape: parameter.shape,
  },
}));
const name = slots[0]?.name ?? '';

/** A file with the tensors of all other slots, and further ones of the shape of the first. */
function listingWith(more: readonly string[]): TensorListing {
  const all = [
    ...slots.slice(1).map((slot) => ({ name: slot.name, shape: slot.shape })),
    ...more.map((one) => ({ name: one, shape: first?.shape ?? [] })),
  ];
  const tensors = all.map((one) => ({
    ...one,
    chunks: () => [new Float32Array(one.shape.reduce((count, size) => count * size, 1))],
  }));
  const names = new Set(all.map((one) => one.name));
  return { format: 'pytorch', tensors, names, problems: [], metadata: {}, place: '', others: [] };
}

// One of the parts has the shape of the tensor and almost its name, but other values.
test.each([
  [['_g', '_v'], 'weight-norm', 2],
  [['_orig', '_u', '_v'], 'spectral-norm', 2],
  [['_orig', '_mask'], 'pruning', 2],
  [['.original0', '.original1'], 'parametrization', 2],
  [['.original', '.0._u', '.0._v'], 'parametrization', 3],
] as const)('%j is not taken for the tensor that is computed from it: %s', (endings, undo, shown) => {
  const inside = undo === 'parametrization' ? name.replace(/\.(\w+)$/, '.parametrizations.$1') : name;
  const parts = endings.map((ending) => inside + ending);
  const reading = bindTensors(slots, listingWith(parts), () => false);
  const missing = (reading.ok ? [] : reading.problems).filter(({ code }) => code === 'missing-tensor');
  expect(missing).toMatchObject([{ tensor: name, parts: { undo, names: parts.slice(0, shown) } }]);
  expect(missing[0]).not.toHaveProperty('nearest');
});

test('another name of the same shape is still suggested', () => {
  const reading = bindTensors(slots, listingWith([`${name}s`]), () => false);
  expect(reading.ok ? [] : reading.problems).toContainEqual(expect.objectContaining({ nearest: `${name}s` }));
});
