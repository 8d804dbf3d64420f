import { expect, test } from 'vitest';
import type { Expression } from '../../grammar/ast.js';
import { unetLexer } from '../../grammar/parse/tokens.js';
import { meaning, read } from './reading.js';

/** An expression in few words: what kind it is, and of what. */
function short(node: Expression): unknown {
  switch (node.kind) {
    case 'number':
      return node.unit ? `${node.value}${node.unit}` : node.value;
    case 'name':
      return node.name;
    case 'dims':
      return ['dims', ...node.sizes.map(short)];
    case 'call':
      return [`${node.callee.name}()`, ...node.args.map((one) => short(one.value))];
    case 'index':
      return [`${node.target.name}[]`, ...node.indices.map(short)];
    case 'list':
      return ['list', ...node.items.map(short)];
    case 'pipe':
      return ['pipe', ...node.parts.map(short)];
    case 'chain':
      return ['chain', node.operators.join(''), ...node.operands.map(short)];
    default:
      return node.kind;
  }
}

/** The attributes of a network, in few words. */
function attributesOf(body: string): Record<string, unknown> {
  const { tree, diagnostics } = read(`unet A {\n${body}\n}`);
  expect(diagnostics.map((d) => d.message)).toEqual([]);
  const [network] = tree.declarations;
  if (network?.kind !== 'unet') throw new Error('no network');
  const attributes = network.members.filter((one) => one.kind === 'attribute');
  return Object.fromEntries(attributes.map((one) => [one.name.name, short(one.value)]));
}

test.each<[string, unknown]>([
  ['1 x 572 x 572', ['dims', 1, 572, 572]],
  ['3x3', ['dims', 3, 3]],
  ['3×3', ['dims', 3, 3]],
  ['3 × 3', ['dims', 3, 3]],
  ['3xc', ['dims', 3, 'c']],
  ['3 x c', ['dims', 3, 'c']],
  ['c x 3', ['dims', 'c', 3]],
  ['c x d x 3', ['dims', 'c', 'd', 3]],
  ['x x x', ['dims', 'x', 'x']],
  ['3x(c + 1)', ['dims', 3, 'group']],
  ['2 x (c + 1) x 3', ['dims', 2, 'group', 3]],
  ['a[1] x 3', ['dims', ['a[]', 1], 3]],
  ['f(2)x3', ['dims', ['f()', 2], 3]],
  ['1.76um x 2um', ['dims', '1.76um', '2um']],
  ['1um × 2µm', ['dims', '1um', '2um']],
  ['x', 'x'],
  ['x3', 'x3'],
  ['x + x3', ['chain', '+', 'x', 'x3']],
  ['x(3)', ['x()', 3]],
  ['[x, x]', ['list', 'x', 'x']],
  ['a -> x -> x(2)', ['pipe', 'a', 'x', ['x()', 2]]],
  ['2 * x', ['chain', '*', 2, 'x']],
])('%s', (text, expected) => {
  expect(attributesOf(`a = ${text}\nb = 1`)).toEqual({ a: expected, b: 1 });
});

test.each(['\n', ' ', '; ', ' // c\n', '\n\n'])('names that begin with x after a number and %j', (end) => {
  expect(attributesOf(`a = 1${end}x = 2${end}x3 = 3${end}x[1] = x`)).toEqual({ a: 1, x: 'x', x3: 3 });
  const block = read(`block B {\n a = 1${end}x3 = a -> b(2)${end}x = 4${end}x3 -> x\n}`);
  expect(block.diagnostics).toEqual([]);
});

test('a call of x on its own line', () => {
  const { tree, diagnostics } = read('block B {\n  n = 5\n  x(n) -> norm\n}');
  expect(diagnostics).toEqual([]);
  const [block] = tree.declarations;
  expect(block?.kind === 'block' && short(block.result)).toEqual(['pipe', ['x()', 'n'], 'norm']);
});

const keywords = unetLexer()
  .tokenize(
    'language import from param unet extends block training ablation of with within expect vary variant',
  )
  .tokens.map((token) => token.image);

test.each(keywords)('%s is a name wherever a name is expected', (word) => {
  const { tree, diagnostics } = read(
    `import { ${word} } from "./a.unet"
param ${word} = 1
unet ${word} extends ${word} {
  ${word} = ${word}
  ${word}[1] = f(${word}, ${word}: ${word})
  expect { ${word}.${word} == ${word} within 1 }
  ${word}[2..3] = [${word}, ${word}[${word}]]
  last = ${word}
}
block ${word}(${word}, a = ${word}) {
  ${word} = input -> ${word}(${word})
  ${word} + ${word}
}
training ${word} { ${word} = 1 }
ablation ${word} of ${word} with ${word} {
  vary ${word} = [${word}]
  variant ${word} { ${word} = ${word} }
  ${word} = 2
}
`,
  );
  expect(diagnostics.map((d) => [d.message, d.span.start])).toEqual([]);
  expect(tree.declarations.map((one) => one.kind)).toEqual([
    ...['import', 'param', 'unet', 'block', 'training', 'ablation'],
  ]);
  const network = tree.declarations[2];
  if (network?.kind !== 'unet') throw new Error('no network');
  expect(network.members.map((one) => one.kind)).toEqual([
    ...['attribute', 'attribute', 'expect', 'attribute', 'attribute'],
  ]);
});

test('an attribute that is called block, behind an expect', () => {
  const { tree, diagnostics } = read(
    'unet A {\n  expect { depth == 3 }\n  block = a\n  block[2] = b\n  a = block\n  expect { c }\n}',
  );
  expect(diagnostics).toEqual([]);
  expect(tree.declarations.length).toBe(1);
});

test('keywords as values at the end of a line, before the next declaration', () => {
  const words = ['of', 'with', 'extends', 'block', 'unet'];
  const text = words.map((word) => `param a = ${word}\nimport { A } from "x"\n`).join('');
  const { tree, diagnostics } = read(`${text}param a = block\nunet B { a = training\n b = 1 }`);
  expect(diagnostics).toEqual([]);
  expect(tree.declarations.length).toBe(2 * words.length + 2);
});

test('a row that begins with a list is no index of the name on the line before', () => {
  const { tree, diagnostics } = read('unet A {\n  expect {\n    a !=\n      x3\n    [1] == b\n  }\n}');
  expect(diagnostics).toEqual([]);
  const [network] = tree.declarations;
  const block = network?.kind === 'unet' ? network.members[0] : undefined;
  expect(block?.kind === 'expect' && block.rows.map((row) => short(row.left))).toEqual(['a', ['list', 1]]);
});

test('an opening bracket on a line of its own is no call', () => {
  const { tree } = read('block B {\n  h = a\n  (h + b)\n}');
  const [block] = tree.declarations;
  if (block?.kind !== 'block') throw new Error('no block');
  expect(block.bindings.map((one) => short(one.value))).toEqual(['a']);
  expect(short(block.result)).toBe('group');
});

test('line ends, byte order marks and blanks do not change what a text means', () => {
  const text = 'unet A {\n  // c\n  depth = 3 /* a\n b */\n  input = 1 x 5\n}\n';
  const plain = meaning(read(text).tree);
  for (const other of [
    text.replaceAll('\n', '\r\n'),
    text.replaceAll('\n', '\r'),
    `\ufeff${text}`,
    text.replaceAll(' = ', '\t=\u00a0\n'),
    text.trimEnd(),
  ]) {
    const parsed = read(other);
    expect(parsed.diagnostics).toEqual([]);
    expect(meaning(parsed.tree)).toEqual(plain);
  }
});
