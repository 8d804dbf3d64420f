import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';

/** A network of a block with these statements before its result `h`. */
function factsOf(statements: string) {
  const text = `block Own(c) {\n  h = input -> conv(3, c)\n${statements}\n  h -> activation\n}
unet Net { input = 1 x 61 x 61; classes = 2; padding = same; depth = 1; block = Own; pool = max(1x1) }`;
  const { networks, diagnostics } = compile('a.unet', text);
  return { facts: networks[0]?.facts, codes: diagnostics.map((diagnostic) => diagnostic.code) };
}

test('what a block binds and never uses is warned about, and no part of the network', () => {
  const without = factsOf('');
  // The pooling would demand an even size, and the conv would have weights.
  const unused = factsOf('  g = input -> max(2x2) -> conv(5, c)');
  expect(without.codes).toEqual([]);
  expect(unused.codes).toEqual(['unused-value']);
  expect(unused.facts?.parameters).toBeGreaterThan(0);
  expect(unused.facts?.parameters).toBe(without.facts?.parameters);
  expect(unused.facts?.macs).toBe(without.facts?.macs);
  expect(unused.facts?.graph.nodes.map((node) => node.kind)).toEqual(
    without.facts?.graph.nodes.map((node) => node.kind),
  );
});

test('a map that is used only for its size is no part of the network either', () => {
  const sized = factsOf('  g = input -> conv(5, c)\n  k = h -> crop_like(g)\n  m = k + h');
  expect(sized.codes).toEqual(['unused-value']);
  expect(sized.facts?.parameters).toBe(factsOf('').facts?.parameters);
});
