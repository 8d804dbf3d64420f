import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkRecipe } from '../../src/autodiff/checks/check-recipe.js';
import { compile } from '../../src/compiler/compile.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';
import { root } from './markdown.js';

const specs = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.unet'));

it.each(specs)('examples/%s compiles, and its recipes go with its networks', (name) => {
  const path = join(root, 'examples', name);
  const { networks, recipes, diagnostics } = compile(path, readFileSync(path, 'utf8'), { host: nodeHost });
  expect(diagnostics).toEqual([]);
  expect(networks.length * recipes.length).toBeGreaterThan(0);
  for (const network of networks) {
    for (const recipe of recipes) expect(checkRecipe(network, recipe)).toEqual([]);
  }
});
