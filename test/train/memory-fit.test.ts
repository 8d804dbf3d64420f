import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { memoryProblem } from '../../src/train/loop/memory-fit.js';
import { trainingSettings } from '../../src/train/loop/training-settings.js';

const text = (
  batch: number,
) => `unet Net { input = 1 x 32 x 32 classes = 2 depth = 1 channels = 4 padding = same }
training T { patch = 16 x 16 batch = ${batch} }`;

/** Whether a batch fits, given the memory that the analyses find for one patch. */
function mismatch(batch: number, available: (each: number) => number) {
  const { networks, recipes } = compile('net.unet', text(batch));
  const [atPatch] = compile('net.unet', text(batch), { input: '1 x 16 x 16' }).networks;
  const [network] = networks;
  if (!network || !atPatch) throw new Error('the network has errors');
  const settings = trainingSettings(network, recipes[0]);
  return memoryProblem(network, settings, available(atPatch.facts.memory.training));
}

test('a batch that fits passes, to the byte', () => {
  expect(mismatch(3, (each) => 3 * each)).toBeUndefined();
  const size = expect.stringMatching(/^[\d.]+ KiB$/);
  expect(mismatch(3, (each) => 3 * each - 1)).toMatchObject({
    code: 'step-memory',
    args: { network: 'Net', batch: 3, patch: [16, 16], needed: size, available: size, each: size },
  });
});

test('the failure gives the largest batch that fits, or none', () => {
  expect(mismatch(9, (each) => 4.5 * each)).toMatchObject({
    args: { largest: 4 },
    help: expect.stringContaining('`batch = 4`'),
  });
  expect(mismatch(1, (each) => each / 2)).toMatchObject({
    args: { largest: 0 },
    help: expect.not.stringContaining('batch'),
  });
});
