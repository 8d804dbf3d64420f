import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { network, numbersOf, recipe, trainArguments, workFolder } from './cells-run.js';

test('the same seed gives the same bytes, with however many workers', () => {
  // Everything that draws: patches, augmentation, dropout, the split, the first weights.
  const drawing = recipe.replace('[flip, noise]', '[flip, rotate, elastic, noise]');
  const work = workFolder(`${network.replace('depth', 'dropout = 0.2\n  depth')}${drawing}`);
  const train = (output: string, ...args: readonly string[]) => {
    expect(unet(trainArguments(output, ...args), work)).toMatchObject({ code: 0, stderr: '' });
    return numbersOf(join(work, output));
  };
  const first = train('first');
  expect(Object.keys(first)).toContain('model.onnx');
  expect(train('second')).toEqual(first);
  expect(train('workers', '--workers', '2')).toEqual(first);
  const other = train('other', '--seed', '1');
  expect(other['best.safetensors']).not.toBe(first['best.safetensors']);
  rmSync(work, { recursive: true });
});
