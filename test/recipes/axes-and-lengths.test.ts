import { describe, expect, test } from 'vitest';
import { checkRecipe } from '../../src/autodiff/checks/check-recipe.js';
import { compile } from '../../src/compiler/compile.js';
import { trainingSettings } from '../../src/train/loop/training-settings.js';

const flat = 'unet Net { input = 1 x 32 x 32; classes = 2; depth = 2; channels = 4; padding = same }';
const volumes = 'unet Net { input = 1 x 16 x 32 x 32; classes = 2; depth = 2; channels = 4; padding = same }';
const spaced = volumes.replace('depth', 'spacing = 2um x 1um x 1um; depth');

/** The errors of a recipe with these attributes for a network: in the recipe itself, and together with the network. */
function problems(network: string, attributes: string) {
  const { networks, recipes, diagnostics } = compile('net.unet', `${network}\ntraining T { ${attributes} }`);
  const [net] = networks;
  if (!net) throw new Error('the network has errors');
  return [...diagnostics, ...checkRecipe(net, recipes[0])]
    .filter(({ severity }) => severity === 'error')
    .map(({ code, args, span, help }) => ({
      code,
      args,
      at: span.file.text.slice(span.start, span.end),
      help,
    }));
}

describe('a grid of an elastic deformation', () => {
  test('has the axes of the network, whether there is a patch or not', () => {
    for (const patch of ['', 'patch = 16;', 'patch = 16 x 16 x 16;']) {
      expect(problems(volumes, `${patch} augment = elastic(grid: 2x3x3)`)).toEqual([]);
      expect(problems(volumes, `${patch} augment = elastic(grid: 3)`)).toEqual([]);
    }
    expect(problems(flat, 'augment = elastic(grid: 2x3)')).toEqual([]);
  });

  test('of other axes is an error where it is written', () => {
    expect(problems(flat, 'augment = elastic(grid: 2x3x3)')).toEqual([
      {
        code: 'rank-mismatch',
        args: { what: '`grid of elastic`', found: 3, rank: 2 },
        at: 'elastic(grid: 2x3x3)',
        help: undefined,
      },
    ]);
    expect(problems(volumes, 'augment = [flip, elastic(grid: 2x3)]')).toMatchObject([
      { args: { what: '`grid of elastic`', found: 2, rank: 3 } },
    ]);
    expect(problems(flat, 'augment = elastic(grid: 3x3x3x3)')).toMatchObject([{ code: 'rank-mismatch' }]);
  });
});

test('a patch of a single number has it on every axis of the network', () => {
  for (const [network, sizes] of [
    [flat, [16, 16]],
    [volumes, [16, 16, 16]],
  ] as const) {
    const recipe = 'patch = 16; augment = elastic(grid: 3)';
    expect(problems(network, recipe)).toEqual([]);
    const { networks, recipes } = compile('net.unet', `${network}\ntraining T { ${recipe} }`);
    const [net] = networks;
    if (!net) throw new Error('the network has errors');
    expect(trainingSettings(net, recipes[0]).loader.patch.input).toEqual(sizes);
    expect(problems(network, 'patch = 15')).toMatchObject([{ code: 'input-does-not-fit', at: '15' }]);
  }
  expect(problems(volumes, 'patch = 16 x 16')).toMatchObject([
    { args: { what: '`patch`', found: 2, rank: 3 } },
  ]);
});

describe('a length in micrometres', () => {
  test.each([
    ['weight_map = border(sigma: 5um)', ['sigma', 'border', '5um'], 'border(sigma: 5um)'],
    ['augment = elastic(std: 2um)', ['std', 'elastic', '2um'], 'elastic(std: 2um)'],
    ['augment = [blur(std: 0.5mm)]', ['std', 'blur', '0.5mm'], '[blur(std: 0.5mm)]'],
  ])('%s needs a spacing', (attributes, [option, word, length], at) => {
    expect(problems(volumes, attributes)).toEqual([
      {
        code: 'contradiction',
        args: { problem: 'length-without-spacing', option, word, length, network: 'Net' },
        at,
        help: expect.stringContaining('`spacing`'),
      },
    ]);
    expect(problems(spaced, attributes)).toEqual([]);
    expect(problems(volumes, attributes.replace(/[\d.]+(um|mm)/, '5px'))).toEqual([]);
  });
});
