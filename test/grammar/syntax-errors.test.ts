import { expect, test } from 'vitest';
import { read } from './reading.js';

/** Each diagnostic as `line:character`, counted from 1, with what its message says, and whether it has a help. */
function errorsOf(text: string): string[] {
  const { file, diagnostics } = read(text);
  return diagnostics.map(({ code, span, args, help }) => {
    const { line, character } = file.positionAt(span.start);
    const facts = [...(code === 'syntax' ? [] : [code]), ...Object.values(args)].join(' ');
    return `${line + 1}:${character + 1} ${facts}${help === undefined ? '' : ' +help'}`;
  });
}

test.each<[string, string[]]>([
  ['unet A {\n  depth =\n  channels = 64\n}', ['2:10 expected value `depth =` `channels`']],
  ['unet A {\n  skip[4] =\n  depth = 3\n}', ['2:12 expected value `skip[4] =` `depth`']],
  ['unet A {\n  skip =\n  kernel[1] = 3\n}', ['2:9 expected value `skip =` `kernel`']],
  ['unet A {\n  depth = \n}', ['2:10 expected value `depth =` `}`']],
  ['unet A {\n  depth 4\n  channels = 64\n}', ['2:9 expected `=` `depth` `4`']],
  ['unet A {\n  depth: 4\n  channels = 64\n}', ['2:8 expected `=` `depth` `:` +help']],
  ['unet A {\n  depth == 4\n}', ['2:9 expected `=` `depth` `==` +help']],
  ['unet A {\n  depth += 4\n}', ['2:9 expected `=` `depth` `+`']],
  ['unet A {\n  depth = 4,\n  channels = 64\n}', ['2:12 expected network item `,` +help']],
  ['unet A\n  depth = 4\n}', ['1:7 expected `{` `A` `depth`']],
  ['unet {\n  depth = 4\n}', ['1:6 expected name `unet` `{`']],
  ['unet A extends {\n  depth = 4\n}', ['1:16 expected name `extends` `{`']],
  ['unet 2D {\n  depth = 4\n}', ['1:6 expected name `unet` `2` +help']],
  ['unet A {\n  depth = 4', ['2:12 expected `}` the end of the file']],
  ['unet A {\n  depth = 4\nunet B { depth = 3 }', ['2:12 expected `}` the next declaration']],
  ['unet A { depth = 2 }}\nunet B { depth = 3 }', ['1:21 closes-nothing `}`']],
  ['unet A {\n  up = transpose(2x2))\n}', ['2:22 closes-nothing `)`']],
  ['unet A {\n  c = [64, 128\n  depth = 2\n}', ['2:15 expected `,` or `]` `128` `depth`']],
  ['unet A {\n  c = [64 128]\n}', ['2:11 expected `,` or `]` `64` `128`']],
  ['unet A {\n  c = [64, , 128]\n}', ['2:12 expected value `,` `,`']],
  ['unet A {\n  c = [64, 128,]\n}', ['2:16 expected value `,` `]`']],
  ['unet A {\n  up = f(2\n  depth = 2\n}', ['2:11 expected `,` or `)` `2` `depth`']],
  ['unet A {\n  up = f(2, channels = keep)\n}', ['2:22 expected `:` `channels` `=` +help']],
  ['unet A {\n  a = (2 + 3\n}', ['2:13 expected `)` `3` `}`']],
  ['unet A {\n  a = 2 +\n}', ['2:10 expected value `+` `}`']],
  ['unet A {\n  a = 1..\n}', ['2:10 expected value `..` `}`']],
  ['unet A {\n  lr = .5\n}', ['2:8 expected value `lr =` `.` +help']],
  ['unet A {\n  input = 1 x 572 x\n  depth = 2\n}', ['2:20 expected size `x` `depth`']],
  ['unet A {\n  input = 1 x 572 x572\n}', ['2:19 unexpected `x572` `572` +help']],
  ['unet A {\n  spacing = 1.76 um x 1.76 um\n}', ['2:18 unexpected `um` `1.76` +help']],
  ['unet A {\n  spacing = 1.76nm\n}', ['2:17 not-a-unit `nm` +help']],
  ['unet A {\n  skip[4 = none\n}', ['2:10 expected `,` or `]` `4` `=`']],
  ['unet A {\n  skip[] = none\n}', ['2:8 expected value `[` `]`']],
  ['unet A {\n  skip(4) = none\n}', ['2:7 expected `=` `skip` `(`']],
  ['unet A {\n  expect {\n    output = 2 x 3\n  }\n}', ['3:12 assignment-in-row']],
  [
    'unet A {\n  expect {\n    output ==\n    skip[1].crop == 3\n  }\n}',
    ['3:14 expected value `output ==` `skip`'],
  ],
  ['unet A {\n  expect {\n    output == 3 == 4\n  }\n}', ['3:17 second-comparison `==`']],
  ['unet A {\n  expect {\n    a == 2 within\n  }\n}', ['3:18 expected value `within` `}`']],
  ['unet A {\n  expect\n    output == 3\n  }\n}', ['2:9 expected `{` `expect` `output`']],
  ['expect {\n  output == 3\n}', ['1:1 expected declaration `expect` +help']],
  ['unte A {\n  depth = 2\n}', ['1:1 expected declaration `unte` +help']],
  ['block B(c) {\n}', ['1:13 expected result `}` +help']],
  ['block B(c) {\n  h = input -> conv(3, c)\n}', ['2:26 expected result `}` +help']],
  ['block B(c) {\n  input -> -> norm\n}', ['2:12 expected value `->` `->`']],
  ['block B(c) {\n  input -> conv(3, c) ->\n}', ['2:25 expected value `->` `}`']],
  ['block B(c) {\n  input => norm\n}', ['2:10 expected value `input =` `>` +help']],
  ['block B(c) {\n  input\n  norm\n}', ['2:8 expected rest of block `norm`']],
  ['block B(c {\n  input -> conv(3, c)\n}', ['1:11 expected `,` or `)` `c` `{`']],
  ['import UNet2D from "./a.unet"', ['1:8 expected `{` `import` `UNet2D`']],
  ['import { UNet2D } "./a.unet"', ['1:19 expected `from` `}` `"./a.unet"`']],
  ['import { UNet2D } from ./a.unet', ['1:24 expected string `from` `.` +help']],
  ['param base 64', ['1:12 expected `=` `base` `64`']],
  ['param = 64', ['1:7 expected name `param` `=`']],
  ['param base =\nunet A { depth = 2 }', ['1:13 expected value `base =` the next declaration']],
  ['training T {\n  loss dice\n  epochs = 3\n}', ['2:8 expected `=` `loss` `dice`']],
  ['ablation S UNet2D {\n  vary skip = [a]\n}', ['1:12 expected `of` `S` `UNet2D`']],
  ['language\nunet A { depth = 2 }', ['1:9 expected number `language` the next declaration']],
  ['unet A {\n  depth = "2\n  channels = 3\n}', ['2:11 unclosed string']],
  ['unet A {\n  depth = 2 # four\n}', ['2:13 unexpected-character #']],
  ['unet A {\n  depth = 4\n}\n/* not closed', ['4:1 unclosed comment']],
  ['unet', ['1:5 expected name `unet` the end of the file']],
])('%j', (text, errors) => {
  expect(errorsOf(text)).toEqual(errors);
});

