import { expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import { memoryMisfit } from '../../src/train/memory-fit.js';
import { trainingSettings } from '../../src/train/training-settings.js';

const text = (
  batch: number,
) => `unet Net { input = 1 x 32 x 32 classes = 2 depth = 1 channels = 4 padding = same }
training T { patch = 16 x 16 batch = ${batch} }`;

/** What a step of the network takes a patch, as the analyses say it at that input; and the misfit in so much memory. */
function misfit(batch: number, available: (each: number) => number) {
  const { networks, recipes } = compile('net.unet', text(batch));
  const [atPatch] = compile('net.unet', text(batch), { input: '1 x 16 x 16' }).networks;
  const [network] = networks;
  if (!network || !atPatch) throw new Error('the network has errors');
  const settings = trainingSettings(network, recipes[0]);
  return memoryMisfit(network, settings, available(atPatch.facts.memory.training))?.message;
}

test('what fits is not said, to the byte', () => {
  expect(misfit(3, (each) => 3 * each)).toBeUndefined();
  expect(misfit(3, (each) => 3 * each - 1)).toMatch(
    /^a step of Net takes at least [\d.]+ KiB of memory, and there are [\d.]+ KiB: a batch of 3 patches of 16 x 16, /,
  );
});

test('the largest batch is said, or that no batch would do', () => {
  expect(misfit(9, (each) => 4.5 * each)).toMatch(/\. Take at most `batch = 4`, or a smaller `patch`$/);
  expect(misfit(1, (each) => each / 2)).toMatch(/\. Take a smaller `patch`$/);
});
