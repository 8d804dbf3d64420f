import { describe, test } from 'vitest';
import { specText } from '../specs/spec-files.js';
import { expectStages } from './expect-stages.js';

describe('the published networks on onnxruntime, stage by stage', () => {
  // unet2d.full.ts has more channels.
  test('UNet2D at its smallest input, 1 x 188 x 188, with a quarter of its channels', {
    timeout: 180_000,
  }, async () => {
    const text = `import { UNet2D } from "./unet2d.unet"\nunet Small extends UNet2D { input = 1 x 188 x 188  channels = 16 }`;
    await expectStages(text, 'Small', { 'unet2d.unet': specText('unet2d.unet') });
  });

  test('UNet3D at sizes that differ, 92 x 100 x 108, with a sixteenth of its channels', {
    timeout: 180_000,
  }, async () => {
    const text = `import { UNet3D } from "./unet3d.unet"\nunet Small extends UNet3D { input = 3 x 92 x 100 x 108  channels = 4 }`;
    await expectStages(text, 'Small', { 'unet3d.unet': specText('unet3d.unet') });
  });
});
