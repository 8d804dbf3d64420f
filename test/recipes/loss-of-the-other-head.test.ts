import { expect, test } from 'vitest';
import { checkRecipe } from '../../src/autodiff/checks/check-recipe.js';
import { compile } from '../../src/compiler/compile.js';
import { applyEdits } from '../diagnostics/fixture-format.js';

function checked(text: string) {
  const { networks, recipes } = compile('net.unet', text);
  const [network] = networks;
  if (!network) throw new Error('the network has errors');
  return checkRecipe(network, recipes[0]);
}

const net = 'unet Net { input = 1 x 16 x 16  depth = 1  padding = same  classes = 2 }';

test.each([
  ['bce', 'cross_entropy'],
  ['0.5 * bce + 0.5 * dice(smooth: 1)', '0.5 * cross_entropy + 0.5 * dice(smooth: 1)'],
  ['dice + 2 * (focal + 3 * bce) + bce()', 'dice + 2 * (focal + 3 * cross_entropy) + cross_entropy'],
])('a loss of the other head is reported where it is written, with a fix: %s', (loss, mended) => {
  const recipe = (text: string) => `${net}\ntraining T { loss = ${text} }`;
  const [problem, ...more] = checked(recipe(loss));
  expect(more).toEqual([]);
  if (!problem) throw new Error('nothing was reported');
  const { span, fixes } = problem;
  expect(span.file.text.slice(span.start, span.start + 3)).toBe('bce');
  const [fix] = fixes;
  const text = applyEdits(span.file.text, fix?.edits ?? []);
  expect(text).toBe(recipe(mended));
  expect(checked(text)).toEqual([]);
});