test.each([
  ['unet A {\n  depth: 4\n}', '`=`'],
  ['unet A {\n  depth = 4,\n}', 'list'],
  ['unet 2D {}', 'letter'],
  ['unet A {\n  up = f(2, channels = keep)\n}', '`:`'],
  ['unet A {\n  lr = .5\n}', '`0.5`'],
  ['unet A {\n  input = 1 x 572 x572\n}', 'blanks'],
  ['unet A {\n  spacing = 1.76 um x 1.76 um\n}', '`1.76um`'],
  ['unet A {\n  spacing = 1.76nm\n}', '`um`, `mm`'],
  ['expect {\n  output == 3\n}', '`unet`'],
  ['unte A {\n  depth = 2\n}', '`unet`'],
  ['block B(c) {\n}', 'last line'],
  ['block B(c) {\n  input => norm\n}', '`->`'],
  ['import { UNet2D } from ./a.unet', 'quotes'],
])('%j has a remedy', (text, remedy) => {
  expect(read(text).diagnostics[0]?.help).toContain(remedy);
});

test.each<[string, string[]]>([
  [
    'unet A {\n  a =\n  b =\n  c =\n}',
    ['2:6 expected value `a =` `b`', '3:6 expected value `b =` `c`', '4:6 expected value `c =` `}`'],
  ],
  [
    'unet A {\n  a == 1\n  b = [1, 2\n  c = 3\n}\nblock B {\n  x =\n  y = 1\n  x\n}\nparam = 3\n',
    [
      '2:5 expected `=` `a` `==` +help',
      '3:12 expected `,` or `]` `2` `c`',
      '7:6 expected value `x =` `y`',
      '11:7 expected name `param` `=`',
    ],
  ],
  [
    'unet A {\n  depth = (4\n\nunet B {\n  depth = 4)\n}\n\nunet C {\n  depth 4\n  expect { output = 3 }\n}\n',
    [
      '2:13 expected `)` `4` the next declaration',
      '5:12 closes-nothing `)`',
      '9:9 expected `=` `depth` `4`',
      '10:19 assignment-in-row',
    ],
  ],
  [
    'unet A { a = ; b = ; c = }',
    ['1:14 expected value `a =` `;`', '1:20 expected value `b =` `;`', '1:26 expected value `c =` `}`'],
  ],
  [
    'training T {\n  a = f(1,)\n  b = 2 $\n  c = "x\n}\n',
    ['2:11 expected value `,` `)`', '3:9 unexpected-character $', '4:7 unclosed string'],
  ],
])('separate mistakes are reported separately: %j', (text, errors) => {
  expect(errorsOf(text)).toEqual(errors);
});

test('what surrounds a mistake is still read', () => {
  const { tree, damaged } = read(
    'unet A {\n  depth 4\n  skip = add\n}\nunet B { depth = 3 }\nblock C(c) {\n  h = input -> -> norm\n  h\n}\nparam d = 1\n',
  );
  const names = tree.declarations.map((one) => ('name' in one ? one.name.name : one.kind));
  expect(names).toEqual(['A', 'B', 'C', 'd']);
  expect([...damaged].map((one) => ('name' in one ? one.name.name : one.kind))).toEqual(['A', 'C']);
  const [first] = tree.declarations;
  if (first?.kind !== 'unet') throw new Error('no network');
  expect(first.members.map((one) => (one.kind === 'attribute' ? one.name.name : one.kind))).toContain('skip');
});

test('a bracket that is never closed is shown', () => {
  const text = 'unet A {\n  channels = [64,\n    128\n  depth = 2\n}';
  const [error, ...others] = read(text).diagnostics;
  expect(others).toEqual([]);
  expect(error?.notes.map(({ span }) => [span.start, span.end])).toEqual([
    [text.indexOf('['), text.indexOf('[') + 1],
  ]);
});

test('a mistyped keyword has a fix', () => {
  const [error] = read('Block B(c) { input }').diagnostics;
  expect(error?.fixes.map((fix) => fix.edits.map((edit) => edit.newText))).toEqual([['block']]);
});
