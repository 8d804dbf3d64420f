import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { memoryProblem } from '../../src/train/loop/memory-fit.js';
import { trainingSettings } from '../../src/train/loop/training-settings.js';

const text = (
  batch: number,
) => `unet Net { input = 1 x 32 x 32 classes = 2 depth = 1 channels = 4 padding = same }
training T { patch = 16 x 16 batch = ${batch} }`;

/** What a step of the network takes a patch, as the analyses say it at that input; and the mismatch in so much memory. */
function mismatch(batch: number, available: (each: number) => number) {
  const { networks, recipes } = compile('net.unet', text(batch));
  const [atPatch] = compile('net.unet', text(batch), { input: '1 x 16 x 16' }).networks;
  const [network] = networks;
  if (!network || !atPatch) throw new Error('the network has errors');
  const settings = trainingSettings(network, recipes[0]);
  return memoryProblem(network, settings, available(atPatch.facts.memory.training))?.message;
}

test('what fits is not said, to the byte', () => {
  expect(mismatch(3, (each) => 3 * each)).toBeUndefined();
  expect(mismatch(3, (each) => 3 * each - 1)).toMatch(
    /^a step of Net takes at least [\d.]+ KiB of memory, and there are [\d.]+ KiB: a batch of 3 patches of 16 x 16, /,
  );
});

test('the largest batch is said, or that no batch would do', () => {
  expect(mismatch(9, (each) => 4.5 * each)).toMatch(/\. Take at most `batch = 4`, or a smaller `patch`$/);
  expect(mismatch(1, (each) => each / 2)).toMatch(/\. Take a smaller `patch`$/);
});
